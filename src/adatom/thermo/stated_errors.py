"""Stated default standard deviations of the engines, read from the packaged benchmarks.

Each file in ``benchmarks`` is what ``adatom energies benchmark --engine NAME --json FILE`` wrote.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

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


def engine_sd_eV(engine_name: str) -> tuple[float, str]:
    """Stated default of an engine, and where it comes from.

    An engine without a packaged benchmark gets the largest of the others, and that is said.
    """
    if engine_name in ENGINE_SD_EV:
        sd = ENGINE_SD_EV[engine_name]
        return sd, f"stated default of the engine, sd {sd} eV ({benchmark_command(engine_name)})"
    sd = max(ENGINE_SD_EV.values())
    return sd, (
        f"engine {engine_name} has no packaged benchmark: sd {sd} eV, the largest of"
        f" {', '.join(ENGINE_SD_EV)}; measure it with '{benchmark_command(engine_name)}' and give"
        " it with --sd"
    )
