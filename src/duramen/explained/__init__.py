"""Why a recall gave what it gave, and why it did not give something else: as data, in words, and drawn."""
