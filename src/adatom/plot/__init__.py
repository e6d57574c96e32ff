"""Draws results on given matplotlib axes."""
