"""Images with known atoms: Poisson dose, textured support of varying thickness, pairs."""

from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from adatom.readers.micrograph import Micrograph

PAIR_ANGSTROM = 2.4


def planted(
    *,
    atoms,
    side=1024,
    pixel=0.1,
    width=0.5,
    height=30.0,
    support=40.0,
    texture=0.08,
    spread=0.15,
    paired=0.5,
    seed=0,
):
    """Counts (side, side), positions in pixels (atoms, 2), heights (atoms,).

    The support is ``support`` electrons a pixel, thicker to the right by 60 %, with relative
    fluctuations ``texture`` correlated over 0.7 A; half of the atoms have a partner at 2.4 A.
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side]
    thickness = 1.0 + 0.6 * (x / side - 0.5) + 0.2 * np.sin(3.0 * y / side)
    grain = ndimage.gaussian_filter(random.standard_normal((side, side)), 0.7 / pixel)
    image = support * thickness * (1.0 + texture * grain / grain.std())
    rim, apart = 4.0 * width / pixel, PAIR_ANGSTROM / pixel
    places = []

    def free(place):
        inside = (place > rim).all() and (place < side - rim).all()
        return inside and all(np.hypot(*(place - other)) > 0.99 * apart for other in places)

    while len(places) < atoms:
        place = random.uniform(0, side, 2)
        angle = random.uniform(0.0, 2.0 * np.pi)
        partner = place + apart * np.array([np.cos(angle), np.sin(angle)])
        if not free(place):
            continue
        if len(places) + 2 <= paired * atoms:
            if free(partner):
                places += [place, partner]
        else:
            places.append(place)
    places = np.array(places).reshape(-1, 2)
    heights = height * np.exp(spread * random.standard_normal(len(places)))
    wide = width / pixel
    for (a, b), top in zip(places, heights, strict=True):
        i, j = int(b), int(a)
        r = int(5 * wide) + 1
        rows, columns = np.s_[max(0, i - r) : i + r + 1], np.s_[max(0, j - r) : j + r + 1]
        square = (x[rows, columns] - a) ** 2 + (y[rows, columns] - b) ** 2
        image[rows, columns] += top * np.exp(-0.5 * square / wide**2)
    return random.poisson(image).astype(float), places, heights


def micrograph(image, pixel=0.1):
    return Micrograph(Path("planted"), "array", "planted", image, pixel, "{}", "")


def matches(found, true, reach):
    """Indices into both, one to one, of positions within reach."""
    if not len(found) or not len(true):
        return np.empty(0, int), np.empty(0, int)
    distance = np.hypot(*(found[:, None] - true[None]).transpose(2, 0, 1))
    i, j = linear_sum_assignment(np.where(distance <= reach, distance - 1e3, 0.0))
    close = distance[i, j] <= reach
    return i[close], j[close]
