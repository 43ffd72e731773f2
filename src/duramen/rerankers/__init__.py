"""Second opinions on the best memories."""
