"""What makes the intensities of an image unfit: clipped, wrapped, tiled, torn, or not there."""

import numpy as np

from adatom.errors import ImageError

SMALLEST = 64
"""Pixels along a side; fewer leave no background to estimate noise from."""
SATURATED_REFUSED = 0.01
"""Share of pixels at the largest value above which the image is refused."""
SATURATED_NAMED = 1e-4
_PILES = {"largest": 0.25, "smallest": 5.0}
"""Pixels at an end of the range against those at the levels beside it. The tail of a histogram ends
with single pixels above; below, counts end at 0."""
_WRAPPED = 0.7
"""Total variation after undoing an overflow, against before."""
_AMID = 0.05
_FEWEST_AMID = 20
"""Pixels in the lowest quarter of the range with two neighbours in the highest one, against those
there: an image that resolves atoms passes through the middle."""
_BLOCK = 16
_COPIED_BLOCKS = 4
"""Blocks of 16 x 16 equal pixels that make a copy; noise never repeats."""
_SEAM = 8.0
"""A step between two rows or columns, in standard deviations of such steps."""
_REACH = 10
_JUMP = 2
"""Pixels between neighbouring rows that are named a jump."""
_SMOOTH = 2.0
_SURE = 5.0
_ELONGATED = 1.25


def inspect_intensities(name: str, image: np.ndarray) -> list[str]:
    """Raise :class:`~adatom.errors.ImageError` for what is unfit; name what is doubtful."""
    if min(image.shape) < SMALLEST:
        raise ImageError(
            f"{name}: {image.shape[0]} x {image.shape[1]} pixels; at least {SMALLEST} x {SMALLEST}"
            " are needed to tell atoms from background"
        )
    missing = int(image.size - np.isfinite(image).sum())
    if missing:
        raise ImageError(
            f"{name}: {missing} pixels are not numbers (NaN or infinite); crop them away or export"
            " the recorded image"
        )
    if image.min() == image.max():
        raise ImageError(f"{name}: every pixel is {image.flat[0]:g}; the image is empty")
    _refuse_overflow(name, image)
    values = np.asarray(image, dtype=np.float64)
    notes = _clipping(name, values)
    notes += _tiling(name, values)
    notes += scan_distortion(values)
    return notes


def _clipping(name: str, image: np.ndarray) -> list[str]:
    notes = []
    for what, values in (("largest", image), ("smallest", -image)):
        clipped = _piled(values, _PILES[what])
        if clipped >= SATURATED_REFUSED and what == "largest":
            raise ImageError(
                f"{name}: saturated, {100 * clipped:.1f} % of the pixels are at the largest value"
                f" {image.max():g}; intensities there are lost: record again with less gain"
            )
        if clipped >= SATURATED_NAMED:
            notes.append(
                f"{100 * clipped:.2f} % of the pixels are clipped at the {what} value: the image"
                " was stretched or the detector left its range; intensities there are wrong"
            )
    return notes


def _piled(image: np.ndarray, pile: float) -> float:
    """Share of pixels at the largest value where that is a pile, not the end of a tail."""
    top = image.max()
    share = float((image == top).mean())
    if share < SATURATED_NAMED:
        return 0.0
    count = max(int(image.size * min(10.0 * share, 1.0)), 2)
    highest = np.partition(image.ravel(), image.size - count)[-count:]
    levels, numbers = np.unique(highest, return_counts=True)
    if len(levels) == 1:
        return share
    below = numbers[:-1][-2:].max()
    return share if numbers[-1] > pile * below else 0.0


