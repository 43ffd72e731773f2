"""Stores: each keeps banks and their journal, and ranks nothing."""
