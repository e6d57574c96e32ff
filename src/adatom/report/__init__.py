"""A result -> one self-contained interactive HTML file, and its tables."""
