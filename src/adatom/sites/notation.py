"""The notation of sites, such as ``FeN4@graphene``, ``Fe-N3S1@graphene``, ``FeN4+Fe4@graphene``.

Grammar (no spaces)::

    site     = part { "+" part } "@" support
    part     = metals [ shell ] [ "-" ligand ]  |  element "(slab)"
    metals   = element [ count ] { element [ count ] }
    shell    = element count  |  "-" element count element count { element count }
    ligand   = "O" | "OH" | "OH2" | "Cl" | "CN"  |  "mu-" ( "O" | "OH" | "N" )

A shell of one element follows the metals directly (``FeN4``); a mixed one follows a hyphen and
lists the atoms in the order in which they surround the metals, so that isomers have names of
their own: ``Fe-N2C2`` and ``Fe-N1C2N1`` (like neighbours), ``Fe-N1C1N1C1`` (like opposite).
A ligand sits on the first metal, ``mu-`` bridges the metals of a pair; both are on the face
away from the adsorbate. ``FeN5`` is FeN4 with a fifth nitrogen (of NH3) below. A part without a
shell is a bare cluster beside the site (``FeN4+Fe4``), a slab below it (``FeN4+Ni(slab)``), or
sits in a cavity of carbon (``Pt3@graphdiyne``). Every notation is printed back as it was written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from adatom.errors import AdatomError, NotationError
from adatom.sites.frames import frame
from adatom.sites.slabs import slab_fit
from adatom.sites.supports import CLUSTER_SIZES, SHELL_COUNTS, SUPPORTS, Shape, shapes_of

D3 = ("Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn")
D4 = ("Y", "Zr", "Nb", "Mo", "Tc", "Ru", "Rh", "Pd", "Ag", "Cd")
D5 = ("La", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg")
P_BLOCK = ("Al", "Ga", "In", "Sn", "Sb", "Bi")
METAL_ROWS = {"3d": D3, "4d": D4, "5d": D5, "p": P_BLOCK}
"""Rows by the name used on the command line; 5d takes lanthanum as its group 3."""
METALS: frozenset[str] = frozenset((*D3, *D4, *D5, *P_BLOCK, "Lu"))
"""Elements that can stand as the metal of a site (groups 3-12 and six p-block metals)."""
SHELL_ELEMENTS = ("N", "C", "O", "S", "P", "B")
"""Elements that can stand in a shell."""
AXIAL = ("OH2", "OH", "O", "Cl", "CN")
BRIDGES = ("mu-OH", "mu-O", "mu-N")
LIGANDS = (*BRIDGES, *AXIAL)
"""Ligands, longer names first so that the first match is the right one."""
SLAB = "(slab)"
AXIAL_NITROGEN = 5
"""N5: the four nitrogens of the plane and one of NH3 on the axis."""


@dataclass(frozen=True)
class Part:
    """Metals that belong together: a single atom, a pair, a trimer, a cluster."""

    metals: tuple[str, ...]
    shell: tuple[str, ...] = ()
    """Elements around the metals in cyclic order; empty for a cluster or a carbon cavity."""
    ligand: str = ""
    """Axial ligand of the first metal, or ``mu-`` ligand of a pair; NH3 for N5."""
    slab: bool = False
    """Whether it is a slab of its one metal under the sheet."""

    def __str__(self) -> str:
        if self.slab:
            return f"{self.metals[0]}{SLAB}"
        runs = [(symbol, len(list(group))) for symbol, group in groupby(self.shell)]
        text = _grouped(self.metals)
        ligand = self.ligand
        if ligand == "NH3":
            return f"{text}N{AXIAL_NITROGEN}"
        text += "-" * (len(runs) > 1) + "".join(f"{symbol}{count}" for symbol, count in runs)
        return text + (f"-{ligand}" if ligand else "")

    @property
    def shape(self) -> Shape:
        """Number of metals and of shell atoms."""
        if self.slab:
            return -slab_fit(self.metals[0]).repeats, 0
        return len(self.metals), len(self.shell)


@dataclass(frozen=True)
class Site:
    """One atomically dispersed site and its support."""

    parts: tuple[Part, ...]
    support: str

    def __str__(self) -> str:
        return "+".join(map(str, self.parts)) + "@" + self.support

    @property
    def metals(self) -> tuple[str, ...]:
        """Every metal, in the order of the notation."""
        return tuple(metal for part in self.parts for metal in part.metals)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Shapes of the parts."""
        return tuple(part.shape for part in self.parts)

    @property
    def key(self) -> tuple[object, ...]:
        """The same for every notation of one site: FeCoN6 and CoFeN6, Fe-N3S1 and Fe-S1N3."""
        return min(_identity(other) for other in equivalent_sites(self))


