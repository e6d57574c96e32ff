"""What .mpt and .mpr of BioLogic's EC-Lab have in common: names and techniques.

EC-Lab writes anodic currents positive and ``-Im(Z)``; the latter is turned.
"""

from adatom.readers.naming import Heading

HEADINGS = {
    "(Q-Qo)/C": Heading("charge_C"),
    "(Q-Qo)/mA.h": Heading("charge_C", 3.6),
    "Capacity/mA.h": Heading("capacity_mAh"),
}
_TECHNIQUES = (
    ("impedance", "impedance"),
    ("(peis)", "impedance"),
    ("(geis)", "impedance"),
    ("cyclic voltam", "cyclic voltammetry"),
    ("linear sweep", "linear sweep"),
    ("linear polarization", "linear sweep"),
    ("open circuit", "open circuit"),
    ("chronoamperometry", "chronoamperometry"),
    ("chronopotentiometry", "chronopotentiometry"),
    ("galvanostatic cycling", "chronopotentiometry"),
)


def technique_of(title: str) -> str:
    """One of :data:`~adatom.readers.recording.TECHNIQUES` for EC-Lab's name of a technique."""
    low = title.lower()
    return next((name for part, name in _TECHNIQUES if part in low), "table")
