"""Equivalent circuits as text, such as ``R0-p(R1-W1,CPE1)`` or Boukamp's ``R([RW]Q)``.

Grammar (spaces are ignored)::

    circuit  = branch
    branch   = item { ["-"] item }                          in series
    item     = element | "p(" branch "," branch { "," branch } ")"
             | "(" item item { item } ")"                   in parallel, Boukamp's form
             | "[" branch "]"                               in series
    element  = symbol [ number ]

Symbols are those of :data:`~adatom.electrochem.impedance.elements.KINDS`; Q is a CPE. Elements
without a number get the lowest free one, R from 0, all others from 1. Boukamp's circuit
description code: Solid State Ionics 1986, 20, 31, 10.1016/0167-2738(86)90031-7.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from adatom.electrochem.impedance.circuit import Circuit, Element, Group
from adatom.electrochem.impedance.elements import ALIASES, KINDS
from adatom.errors import CircuitError

LONGEST = 200
"""Characters of a circuit."""
DEEPEST = 20
"""Brackets in each other."""
SYMBOLS = sorted((*KINDS, *ALIASES), key=len, reverse=True)

LIBRARY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "randles": ("R0-p(R1-W1,C1)", "charge transfer and semi-infinite diffusion"),
        "randles-cpe": ("R0-p(R1-W1,CPE1)", "the same on a rough electrode"),
        "charge-transfer": ("R0-p(R1,CPE1)", "one charge transfer, no diffusion seen"),
        "inductive": ("L1-R0-p(R1,CPE1)", "one charge transfer, with the leads"),
        "nernst": ("R0-p(R1-Ws1,CPE1)", "charge transfer and a diffusion layer (rotating disk)"),
        "two-arcs": ("R0-p(R1,CPE1)-p(R2,CPE2)", "film or contact, and charge transfer"),
        "two-arcs-inductive": ("L1-R0-p(R1,CPE1)-p(R2,CPE2)", "the same, with the leads"),
        "adsorption": ("R0-p(CPE1,R1-p(R2,C2))", "charge transfer with an adsorbed intermediate"),
        "gerischer": ("R0-p(R1,CPE1)-G1", "diffusion with a reaction in a porous electrode"),
        "porous": ("R0-TLM1", "blocking porous carbon, no reaction"),
        "blocking": ("R0-CPE1", "double layer alone"),
    }
)
"""Circuits by name: text, and what for."""


def parse_circuit(text: str) -> Circuit:
    """A circuit from its text or from its name in :data:`LIBRARY`.

    Raises :class:`~adatom.errors.CircuitError` pointing at the character that cannot be read.
    """
    named = LIBRARY.get(text.strip())
    return _Parser(named[0] if named else text).circuit()


@dataclass
class _Parser:
    text: str
    at: int = 0
    depth: int = 0
    found: list[tuple[str, int | None, int]] = field(default_factory=list)
    """Symbol, number and position of every element, in order."""

    def circuit(self) -> Circuit:
        if len(self.text) > LONGEST:
            raise self._error(f"no more than {LONGEST} characters", LONGEST)
        tree = self._branch()
        self._skip()
        if self.at < len(self.text):
            raise self._error("an element, '-', 'p(' or the end")
        numbers = iter(self._numbers())
        return Circuit(_numbered(tree, numbers))

    def _branch(self) -> "Group | Element":
        parts = [self._item()]
        while True:
            self._skip()
            if self._peek() == "-":
                self.at += 1
                parts.append(self._item())
            elif self._starts_item():
                parts.append(self._item())
            else:
                return _group(parts, parallel=False)

    def _starts_item(self) -> bool:
        return self._peek() in ("(", "[", "p") or self._symbol() is not None

    def _item(self) -> "Group | Element":
        self._skip()
        self.depth += 1
        if self.depth > DEEPEST:
            raise self._error(f"no more than {DEEPEST} brackets in each other")
        try:
            if self.text.startswith("p(", self.at):
                self.at += 2
                return self._listed()
            if self._peek() == "(":
                self.at += 1
                return self._side_by_side()
            if self._peek() == "[":
                self.at += 1
                inner = self._branch()
                self._close("]")
                return inner
            return self._element()
        finally:
            self.depth -= 1

    def _listed(self) -> "Group | Element":
        parts = [self._branch()]
        self._skip()
        if self._peek() != ",":
            raise self._error("',' and another branch")
        while self._peek() == ",":
            self.at += 1
            parts.append(self._branch())
            self._skip()
        self._close(")")
        return _group(parts, parallel=True)

    def _side_by_side(self) -> "Group | Element":
        parts = [self._item(), self._item()]
        self._skip()
        while self._starts_item():
            parts.append(self._item())
            self._skip()
        self._close(")")
        return _group(parts, parallel=True)

    def _element(self) -> Element:
        symbol = self._symbol()
        if symbol is None:
            raise self._error(f"an element ({', '.join((*KINDS, *ALIASES))}), 'p(', '(' or '['")
        start = self.at
        self.at += len(symbol)
        end = self.at
        while end < len(self.text) and self.text[end] in "0123456789":
            end += 1
        if end - self.at > 3:
            raise self._error("a number below 1000")
        number = int(self.text[self.at : end]) if end > self.at else None
        self.at = end
        symbol = ALIASES.get(symbol, symbol)
        if number is not None and any((symbol, number) == (s, n) for s, n, _ in self.found):
            raise self._error(f"each element once; {symbol}{number} is there twice", start)
        self.found.append((symbol, number, start))
        return Element(KINDS[symbol], -1 if number is None else number)

    def _numbers(self) -> list[int]:
        """The number of each element: as written, else the lowest free one."""
        taken = {(s, n) for s, n, _ in self.found if n is not None}
        numbers = []
        for symbol, written, _ in self.found:
            number = written
            if number is None:
                number = 0 if symbol == "R" else 1
                while (symbol, number) in taken:
                    number += 1
                taken.add((symbol, number))
            numbers.append(number)
        return numbers

    def _symbol(self) -> str | None:
        return next((s for s in SYMBOLS if self.text.startswith(s, self.at)), None)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self) -> None:
        while self._peek().isspace():
            self.at += 1

    def _close(self, bracket: str) -> None:
        self._skip()
        if self._peek() != bracket:
            raise self._error(f"'{bracket}'")
        self.at += 1

    def _error(self, expected: str, position: int | None = None) -> CircuitError:
        return CircuitError(self.text, self.at if position is None else position, expected)


def _group(parts: Sequence["Group | Element"], *, parallel: bool) -> "Group | Element":
    if len(parts) == 1:
        return parts[0]
    flat: list[Group | Element] = []
    for part in parts:
        same = isinstance(part, Group) and part.parallel == parallel
        flat += part.parts if same else [part]  # type: ignore[union-attr]
    return Group(tuple(flat), parallel)


def _numbered(node: "Group | Element", numbers: Iterator[int]) -> "Group | Element":
    if isinstance(node, Element):
        return Element(node.kind, next(numbers))
    return Group(tuple(_numbered(part, numbers) for part in node.parts), node.parallel)
