"""The electrode area that an instrument writes into its file: often nobody typed it in."""

DEFAULTS_CM2 = (1.0, 0.001)
"""What instruments assume unless told: 0.001 BioLogic, 1 the others (and BioLogic users)."""


def area_of(text: str) -> float | None:
    """The number of a setting such as ``1.00000E+000``, ``1,000`` or ``0.196 cm2``."""
    try:
        return float(text.strip().partition(" ")[0].replace(",", "."))
    except ValueError:
        return None


def area_note(area_cm2: float | None) -> tuple[str, ...]:
    """What to say of an area that was never typed in."""
    if area_cm2 not in DEFAULTS_CM2:
        return ()
    return (
        f"the electrode area in the file is {area_cm2:g} cm2, the instrument's default; give the"
        " true one",
    )
