"""Errors named after what went wrong; each message is one line: what, where, the remedy."""


def printable(text: str, longest: int = 2000) -> str:
    """One line without control characters, the middle left out beyond ``longest`` characters.

    Messages quote what files hold: that may be of any length, and must not steer the terminal.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
    return text if len(text) <= longest else f"{text[: longest // 2]} ... {text[-longest // 2 :]}"


class AdatomError(Exception):
    """Anything a user can mend; the command line prints it as one line and exits with 2."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class AdatomWarning(UserWarning):
    """Something left out or not used, named in one line; the command line prints it as such."""


class NotationError(AdatomError):
    """A site notation that cannot be read; the message points at the character."""

    notation = "site"

    def __init__(self, text: str, position: int, expected: str) -> None:
        """Point at ``position`` in ``text`` and say what was ``expected`` there."""
        self.text, self.position, self.expected = text, position, expected
        found = repr(text[position]) if position < len(text) else "the end"
        super().__init__(
            f"{self.notation} '{text}': character {position + 1} is {found}, expected {expected}"
            f" | {text[:position]}>>>{text[position:]}"
        )


class CircuitError(NotationError):
    """An equivalent circuit that cannot be read; the message points at the character."""

    notation = "circuit"


class NetworkError(AdatomError):
    """A reaction network whose steps do not balance, or which misses something it needs."""


class EnergyTableError(AdatomError):
    """A table or folder of energies that cannot be used as it stands."""


class EngineError(AdatomError):
    """An energy engine that is unknown, not installed, or that failed on a structure."""


class ElectrolyteError(AdatomError):
    """An electrolyte that is unknown or incompletely described."""


class LibraryError(AdatomError):
    """A table of published numbers that cannot be used, or too few of them to compare with."""


class CurveError(AdatomError):
    """Potentials, speeds or densities from which no curve can be made."""


class StructureError(AdatomError):
    """A structure that is no site: overlapping atoms, no metal, no support, no cell."""


class RecordingError(AdatomError):
    """An instrument file that cannot be read, or does not hold what was asked of it."""


class SampleError(AdatomError):
    """What is known about a sample and its cell is missing, contradictory or impossible."""


class ImpedanceError(AdatomError):
    """An impedance spectrum from which what was asked cannot be had."""


class ImageError(AdatomError):
    """A micrograph, or a table of atoms, that cannot be used: no scale, saturated, tiled, RGB."""


class SpectrumError(AdatomError):
    """An X-ray absorption spectrum that cannot be used, or does not hold what was asked of it."""


class EvidenceError(AdatomError):
    """Pieces of evidence that are missing, cannot be combined, or describe different samples."""
