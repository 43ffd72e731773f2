"""The commands of `duramen`, by what they are for."""
