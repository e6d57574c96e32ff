"""``adatom stem``: are they really pairs, from images or from positions of atoms."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.table import Table
from rich.text import Text
from scipy.spatial import cKDTree

from adatom.cli import stem_images, stem_plan
from adatom.cli.files_first import FilesFirst
from adatom.cli.options import (
    JsonOption,
    output_files,
    put_figure,
    put_json,
    require_image,
    require_page,
)
from adatom.cli.output import require_writable, write_whole
from adatom.cli.stem_images import SeenImage, see
from adatom.cli.terminal import progress_bar, wide_console
from adatom.errors import AdatomError, ImageError
from adatom.readers.atom_positions import is_position_table, read_mask, read_positions
from adatom.stem.brightness import Metals, classify_metals
from adatom.stem.detection import FALSE_DISCOVERY_RATE
from adatom.stem.group_shares import GroupShares, infer_groups
from adatom.stem.model_check import check_groups
from adatom.stem.neighbours import SIMULATIONS, neighbour_statistics
from adatom.stem.pair_inference import (
    PAIR_DISTANCE_ANGSTROM,
    PairInference,
    SeeingModel,
    infer_pairs,
)
from adatom.stem.pair_result import PairResult
from adatom.stem.point_pattern import PointPattern
from adatom.stem.windows import Mask, Rectangle, Window

_NUMBER = r"(\d+\.?\d*|\.\d+)"
_SHOWN = 12
MOST_PER_NM2 = 30.0
"""Metal atoms in a projection; more is a slip of units."""
TOO_CLOSE = 0.1
"""Share of atoms that may lie nearer to another than the resolution."""

app = typer.Typer(
    help="Atoms in images, or given as positions: are they really pairs? adatom stem FILE... is"
    " short for adatom stem analyse FILE..., whose --help lists the options.",
    no_args_is_help=True,
    cls=FilesFirst,
)


@app.callback()
def _group() -> None:
    """Atoms in images, or given as positions: are they really pairs?"""


app.command("plan")(stem_plan.plan)


@app.command("analyse")
def analyse(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Images of one sample, or tables x_angstrom,y_angstrom[,intensity][,recall]."
        ),
    ],
    field_angstrom: Annotated[
        str | None, typer.Option(help="Side of the field in A; WIDTHxHEIGHT if not square.")
    ] = None,
    mask: Annotated[
        Path | None,
        typer.Option(help="Where atoms were or are to be looked for: PNG or table, above 0."),
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(help="A; of an image without scale, or of the mask of a table.")
    ] = None,
    image: Annotated[
        str | None, typer.Option(help="Title of the image in a file of several.")
    ] = None,
    frame: Annotated[int | None, typer.Option(min=1, help="Of a stack; 1 is the first.")] = None,
    resolution_angstrom: Annotated[
        float | None, typer.Option(help="Distance below which two atoms are detected as one.")
    ] = None,
    recall: Annotated[
        float | None, typer.Option(help="Share of the atoms that is detected; else the table's.")
    ] = None,
    false_fraction: Annotated[
        float | None, typer.Option(help="Share of the positions that are no metal atom.")
    ] = None,
    tilt: Annotated[
        str, typer.Option(help="isotropic, in-plane, or degrees between support and image.")
    ] = "isotropic",
    pair_distance: Annotated[
        str, typer.Option(help="Range of the metal-metal distance, LOW:HIGH in A.")
    ] = f"{PAIR_DISTANCE_ANGSTROM[0]:g}:{PAIR_DISTANCE_ANGSTROM[1]:g}",
    metals: Annotated[
        str | None, typer.Option(help="Two metals told apart by brightness, as Fe,Pt.")
    ] = None,
    groups: Annotated[
        bool, typer.Option("--groups", help="Shares of trimers and clusters too, by simulation.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of chains and random fields.")] = 0,
    json_file: JsonOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw it (.png, .pdf, .svg).")] = None,
    report: Annotated[Path | None, typer.Option(help="One self-contained HTML page.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="One image, atoms coloured by probability (.png, .pdf).")
    ] = None,
    profiles: Annotated[
        Path | None, typer.Option(help="Line profiles of its likeliest doublets (.png, .pdf).")
    ] = None,
) -> None:
    """Infer the share of atoms in pairs; fields named together are taken as one sample."""
    for drawn in (plot, picture, profiles):
        require_image(drawn)
    require_page(report)
    inputs = [*files, *([mask] if mask else [])]
    require_writable(output_files(plot, json_file, report, picture, profiles), inputs=inputs)
    images = _images(files)
    if (picture or profiles) and len(images) != 1:
        raise ImageError(
            "--picture and --profiles draw one image; "
            + ("name one" if images else "tables of positions have none")
        )
    if not images and (image or frame or (pixel_size and mask is None)):
        raise ImageError(
            "--image, --frame and --pixel-size (without --mask) belong to images; tables are in A"
        )
    model = SeeingModel(
        tilt=_tilt(tilt),
        recall=recall,
        false_fraction=(FALSE_DISCOVERY_RATE if images else 0.0)
        if false_fraction is None
        else false_fraction,
        pair_distance_angstrom=_range(pair_distance),
    )
    numbers = None if metals is None else _atomic_numbers(metals)
    seen = _seen(images, field_angstrom, mask, pixel_size, image, frame, seed)
    if images:
        patterns = [one.pattern(resolution_angstrom) for one in seen]
    else:
        window = _window(field_angstrom, mask, pixel_size)
        patterns = [_pattern(file, window, resolution_angstrom) for file in files]
    _refuse_repeated(patterns)
    assumed = _assumed(patterns, recall, false_fraction, from_images=bool(images))
    with progress_bar("chains") as progress:
        found = infer_pairs(
            patterns, model, seed=seed, progress=lambda done, total: progress(done, total, None)
        )
    statistics = tuple(
        neighbour_statistics(p, recall=r, false_fraction=model.false_fraction, seed=seed)
        for p, r in zip(patterns, found.recall, strict=True)
    )
    result = PairResult(
        found, statistics, check_groups(found, seed=seed), assumed,
        tuple(_classified(p, numbers) for p in patterns) if numbers else (),
        _group_shares(found, seed) if groups else None,
    )  # fmt: skip
    _draw(result, seen, plot, report, picture, profiles)
    put_json(
        json_file, result.as_dict() | {"seed": seed, "images": [one.as_dict() for one in seen]}
    )
    if json_file != "-":
        _print(result)


def _group_shares(found: PairInference, seed: int) -> GroupShares:
    with progress_bar("populations") as progress:
        return infer_groups(
            found, seed=seed, progress=lambda done, total: progress(done, total, None)
        )


def _seen(
    images: Sequence[Path],
    field: str | None,
    mask: Path | None,
    pixel_size: float | None,
    title: str | None,
    frame: int | None,
    seed: int,
) -> list[SeenImage]:
    if images and field is not None:
        raise ImageError(
            f"--field-angstrom belongs to tables of positions, which end in .csv, .txt or .tsv;"
            f" {images[0]} is taken for an image, which has its own size"
        )
    region = read_mask(mask) if images and mask is not None else None
    seen = []
    with progress_bar("images") as progress:
        for done, file in enumerate(images):
            progress(done, len(images), None)
            seen.append(
                see(
                    file,
                    mask=region,
                    pixel_size_angstrom=pixel_size,
                    image=title,
                    frame=frame,
                    seed=seed,
                )
            )
    return seen


def _assumed(
    patterns: Sequence[PointPattern],
    recall: float | None,
    false_fraction: float | None,
    *,
    from_images: bool,
) -> tuple[str, ...]:
    """What was not given and is taken for granted."""
    assumed = []
    if recall is not None and any(p.recall is not None for p in patterns):
        assumed.append(f"recall {recall:g} as given, not that of the table or of planted atoms")
    if recall is None and any(p.recall is None for p in patterns):
        assumed.append(
            "RECALL NOT GIVEN: every atom is taken as detected, and pairs of which one atom was"
            " missed count as single atoms; measure it by planting atoms, or give --recall"
        )
    if false_fraction is None:
        assumed.append(
            f"false fraction {FALSE_DISCOVERY_RATE:g}, the rate at which atoms were searched for;"
            " bright texture of the support can make more"
            if from_images
            else "FALSE FRACTION NOT GIVEN: every position is taken for a metal atom; give"
            " --false-fraction"
        )
    return tuple(assumed)


def _draw(
    result: PairResult,
    seen: Sequence[SeenImage],
    plot: Path | None,
    report: Path | None,
    picture: Path | None,
    profiles: Path | None,
) -> None:
    if plot is not None:
        from adatom.plot.point_patterns import plot_pairs

        put_figure(plot, plot_pairs(result).figure)
    if report is not None:
        from adatom.report.stem_page import stem_html

        write_whole(report, stem_html(result))
    if picture is not None:
        put_figure(picture, stem_images.picture(seen[0], result, 0))
    if profiles is not None:
        lines = stem_images.profiles(seen[0], result)
        if lines is None:
            typer.echo(f"adatom: {profiles} not drawn: no doublet has two peaks", err=True)
        else:
            put_figure(profiles, lines)


def _pattern(file: Path, window: Window | None, resolution_angstrom: float | None) -> PointPattern:
    if window is None:
        raise ImageError(
            f"{file} says where atoms are but not where they were looked for; give --field-angstrom"
            " SIDE, or --mask with --pixel-size"
        )
    if resolution_angstrom is None:
        raise ImageError(
            f"{file}: without the resolution chance neighbours cannot be told from pairs; give"
            " --resolution-angstrom, the distance below which two atoms are detected as one"
        )
    atoms = read_positions(file)
    _require_angstrom(file, atoms.positions_angstrom, window, resolution_angstrom)
    return PointPattern(
        atoms.positions_angstrom, window, resolution_angstrom, str(file),
        atoms.intensity, atoms.recall, notes=(f"sha256 {atoms.sha256}", *atoms.notes),
    )  # fmt: skip


def _images(files: Sequence[Path]) -> list[Path]:
    """The files that are images; all of them or none."""
    for file in files:
        if not file.exists():
            raise ImageError(f"{file} does not exist; check the name")
    images = [file for file in files if not is_position_table(file)]
    if images and len(images) < len(files):
        raise ImageError("images and tables of positions in one run; analyse them apart")
    return images


def _refuse_repeated(patterns: Sequence[PointPattern]) -> None:
    """A field counted twice would narrow the interval."""
    known: dict[bytes, str] = {}
    for pattern in patterns:
        same = known.setdefault(pattern.positions_angstrom.tobytes(), pattern.source)
        if len(pattern) and same is not pattern.source:
            raise ImageError(
                f"{pattern.source} has the same atoms as {same}; give every field once"
            )


def _require_angstrom(
    file: Path, positions: np.ndarray, window: Window, resolution_angstrom: float
) -> None:
    """Refuse positions that no detection with this resolution gives, most likely in other units."""
    density = len(positions) / window.area_nm2
    if density > MOST_PER_NM2:
        raise ImageError(
            f"{file}: {density:.3g} atoms per nm2, and graphene has 38; are field and positions in"
            " angstrom?"
        )
    if len(positions) < 2:
        return
    nearest = cKDTree(positions).query(positions, k=2)[0][:, 1]
    closer = int((nearest < 0.9 * resolution_angstrom).sum())
    if closer > max(2, TOO_CLOSE * len(positions)):
        raise ImageError(
            f"{file}: {closer} of {len(positions)} atoms have a neighbour well below the resolution"
            f" of {resolution_angstrom:g} A, at which two are detected as one; are positions in"
            " angstrom, and the resolution right?"
        )


def _window(field: str | None, mask: Path | None, pixel_size: float | None) -> Window | None:
    if field is not None and mask is not None:
        raise AdatomError(
            "--field-angstrom and --mask both say where atoms were looked for; give one"
        )
    if mask is not None:
        if pixel_size is None:
            raise ImageError(f"{mask} has no scale; give --pixel-size in A")
        return Mask(read_mask(mask), pixel_size)
    if field is None:
        return None
    match = re.fullmatch(rf"{_NUMBER}(?:x{_NUMBER})?", field.strip())
    if match is None:
        raise AdatomError(
            f"--field-angstrom '{field}' must be a side in A, or WIDTHxHEIGHT, for example 100x80"
        )
    return Rectangle(float(match[1]), float(match[2] or match[1]))


def _atomic_numbers(text: str) -> tuple[int, int]:
    from ase.data import atomic_numbers

    names = [name.strip() for name in text.split(",")]
    if len(names) != 2 or any(name not in atomic_numbers for name in names):
        raise AdatomError(f"--metals '{text}' must be two elements, for example Fe,Pt")
    return int(atomic_numbers[names[0]]), int(atomic_numbers[names[1]])


def _classified(pattern: PointPattern, numbers: tuple[int, int]) -> Metals:
    if pattern.intensity is None:
        raise ImageError(f"{pattern.source}: --metals needs a column intensity")
    return classify_metals(pattern.intensity, numbers)


def _tilt(text: str) -> str | float:
    if text in ("isotropic", "in-plane"):
        return text
    try:
        return float(text)
    except ValueError:
        raise AdatomError(
            f"--tilt '{text}' must be isotropic, in-plane, or an angle in degrees"
        ) from None


def _range(text: str) -> tuple[float, float]:
    match = re.fullmatch(rf"{_NUMBER}:{_NUMBER}", text.strip())
    if match is None:
        raise AdatomError(f"--pair-distance '{text}' must be LOW:HIGH in A, for example 2.0:3.5")
    return float(match[1]), float(match[2])


def _named_shares(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Shares of trimers and clusters too, where they were asked for."""
    shares = found["group_shares"] or {}
    named = {"single": "single atoms", "pair": "pairs", "trimer": "trimers", "cluster": "clusters",
             "three_or_more": "three or more"}  # fmt: skip
    return [(text, shares[f"{key}_fraction"]) for key, text in named.items() if shares]