def _refuse_overflow(name: str, image: np.ndarray) -> None:
    """An overflow undone makes the image smoother; few wrapped pixels are dark amid bright ones."""
    rows = np.asarray(image[:: max(1, image.shape[0] // 512)], dtype=np.float64)
    if not np.array_equal(rows, np.round(rows)):
        return
    before = np.abs(np.diff(rows, axis=1)).sum()
    low, high = rows.min(), rows.max()
    for bits in (8, 16):
        span = 2.0**bits
        if not 0.75 * span <= high - low < span:
            continue
        for shift in np.arange(8) * span / 8:
            after = np.abs(np.diff(np.mod(rows - low + shift, span), axis=1)).sum()
            if after < _WRAPPED * before:
                how = (
                    f"negative values are unsigned numbers read as signed: add {span:.0f} to them"
                    if low < 0
                    else f"values jump between {low:.0f} and {high:.0f}: export with more bits"
                )
                raise ImageError(f"{name}: {bits}-bit overflow; {how}")
        dark, bright = _dark_amid_bright(image, low, high)
        if dark >= max(_FEWEST_AMID, _AMID * bright):
            raise ImageError(
                f"{name}: {bits}-bit overflow, {dark} pixels are dark amid bright ones; export with"
                " more bits"
            )


def _dark_amid_bright(image: np.ndarray, low: float, high: float) -> tuple[int, int]:
    """Pixels of the lowest quarter with two neighbours of the highest, and those of the highest."""
    bright = image > low + 0.75 * (high - low)
    inner = bright[1:-1, 1:-1]
    around = [bright[:-2, 1:-1], bright[2:, 1:-1], bright[1:-1, :-2], bright[1:-1, 2:]]
    dark = image[1:-1, 1:-1] < low + 0.25 * (high - low)
    amid = dark & (np.sum(around, axis=0, dtype=np.int8) >= 2)
    return int(amid.sum()), int(inner.sum())


def _tiling(name: str, image: np.ndarray) -> list[str]:
    shift = _copied(image)
    if shift is not None:
        raise ImageError(
            f"{name}: tiled, parts repeat pixel by pixel at a distance of {abs(shift[1])} columns"
            f" and {abs(shift[0])} rows; give one recorded image, not a mosaic"
        )
    rows, columns = _seams(image), _seams(image.T)
    if rows and columns:
        raise ImageError(
            f"{name}: a mosaic, with seams after row {rows[0]} and column {columns[0]}; give the"
            " recorded images one by one"
        )
    if columns:
        raise ImageError(
            f"{name}: a mosaic, with a seam after column {columns[0]}; give the recorded images"
            " one by one"
        )
    if rows:
        return [
            f"a step in brightness after row {', '.join(map(str, rows[:5]))}: the beam or gain"
            " changed, or images were stacked; analyse the parts one by one"
        ]
    return []


def _copied(image: np.ndarray) -> tuple[int, int] | None:
    """Shift (rows, columns) at which blocks of the image repeat exactly."""
    from scipy import fft

    fine = image.astype(np.float32)
    fine = fine - 0.25 * (
        np.roll(fine, 1, 0) + np.roll(fine, -1, 0) + np.roll(fine, 1, 1) + np.roll(fine, -1, 1)
    )
    limit = 4.0 * float(np.abs(fine).mean())
    np.clip(fine, -limit, limit, out=fine)  # a few bright pixels must not rule
    shape = [fft.next_fast_len(n + n // 2, real=True) for n in fine.shape]
    power = np.abs(fft.rfft2(fine, shape)) ** 2
    found = fft.irfft2(power, shape)
    found[:_BLOCK, :_BLOCK] = found[-_BLOCK:, :_BLOCK] = 0.0
    found[:_BLOCK, -_BLOCK:] = found[-_BLOCK:, -_BLOCK:] = 0.0
    for at in np.argpartition(found.ravel(), -8)[-8:]:
        down, right = np.unravel_index(int(at), found.shape)
        shift = tuple(
            int(s - n if s > n // 2 else s) for s, n in zip((down, right), shape, strict=True)
        )
        if _equal_blocks(image, *shift) >= _COPIED_BLOCKS:
            return shift[0], shift[1]
    return None


def _equal_blocks(image: np.ndarray, down: int, right: int) -> int:
    """Blocks with structure that equal the image shifted by so many rows and columns."""
    rows, columns = image.shape
    if abs(down) >= rows or abs(right) >= columns:
        return 0
    first = image[max(0, down) : rows + min(0, down), max(0, right) : columns + min(0, right)]
    other = image[max(0, -down) : rows + min(0, -down), max(0, -right) : columns + min(0, -right)]
    height, width = (n // _BLOCK * _BLOCK for n in first.shape)
    if not height or not width:
        return 0

    def blocks(values: np.ndarray) -> np.ndarray:
        cut = values[:height, :width]
        return cut.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)

    equal = blocks(first == other).all(axis=(1, 3))
    textured = blocks(np.diff(first, axis=1, prepend=first[:, :1]) != 0).mean(axis=(1, 3)) > 0.5
    return int((equal & textured).sum())


def _seams(image: np.ndarray) -> list[int]:
    """Rows after which most columns step alike, and the brightness stays changed."""
    change = np.diff(image, axis=0)
    limit = 4.0 * float(np.abs(change).mean())  # particles and atoms must not rule
    step = np.clip(change, -limit, limit).mean(axis=1)
    spread = 1.4826 * np.median(np.abs(step - np.median(step)))
    mean = image.mean(axis=1)
    found = []
    for row in np.flatnonzero(np.abs(step) > _SEAM * spread):
        before = mean[max(0, row - 7) : row + 1]
        after = mean[row + 1 : row + 9]
        noise = max(before.std(), after.std(), float(spread))
        if min(len(before), len(after)) == 8 and abs(after.mean() - before.mean()) > 4.0 * noise:
            found.append(int(row) + 1)
    return found


def scan_distortion(image: np.ndarray) -> list[str]:
    """Jumps between neighbouring rows, and atoms wider along one axis than along the other."""
    from scipy import ndimage

    flat = image - ndimage.uniform_filter(image, 31)
    smooth = ndimage.gaussian_filter1d(flat, _SMOOTH, axis=1)
    above, below = smooth[:-1], smooth[1:]
    inner = slice(_REACH, -_REACH)
    first = above[:, inner]
    norm = np.sqrt((first**2).sum(axis=1))
    found = []
    for shift in range(-_REACH, _REACH + 1):
        other = below[:, _REACH + shift : below.shape[1] - _REACH + shift]
        size = norm * np.sqrt((other**2).sum(axis=1))
        found.append((first * other).sum(axis=1) / np.where(size > 0, size, 1.0))
    likeness = np.clip(np.array(found), -0.999, 0.999)
    best = likeness.argmax(axis=0)
    independent = first.shape[1] / (3.0 * _SMOOTH)
    gain = np.arctanh(likeness.max(axis=0)) - np.arctanh(likeness[_REACH])
    jumps = (np.abs(best - _REACH) >= _JUMP) & (gain * np.sqrt(independent / 2.0) > _SURE)
    notes = []
    if jumps.any():
        rows = np.flatnonzero(jumps)
        # One jump shows at neighbouring borders, too: the surest of each run is it.
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 2) + 1)
        rows = np.array([run[gain[run].argmax()] for run in runs])
        worst = rows[np.abs(best[rows] - _REACH).argmax()]
        notes.append(
            f"scan distortion: {len(rows)} rows jump sideways by {_JUMP} pixels or more (largest"
            f" {abs(best[worst] - _REACH)} pixels after row {worst + 1}); distances across them are"
            " wrong"
        )
    ratio = _elongation(flat)
    if ratio is not None and not 1.0 / _ELONGATED < ratio < _ELONGATED:
        notes.append(
            f"features are {ratio:.2f} times as wide along x as along y: drift, scan noise or"
            " astigmatism; distances and intensities depend on the direction"
        )
    return notes


def _elongation(flat: np.ndarray) -> float | None:
    """Width along x over width along y of the autocorrelation; None where noise hides it."""
    widths = []
    for values in (flat, flat.T):
        length = values.shape[1]
        lags = np.arange(1, 16)
        found = np.array([(values[:, :-lag] * values[:, lag:]).mean() for lag in lags])
        noise = values.var() / np.sqrt(values.size)
        # White noise is in lag 0 alone, so that the second lag is the first without it.
        if length <= 32 or found[1] < 20.0 * noise:
            return None
        below = np.flatnonzero(found < 0.5 * found[1])
        if not below.size or below[0] == 0:
            return None
        at = below[0]
        high, low = found[at - 1], found[at]
        widths.append(lags[at - 1] + (high - 0.5 * found[1]) / (high - low))
    return float(widths[0] / widths[1])
