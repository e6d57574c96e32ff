"""One answer: the shares of the metal from everything that was measured on a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adatom.errors import EvidenceError
from adatom.evidence.assemble import Assembled, assemble
from adatom.evidence.composition import KINDS
from adatom.evidence.contradictions import Contradiction, contradictions
from adatom.evidence.next_measurement import NextMeasurement, next_measurements
from adatom.evidence.posterior import FLAT, Posterior, posterior
from adatom.evidence.representative import FaceValue, face_values
from adatom.evidence.sample_file import SampleFile, read_sample_file
from adatom.evidence.tension import Agreement, agreement, reaches
from adatom.figure_of_merit import FigureOfMerit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAME_AS_PRIOR = 0.9
"""Of the prior interval's width: a share left so open is not determined by the data."""


@dataclass(frozen=True)
class JointShares:
    """Shares of all metal atoms in single atoms, pairs, clusters and particles."""

    sample: SampleFile
    shares: Mapping[str, FigureOfMerit]
    """By :data:`~adatom.evidence.composition.KINDS`: mean and shortest 95 % interval."""
    alone: Mapping[str, Mapping[str, FigureOfMerit]]
    """The same from each source by itself."""
    prior: Mapping[str, FigureOfMerit]
    """The same from no source."""
    dirichlet: tuple[float, ...]
    assembled: Assembled
    agreement: Agreement | None
    """None where there is one source only."""
    face_values: tuple[FaceValue, ...]
    """The other sources against the images at face value."""
    contradictions: tuple[Contradiction, ...]
    next_measurements: tuple[NextMeasurement, ...]
    notes: tuple[str, ...]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Priors and conventions of all sources, in words."""
        prior = ", ".join(f"{p:g}" for p in self.dirichlet)
        return (
            f"prior of the shares: Dirichlet ({prior})",
            *(text for source in self.assembled.sources for text in source.assumptions),
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the shares from each source and from all; returns the axes."""
        from adatom.plot.evidence import plot_shares

        return plot_shares(self, ax)


def joint_shares(path: Path, *, seed: int = 0) -> JointShares:
    """Combine everything that a sample file names.

    ``seed`` is that of the outcomes of further measurements; nothing else is drawn.

    Raises :class:`~adatom.errors.EvidenceError` for what is missing, contradicts itself or cannot
    be read.
    """
    sample = read_sample_file(path)
    return combine(sample, seed=seed)


def combine(sample: SampleFile, *, seed: int = 0) -> JointShares:
    """The same from settings already read."""
    known = assemble(sample)
    dirichlet = tuple(sample.get("prior.dirichlet", FLAT))
    if sum(p > 0.0 for p in dirichlet) < 2:
        raise EvidenceError(
            f"{sample.path}: prior.dirichlet leaves one kind only; allow at least two"
        )
    found = posterior(known.sources, dirichlet)
    prior = _figures(posterior([], dirichlet))
    shares = _figures(found, prior)
    alone = {
        source.name: _figures(posterior([source], dirichlet), prior) for source in known.sources
    }
    agreed = agreement(known.sources, dirichlet)
    stem = known.stem if known.stem and known.stem.data else None
    faces = face_values(stem, known.numbers) if stem else ()
    return JointShares(
        sample=sample,
        shares=shares,
        alone=alone,
        prior=prior,
        dirichlet=dirichlet,
        assembled=known,
        agreement=agreed,
        face_values=faces,
        contradictions=contradictions(
            known, agreed, faces, alone, reaches(known.numbers, dirichlet)
        ),
        next_measurements=next_measurements(found, known, sample.get("sample.metal"), seed=seed),
        notes=(*known.notes, *_undetermined(shares)),
    )


def _figures(
    found: Posterior, prior: Mapping[str, FigureOfMerit] | None = None
) -> dict[str, FigureOfMerit]:
    figures = {}
    for kind in KINDS:
        mean, (low, high) = found.summary[kind]
        reason = ""
        if prior is not None:
            before_low, before_high = prior[kind].interval_95
            assert before_low is not None
            assert before_high is not None
            if high - low > SAME_AS_PRIOR * (before_high - before_low):
                reason = "hardly narrower than the prior: these data do not determine it"
        figures[kind] = FigureOfMerit(mean, (low, high), reason, "1")
    return figures


def _undetermined(shares: Mapping[str, FigureOfMerit]) -> Sequence[str]:
    open_ = [kind.replace("_", " ") for kind in KINDS if shares[kind].reason]
    return [f"the data do not determine the share in {', '.join(open_)}: its interval is hardly"
            " narrower than without any data"] if open_ else []  # fmt: skip
