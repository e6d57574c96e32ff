"""Instrument files: one module a format, bytes in, data with units and the untouched header out."""
