"""How many images tell pairs from chance, at a dose, a density and a pixel size."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adatom.errors import ImageError
from adatom.stem.atom_images import AtomImages
from adatom.stem.pair_power import LIBRARY, TRIALS, Field, Power, power_curve
from adatom.stem.visibility import Support, Visibility, visibility

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Numbers of images tried."""
FALSE_CALLS = 0.05
ASSUMPTIONS = (
    "atoms scattered evenly over the support; chance neighbours are those of complete spatial"
    " randomness",
    "recall and position error are those of the best linear detector in even noise; drift,"
    " contamination and steps of thickness make them worse: give --recall where it is known",
    "atoms closer than the Sparrow distance of their images are seen as one",
    "no metal but single atoms and pairs",
)


@dataclass(frozen=True)
class Session:
    """What is asked: the sample, and how it will be imaged."""

    symbol: str
    pair_distance_A: float
    pair_fraction: float
    """Share of the metal atoms in pairs, if there are any."""
    density_per_nm2: float
    side_A: float
    dose_e_A2: float
    pixel_A: float
    support: Support
    distance_spread_A: float = 0.1
    """Standard deviation of the pair distance between sites."""
    recall: float | None = None
    """Measured (by planting atoms), in place of the expected one."""
    false_share: float = 0.02
    in_plane: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be planned."""
        for name, low, high in (
            ("pair_distance_A", 1.8, 3.6),
            ("pair_fraction", 0.005, 1.0),
            ("density_per_nm2", 0.01, 20.0),
            ("side_A", 20.0, 2000.0),
            ("dose_e_A2", 10.0, 1e9),
            ("pixel_A", 0.01, 1.0),
            ("distance_spread_A", 0.0, 0.5),
            ("false_share", 0.0001, 0.5),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ImageError(f"{name} is {value:g}, expected {low:g} to {high:g}")
        if self.recall is not None and not 0.0 < self.recall <= 1.0:
            raise ImageError(f"recall is {self.recall:g}, expected above 0 and up to 1")


@dataclass(frozen=True)
class Plan:
    """What a session of a number of images is worth."""

    session: Session
    optics: Mapping[str, Any]
    visibility: Visibility
    recall: float
    field: Field
    powers: tuple[Power, ...]
    """By number of images."""
    wanted_power: float

    @property
    def needed(self) -> Power | None:
        """The fewest images tried that reach the power; None where the most do not."""
        return next((p for p in self.powers if p.power >= self.wanted_power), None)

    def sentence(self) -> str:
        """The answer."""
        s = self.session
        share = (
            f"a share of {s.pair_fraction:g} of the {s.symbol} in pairs of"
            f" {s.pair_distance_A:.2f} A"
        )
        what = (
            f"images of {s.side_A / 10:g} nm at {s.density_per_nm2:g} atoms/nm2,"
            f" {s.dose_e_A2:.3g} e/A2 (recall {self.recall:.2f})"
        )
        found = self.needed
        if found is None:
            last = self.powers[-1]
            return (
                f"{last.images} {what} tell {share} from chance with only {100 * last.power:.0f} %"
                f" power; more images, or another density, are needed"
            )
        one = "image" if found.images == 1 else "images"
        tell, give = ("tells", "gives") if found.images == 1 else ("tell", "give")
        return (
            f"about {found.images} {what.replace('images', one, 1)} {tell} {share} from chance with"
            f" {100 * found.power:.0f} % power at 5 % false calls, and {give} the share within"
            f" +-{found.interval_width / 2:.2f} (95 %)"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        s, v = self.session, self.visibility
        return {
            "sentence": self.sentence(),
            "metal": s.symbol,
            "pair_distance_angstrom": s.pair_distance_A,
            "pair_distance_spread_angstrom": s.distance_spread_A,
            "pair_fraction": s.pair_fraction,
            "density_per_nm2": s.density_per_nm2,
            "field_angstrom": s.side_A,
            "dose_e_per_angstrom2": s.dose_e_A2,
            "pixel_size_angstrom": s.pixel_A,
            "support_atoms_per_angstrom2": s.support.atoms_per_A2,
            "support_element": s.support.symbol,
            "in_plane": s.in_plane,
            "microscope": dict(self.optics),
            "signal_to_noise": v.snr,
            "atom_width_fwhm_angstrom": v.width_fwhm_A,
            "resolution_angstrom": v.resolution_A,
            "position_sd_angstrom": v.position_sd_A,
            "expected_recall": v.recall,
            "recall": self.recall,
            "false_share": s.false_share,
            "images": [
                {
                    "images": p.images,
                    "power": p.power,
                    "mean_estimated_pair_fraction": p.mean_share,
                    "sd_estimated_pair_fraction": p.sd_share,
                    "interval_width_95": p.interval_width,
                }
                for p in self.powers
            ],
            "images_needed": None if self.needed is None else self.needed.images,
            "wanted_power": self.wanted_power,
            "false_call_probability": FALSE_CALLS,
            "simulated_images": LIBRARY,
            "simulated_sets": TRIALS,
            "assumptions": list(ASSUMPTIONS),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw power and expected interval against the number of images."""
        from adatom.plot.stem_plan import plot_plans

        return plot_plans([self], ax)


def plan_session(
    session: Session,
    images: AtomImages,
    *,
    power: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Plan:
    """Expected recall, and power and interval width by number of images.

    Raises :class:`~adatom.errors.ImageError` for a session that cannot work: pixels too coarse,
    atoms lost in the noise, too few atoms in a field.
    """
    if not 0.5 <= power < 1.0:
        raise ImageError(f"power is {power:g}, expected 0.5 to below 1")
    seen = visibility(
        session.symbol, images, session.support,
        dose_e_A2=session.dose_e_A2, pixel_A=session.pixel_A,
        density_per_nm2=session.density_per_nm2, false_share=session.false_share,
    )  # fmt: skip
    recall = seen.recall if session.recall is None else session.recall
    if recall < 0.1:
        raise ImageError(
            f"at {session.dose_e_A2:.3g} e/A2 {100 * recall:.1f} % of the {session.symbol} atoms"
            f" would be found (signal to noise {seen.snr:.1f}); raise the dose, or take a thinner"
            " support"
        )
    field = Field(
        session.side_A, session.density_per_nm2, session.pair_distance_A,
        session.distance_spread_A, recall, session.false_share, seen.resolution_A,
        seen.position_sd_A, session.in_plane,
    )  # fmt: skip
    powers = power_curve(
        field, session.pair_fraction, NUMBERS, seed=seed, false_calls=FALSE_CALLS, progress=progress
    )
    return Plan(session, images.microscope.as_dict(), seen, recall, field, tuple(powers), power)
