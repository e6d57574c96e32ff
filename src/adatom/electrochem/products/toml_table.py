"""Tables of a product file, read key by key; what is missing or not understood is named."""

from sys import float_info
from typing import Any

import numpy as np

from adatom.electrochem.products.experiment import Value
from adatom.errors import SampleError

MOST_READINGS = 10_000
"""In one list; a chromatogram or spectrum is not a list of responses."""


class TomlTable:
    """One table, its place for messages, and which keys were asked for."""

    def __init__(self, data: Any, where: str) -> None:
        if not isinstance(data, dict):
            raise SampleError(f"{where} should be a table, got {_short(data)}")
        self._data, self.where, self._asked = data, where, set[str]()
        self.exact: list[str] = []
        """Keys whose numbers came without a standard deviation."""

    def __contains__(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._data

    def raw(self, key: str, what: str) -> Any:
        """Whatever stands there; refused by name when absent."""
        if key not in self:
            raise SampleError(f"{self.where}: {key} is missing: {what}")
        return self._data[key]

    def text(self, key: str, what: str, default: str | None = None) -> str:
        """A text that is not empty; ``default``, where there is one, when absent."""
        if key not in self and default is not None:
            return default
        found = self.raw(key, what)
        if not isinstance(found, str) or not found.strip():
            raise SampleError(f"{self.where}: {key} should be text, {what}; got {_short(found)}")
        return found.strip()

    def texts(self, key: str, what: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        found = self.raw(key, what)
        listed = found if isinstance(found, list) else [found]
        if not listed or not all(isinstance(item, str) and item.strip() for item in listed):
            raise SampleError(f"{self.where}: {key} should be {what}; got {_short(found)}")
        return tuple(item.strip() for item in listed)

    def switch(self, key: str) -> bool:
        """true or false; false when absent."""
        found = self._data[key] if key in self else False
        if not isinstance(found, bool):
            raise SampleError(f"{self.where}: {key} should be true or false, got {_short(found)}")
        return found

    def count(self, key: str, what: str) -> int:
        """A whole number above 0."""
        found = self.raw(key, what)
        if isinstance(found, bool) or not isinstance(found, int) or found < 1:
            raise SampleError(f"{self.where}: {key} should be a whole number above 0, {what}")
        return found

    def number(self, key: str, what: str, default: float | None = None) -> float:
        """A finite number; ``default``, where there is one, when absent."""
        if key not in self and default is not None:
            return default
        found = self.raw(key, what)
        if not _is_number(found):
            raise SampleError(
                f"{self.where}: {key} should be a number, {what}; got {_short(found)}"
            )
        return float(found)

    def value(self, key: str, what: str, *, positive: bool = True) -> Value:
        """``[value, standard deviation]``, or a bare number that is taken as exact."""
        found = self.raw(key, what)
        pair = [found, 0.0] if _is_number(found) else found
        if not (isinstance(pair, list) and len(pair) == 2 and all(_is_number(x) for x in pair)):
            raise SampleError(
                f"{self.where}: {key} should be [value, standard deviation] or a number, {what};"
                f" got {_short(found)}"
            )
        value = Value(float(pair[0]), float(pair[1]))
        if value.sd < 0 or (positive and value.value <= 0) or (not positive and value.value < 0):
            raise SampleError(
                f"{self.where}: {key} should be {'above 0' if positive else 'not negative'} with a"
                f" standard deviation not below 0, {what}; got {_short(found)}"
            )
        if positive and value.sd > value.value / 3:
            raise SampleError(
                f"{self.where}: {key} has a standard deviation of {value.sd:g} on {value.value:g}:"
                " above a third nothing can be divided by it; measure it better"
            )
        if value.sd == 0:
            self.exact.append(key)
        return value

    def readings(self, key: str, what: str) -> np.ndarray:
        """A number or a list of numbers, (R,), R at least 1."""
        found = self.raw(key, what)
        listed = found if isinstance(found, list) else [found]
        if not 0 < len(listed) <= MOST_READINGS or not all(_is_number(x) for x in listed):
            raise SampleError(
                f"{self.where}: {key} should be a number or a list of 1 to {MOST_READINGS} numbers,"
                f" {what}; got {_short(found)}"
            )
        array = np.array(listed, dtype=float)
        array.flags.writeable = False
        return array

    def table(self, key: str, what: str) -> "TomlTable":
        """A table inside."""
        return TomlTable(self.raw(key, what), f"{self.where}, [{key}]")

    def items(self) -> list[tuple[str, Any]]:
        """Every key, as asked for."""
        self._asked.update(self._data)
        return list(self._data.items())

    def done(self) -> None:
        """Raise for a key that nothing asked for: a slip of the pen would pass silently."""
        strange = sorted(set(self._data) - self._asked)
        if strange:
            raise SampleError(
                f"{self.where}: '{strange[0]}' is not understood here; known are"
                f" {', '.join(sorted(self._asked))}"
            )


def _is_number(item: Any) -> bool:
    number = isinstance(item, int | float) and not isinstance(item, bool)
    return number and abs(item) <= float_info.max


def _short(item: Any) -> str:
    return repr(item)[:60]
