"""``adatom predict``: from sites to polarization curves."""


def predict() -> None:
    """Predict."""
