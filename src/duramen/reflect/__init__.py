"""Reflect: an answer drawn from what a bank recalls."""
