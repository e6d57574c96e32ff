"""The notation of sites: ``FeN4@graphene``, ``FeCoN6@graphene``, ``Fe2N6@graphene``.

Grammar (no spaces)::

    site    = metals "N" count "@" support
    metals  = element [ "2" ]  |  element element
    count   = "4" for one metal, "6" for two
    support = "graphene"

``Fe2`` stands for two equal metals. A notation is printed back as it was written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adatom.errors import AdatomError, NotationError

_3D = ("Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn")
_4D = ("Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd")
_5D = ("La", "Lu", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg")
_P_BLOCK = ("Al", "Ga", "In", "Sn", "Sb", "Bi")
METALS: frozenset[str] = frozenset(_3D + _4D + _5D + _P_BLOCK)
"""Elements that can stand as the metal of a site (groups 3-12 and six p-block metals)."""

NITROGEN_COUNT = {1: 4, 2: 6}
"""Nitrogen atoms around a site by its nuclearity: M-N4 and fused M1M2-N6."""

SUPPORTS = ("graphene",)
"""Supports that can be built."""


@dataclass(frozen=True)
class Site:
    """One atomically dispersed site: its metals, the nitrogen around them and the support."""

    metals: tuple[str, ...]
    nitrogen: int
    support: str

    def __str__(self) -> str:
        a, *rest = self.metals
        metals = f"{a}2" if rest == [a] else "".join(self.metals)
        return f"{metals}N{self.nitrogen}@{self.support}"

    @property
    def key(self) -> tuple[tuple[str, ...], int, str]:
        """The same for two notations of one site (``FeCoN6`` and ``CoFeN6``)."""
        return tuple(sorted(self.metals)), self.nitrogen, self.support


def parse_sites(texts: Sequence[str]) -> list[Site]:
    """Read several notations.

    Raises :class:`~adatom.errors.AdatomError` for the same site twice (FeCoN6 and CoFeN6).
    """
    sites = [parse_site(text) for text in texts]
    for i, one in enumerate(sites):
        if one.key in [other.key for other in sites[:i]]:
            raise AdatomError(f"site '{texts[i]}' is named twice")
    return sites


def parse_site(text: str) -> Site:
    """Read a site notation.

    Raises :class:`~adatom.errors.NotationError`, pointing at the first wrong character.
    """
    metals, at = _metals(text)
    count = NITROGEN_COUNT[len(metals)]
    for expected in ("N", str(count), "@"):
        if text[at : at + 1] != expected:
            what = {"N": "'N'", "@": "'@' and a support (graphene)"}.get(
                expected, f"'{count}' (the nitrogen count of a {len(metals)}-metal site)"
            )
            raise NotationError(text, at, what)
        at += 1
    if text[at:] not in SUPPORTS:
        raise NotationError(text, at, f"a support: {', '.join(SUPPORTS)}")
    return Site(metals, count, text[at:])


def _metals(text: str) -> tuple[tuple[str, ...], int]:
    first, at = _element(text, 0, "a metal, for example Fe")
    if text[at : at + 1] == "2":
        return (first, first), at + 1
    # 'N' starts nitrogen unless it opens another metal's symbol (Nb, Ni).
    if text[at : at + 1] == "N" and text[at : at + 2] not in METALS:
        return (first,), at
    second, end = _element(text, at, "'N', '2' or a second metal")
    if second == first:
        raise NotationError(text, at, f"'2' (two equal metals are written {first}2)")
    return (first, second), end


def _element(text: str, at: int, expected: str) -> tuple[str, int]:
    for length in (2, 1):
        symbol = text[at : at + length]
        if len(symbol) == length and symbol in METALS:
            return symbol, at + length
    raise NotationError(text, at, expected)
