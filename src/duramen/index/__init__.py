"""The bank index: what the arms search, derived from the store and rebuildable at any time."""
