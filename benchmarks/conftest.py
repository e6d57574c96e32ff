"""Ratios and findings measured in one run, printed at its end."""

from pathlib import Path

import pytest

RATES: dict[str, float] = {}
FINDINGS: list[str] = []


@pytest.fixture
def rates():
    """Name -> results per second, shared by the benchmarks of one run."""
    return RATES


@pytest.fixture
def findings():
    """Lines that the benchmarks of one run have to say."""
    return FINDINGS


def pytest_terminal_summary(terminalreporter):
    if RATES:
        terminalreporter.write_sep("=", "per second, and against the slowest of each task")
    for name, rate in RATES.items():
        task = name.split(":")[0]
        slowest = min(r for n, r in RATES.items() if n.split(":")[0] == task)
        terminalreporter.write_line(f"{name:66s} {rate:14.4g} /s {rate / slowest:12.4g} x")
    if FINDINGS:
        terminalreporter.write_sep("=", "found")
    for line in FINDINGS:
        terminalreporter.write_line(line)
    if RATES or FINDINGS:
        terminalreporter.write_line(f"run from {Path(__file__).parent.name}/ with make bench")
