"""Stated default standard deviations of the engines, read from the packaged benchmarks.

Each file in ``benchmarks`` is what ``adatom energies benchmark --engine NAME --json FILE`` wrote.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from adatom.errors import AdatomError, EngineError
from adatom.thermo.table import DEFAULT_SD_EV

REMAINDER_EV = 0.25
"""Error of the plane-wave reference itself: the usual 0.20 eV of a GGA, and forces not yet
relaxed (a stated default)."""


def packaged_benchmarks() -> dict[str, dict[str, Any]]:
    """Engine -> its packaged benchmark, as written by the command."""
    folder = resources.files("adatom.thermo").joinpath("benchmarks")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    found = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {result["engine"]: result for result in found}


def benchmark_command(engine_name: str) -> str:
    """The command that gives the benchmark of an engine."""
    return f"adatom energies benchmark --engine {engine_name}"


ENGINE_SD_EV: Mapping[str, float] = {
    name: float(result["stated_sd_eV"]) for name, result in packaged_benchmarks().items()
}
"""Stated default standard deviation of each benchmarked engine's adsorption free energies, eV."""


LARGEST_SD_EV = 5.0
"""A larger standard deviation says nothing."""


def engine_sd_eV(engine_name: str, given_eV: float | None = None) -> tuple[float, str]:
    """Standard deviation of an engine's adsorption free energies, eV, and where it comes from.

    ``given_eV`` is what the user states; without it that of ``ENGINE_SD_EV``. An empty name
    stands for energies of unnamed origin, which have the default of a table. Raises
    :class:`~adatom.errors.AdatomError` for an engine without a packaged benchmark, or an
    impossible value.
    """
    if given_eV is not None:
        if not 0.0 < given_eV <= LARGEST_SD_EV:
            raise AdatomError(
                f"the standard deviation must lie between 0 and {LARGEST_SD_EV:g} eV,"
                f" got {given_eV:g}"
            )
        return given_eV, f"given, sd {given_eV:g} eV"
    if not engine_name:
        return DEFAULT_SD_EV, f"stated default, sd {DEFAULT_SD_EV} eV"
    if engine_name not in ENGINE_SD_EV:
        raise EngineError(
            f"engine '{engine_name}' has no measured uncertainty (known for"
            f" {', '.join(ENGINE_SD_EV)}); measure it with '{benchmark_command(engine_name)}' or"
            " state the standard deviation of its adsorption free energies in eV with --sd"
        )
    sd = ENGINE_SD_EV[engine_name]
    return sd, f"stated default of the engine, sd {sd} eV ({benchmark_command(engine_name)})"
