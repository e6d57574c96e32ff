"""Micrographs: atoms, their neighbours, and what pairs of bright dots are worth."""