def equivalent_sites(site: Site) -> Iterator[Site]:
    """Every notation of the same site, by the symmetry of the place where it sits."""
    for metals, shells in frame(site.shapes, site.support).symmetries:
        parts = _permuted(site, metals, shells)
        if parts is not None:
            yield Site(parts, site.support)


def equal_metals(site: Site) -> tuple[int, ...]:
    """For each metal, in the order of the notation, the first one that is its equal by symmetry."""
    first = list(range(len(site.metals)))
    for metals, shells in frame(site.shapes, site.support).symmetries:
        if _permuted(site, metals, shells) == site.parts:
            for n, other in enumerate(metals):
                first[n] = min(first[n], first[other])
    return tuple(first)


def _identity(site: Site) -> tuple[object, ...]:
    return (
        site.support,
        tuple((part.metals, part.shell, part.ligand, part.slab) for part in site.parts),
    )


def _permuted(
    site: Site, metals: tuple[int, ...], slots: tuple[int, ...]
) -> tuple[Part, ...] | None:
    """The parts with metal n taken from ``metals[n]`` and shell atom n from ``slots[n]``."""
    old_metals = site.metals
    # A cluster beside the site has no places in the sheet and stays as it is.
    metals = (*metals, *range(len(metals), len(old_metals)))
    old_shell = tuple(symbol for part in site.parts for symbol in part.shell)
    # A ligand travels with its metal; it stands first in its part wherever it lands.
    owner: dict[int, str] = {}
    at = 0
    for part in site.parts:
        if part.ligand:
            owner[at] = part.ligand
        at += len(part.metals)
    parts = []
    m = s = 0
    for part in site.parts:
        took = metals[m : m + len(part.metals)]
        ligands = [owner[i] for i in took if i in owner]
        if ligands and not ligands[0].startswith("mu-") and took[0] not in owner:
            return None
        parts.append(
            Part(
                tuple(old_metals[i] for i in took),
                tuple(old_shell[i] for i in slots[s : s + len(part.shell)]),
                ligands[0] if ligands else "",
                part.slab,
            )
        )
        m += len(part.metals)
        s += len(part.shell)
    return tuple(parts)


def _grouped(metals: Sequence[str]) -> str:
    counted = [(symbol, len(list(group))) for symbol, group in groupby(metals)]
    return "".join(symbol + (str(count) if count > 1 else "") for symbol, count in counted)


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
    return _Reader(text).site()


