"""adatom."""
