"""Instrument files: one module a format, bytes in, data with units and the untouched header out."""

from adatom.readers.detection import read_recording

__all__ = ["read_recording"]
