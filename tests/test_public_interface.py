"""The public list, and the direction in which modules may import each other."""

import ast
from pathlib import Path

import adatom

SOURCE = Path(adatom.__file__).parent

# A module may import from its own level and from those to its left (shared/architecture).
LEVELS = (
    (
        "units",
        "species",
        "errors",
        "provenance",
        "curves",
        "reactions",
        "figure_of_merit",
        "electrolytes",
        "levich",
        "toml_file",
        "ring_disk",
    ),
    ("sites",),
    ("energies",),
    ("thermo",),
    ("kinetics",),
    ("transport",),
    ("prediction",),
    ("fitting",),
    ("readers",),
    ("electrochem", "stem", "xas"),
    ("evidence",),
    ("library",),
    ("plot", "report"),
    ("cli",),
)


def test_public_list_is_pinned():
    assert sorted(adatom.__all__) == [
        "AdatomError",
        "EnergySource",
        "FreeEnergies",
        "PolarizationCurve",
        "Prediction",
        "RateModel",
        "Store",
        "build_site",
        "classify_site",
        "from_engine",
        "from_file",
        "from_package",
        "list_sites",
        "load_electrolyte",
        "load_network",
        "parse_site",
        "predict_curves",
    ]
    assert all(hasattr(adatom, name) for name in adatom.__all__)


def _top_level_imports(path: Path) -> set[str]:
    """Parts of adatom imported when the module is; lazy imports inside functions are free."""
    tree = ast.parse(path.read_text())
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("adatom."):
            names.add(node.module.split(".")[1])
    return names


def test_imports_point_from_science_to_its_users():
    rank = {part: level for level, parts in enumerate(LEVELS) for part in parts}
    modules = [p for p in SOURCE.rglob("*.py") if p != SOURCE / "__init__.py"]
    assert len(modules) > 20
    for path in modules:
        part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for imported in _top_level_imports(path):
            assert rank[imported] <= rank[part], f"{path} imports adatom.{imported}"


def test_measurement_knows_no_theory():
    """Measurements rest on the vocabulary alone; evidence is where the two meet."""
    measured = ("readers", "electrochem", "stem", "xas")
    allowed = {*LEVELS[0], *measured}
    for part in measured:
        for path in (SOURCE / part).rglob("*.py"):
            assert _top_level_imports(path) <= allowed, path


def test_importing_adatom_loads_no_heavy_engine():
    import subprocess
    import sys

    code = "import adatom, sys; print([m for m in ('torch', 'chgnet', 'diep') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
