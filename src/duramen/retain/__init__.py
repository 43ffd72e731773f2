"""Retain: how what is given becomes memories."""