class _Reader:
    """Reads one notation from left to right; ``at`` is the character to be read next."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        # The support decides which shells exist, so it is looked up before they are read.
        behind = text.rpartition("@")[2] if "@" in text else ""
        self.support = behind if behind in SUPPORTS else ""

    def site(self) -> Site:
        parts = [self.part(first=True)]
        while self.take("+"):
            parts.append(self.part(first=False))
        if not self.take("@"):
            raise self.expected("'@' and a support: " + ", ".join(SUPPORTS))
        if self.text[self.at :] not in SUPPORTS:
            raise self.expected("a support: " + ", ".join(SUPPORTS))
        site = Site(tuple(parts), self.support)
        if site.shapes not in shapes_of(self.support):
            self.at = self.text.index("+") if "+" in self.text else self.at
            raise self.expected(
                f"a combination that is built on {self.support}:"
                " two M-N4, or one M-N4 beside a cluster or over a slab"
            )
        return site

    def part(self, *, first: bool) -> Part:
        metals = self.metals()
        if self.text.startswith(SLAB, self.at):
            if first or len(metals) > 1:
                raise self.expected("a slab of one metal behind the site, as in FeN4+Ni(slab)")
            self.at += len(SLAB)
            return Part(metals, slab=True)
        shell, ligand = self.shell(metals, first=first)
        start = self.at
        if not ligand and self.take("-"):
            ligand = self.ligand(len(metals))
            if not shell:
                self.at = start
                raise self.expected("'@': a ligand needs a site with a shell")
        return Part(metals, shell, ligand)

    def metals(self) -> tuple[str, ...]:
        metals: list[str] = []
        while True:
            start = self.at
            symbol = self.element(METALS)
            if symbol is None:
                if metals:
                    return tuple(metals)
                raise self.expected("a metal, for example Fe")
            if metals and symbol == metals[-1]:
                self.at = start
                raise self.expected(f"a count (equal metals are written {symbol}2)")
            before = self.at
            count = self.number()
            if count is not None and count < 2:
                self.at = before
                raise self.expected("a count of 2 or more, or none")
            metals += [symbol] * (count or 1)
            if len(metals) > max(CLUSTER_SIZES):
                self.at = start
                raise self.expected(f"at most {max(CLUSTER_SIZES)} metals")

    def shell(self, metals: tuple[str, ...], *, first: bool) -> tuple[tuple[str, ...], str]:
        start = self.at
        allowed = SHELL_COUNTS.get(self.support, {}).get(len(metals), ())
        mixed = self.text[self.at : self.at + 1] == "-" and (
            self.text[self.at + 1 : self.at + 2] in SHELL_ELEMENTS
            and self.text[self.at + 2 : self.at + 3].isdigit()
        )
        if mixed:
            self.at += 1
        runs: list[tuple[str, int]] = []
        while True:
            here = self.at
            symbol = self.element(SHELL_ELEMENTS)
            if symbol is None:
                break
            if runs and not mixed:
                self.at = start
                raise self.expected("'-' before a mixed shell, as in Fe-N3S1")
            count = self.number()
            if not count:
                raise self.expected(f"the number of {symbol} atoms")
            if runs and runs[-1][0] == symbol:
                self.at = here
                raise self.expected("another element (equal neighbours are counted together)")
            runs.append((symbol, count))
        if mixed and len(runs) < 2:
            self.at = start
            raise self.expected("the shell itself: one of a single element takes no '-'")
        shell = tuple(symbol for symbol, count in runs for _ in range(count))
        if shell and self.support:
            self.require_shell(shell, metals, allowed, here=start + mixed)
        if not shell and self.support and first and 0 not in allowed:
            raise self.expected(f"a shell, for example N{allowed[0] if allowed else 4}")
        if not shell and not first and len(metals) not in CLUSTER_SIZES:
            raise self.expected("a shell, a cluster of 4 or 13 metals, or (slab)")
        if len(metals) == 1 and shell == ("N",) * AXIAL_NITROGEN:
            return shell[:-1], "NH3"
        return shell, ""

    def require_shell(
        self, shell: tuple[str, ...], metals: tuple[str, ...], allowed: Sequence[int], *, here: int
    ) -> None:
        counts = [n for n in allowed if n]
        five = 4 in counts and len(metals) == 1 and shell == ("N",) * AXIAL_NITROGEN
        if len(shell) not in counts and not five:
            self.at = here
            names = " or ".join(str(n) for n in counts) or "no"
            raise self.expected(
                f"{names} atoms around {len(metals)} metal{'s' * (len(metals) > 1)}"
                f" on {self.support}, not {len(shell)}"
            )
        if SUPPORTS[self.support].fixed_shell and set(shell) != {"N"}:
            self.at = here
            raise self.expected(f"nitrogen: the cavity of {self.support} has no other atoms")

    def ligand(self, metals: int) -> str:
        for name in LIGANDS:
            if self.text.startswith(name, self.at):
                if name in BRIDGES and metals != 2:
                    raise self.expected("an axial ligand: a bridge needs a pair")
                self.at += len(name)
                return name
        raise self.expected("a ligand: " + ", ".join(LIGANDS))

    def element(self, known: frozenset[str] | Sequence[str]) -> str | None:
        # Two letters before one, so that Ni, Co and Os are metals and not N, C and O.
        for length in (2, 1):
            symbol = self.text[self.at : self.at + length]
            if len(symbol) == length and symbol in known:
                if symbol not in METALS and self.text[self.at : self.at + 2] in METALS:
                    continue
                self.at += length
                return symbol
        return None

    def number(self) -> int | None:
        end = self.at
        while end < min(len(self.text), self.at + 3) and self.text[end] in "0123456789":
            end += 1
        digits = self.text[self.at : end]
        if not digits or digits.startswith("0"):
            return None
        self.at = end
        return int(digits)

    def take(self, character: str) -> bool:
        if self.text[self.at : self.at + 1] == character:
            self.at += 1
            return True
        return False

    def expected(self, what: str) -> NotationError:
        return NotationError(self.text, self.at, what)
