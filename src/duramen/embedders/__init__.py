"""Embedders: each turns texts into unit vectors and runs on this machine, without a download."""
