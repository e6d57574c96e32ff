"""Where a name fits on a map of domains."""

import numpy as np
from scipy import ndimage


def widest_point(domain: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The largest connected piece of a boolean map, and the row and column farthest inside it."""
    pieces, count = ndimage.label(domain)
    sizes = ndimage.sum_labels(domain, pieces, range(1, count + 1))
    piece = pieces == int(np.argmax(sizes)) + 1
    depth = ndimage.distance_transform_edt(np.pad(piece, 1))[1:-1, 1:-1]
    row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return piece, int(row), int(column)
