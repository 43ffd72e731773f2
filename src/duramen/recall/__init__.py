"""Recall: arms that each find in their own way, fused by calibrated scores and cut to a budget."""