def _print(result: PairResult) -> None:
    console = wide_console()
    for note in result.assumed:
        console.print(Text(note), style="bold")
    console.print(Text(result.verdict))
    if result.groups.sentence:
        console.print(Text(result.groups.sentence), style="bold")
    found = result.as_dict()
    table = Table(title="pairs, 95 % intervals")
    for head in ("quantity", "value", "interval"):
        table.add_column(head)
    density = ", ".join(f"{x:.3g}" for x in found["metal_density_per_nm2"])
    table.add_row("detected atoms", str(found["atoms"]), "")
    table.add_row("density / nm-2", f"{found['density_per_nm2']:.3g}", "")
    table.add_row("density of metal atoms, missed ones too / nm-2", density, "")
    for name, key in (
        ("share of metal atoms in pairs", "pair_fraction"),
        ("distance in a pair / A", "pair_distance"),
        ("its spread / A", "pair_distance_sd"),
    ):
        value = found[key if key in found else f"{key}_angstrom"]
        low, high = found[f"{key}_interval_95"]
        table.add_row(name, f"{value:.3g}", f"{low:.3g} to {high:.3g}")
    limit = "at most " if found["probability_no_pairs_is_upper_limit"] else ""
    prior = f"{found['probability_no_pairs_prior']:g} beforehand"
    table.add_row("probability of no pairs", f"{limit}{found['probability_no_pairs']:.2g}", prior)
    if "metals" in found:
        hetero = found["metals"]["hetero_share_of_pairs"]
        table.add_row("share of pairs of two metals", f"{hetero:.2f}" if hetero else "none", "")
    for name, one in _named_shares(found):
        low, high = one["interval_95"]
        table.add_row(f"with groups, {name}", f"{one['value']:.3g}", f"{low:.3g} to {high:.3g}")
    console.print(table)
    listed = found["doublets"]
    if listed:
        probable = Table(title=f"doublets, the {min(_SHOWN, len(listed))} most probable")
        for head in ("file", "atoms", "distance / A", "probability of one pair"):
            probable.add_column(head)
        for one in listed[:_SHOWN]:
            first, second = one["atoms"]
            probable.add_row(Text(Path(one["file"]).name), f"{first}, {second}",
                             f"{one['distance_angstrom']:.2f}",
                             f"{one['probability']:.2f}")  # fmt: skip
        console.print(probable)
    for pattern, statistics in zip(result.inference.patterns, result.statistics, strict=True):
        console.print(Text(
            f"{Path(pattern.source).name}: random single atoms of this density and resolution have"
            f" p = {statistics.p_value:.3g} (global test of L, {SIMULATIONS} fields)"
        ))  # fmt: skip
        for note in pattern.notes:
            console.print(Text(f"- {note}"))
