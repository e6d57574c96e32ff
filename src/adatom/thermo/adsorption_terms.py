"""Computed thermal terms of adsorbates, in place of the usual tabulated ones where asked for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from adatom.energies.vibrations import LOW_FREQUENCY_CM1, Vibrations
from adatom.errors import AdatomError
from adatom.species import parse_species
from adatom.thermo.vibrational import (
    BAR_PA,
    ThermalTerms,
    harmonic_terms,
    ideal_gas_terms,
    water_vapour_pressure_Pa,
)
from adatom.units import ROOM_TEMPERATURE_K

LARGEST_FILE_BYTES = 50_000_000
LARGEST_TERM_EV = 3.0
"""A larger thermal term is a mistake."""


@dataclass(frozen=True)
class AdsorptionTerms:
    """Computed dZPE - T dS of the adsorbates of one site, in place of the usual values."""

    site: str
    values_eV: Mapping[str, float]
    """Adsorbate -> thermal term against H2O and H2, eV."""
    temperature_K: float
    method: str
    """Engine, cutoff and displacement, for people."""
    details: Mapping[str, ThermalTerms] = field(default_factory=dict)
    """Terms of every state and gas they are made of."""

    @property
    def recorded(self) -> str:
        """How a free energy made with them says so."""
        values = ", ".join(f"{s} {v:+.3f} eV" for s, v in self.values_eV.items())
        return f"thermal (computed vibrations: {self.method}, {self.temperature_K:g} K): {values}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON, read back by :func:`read_adsorption_terms`."""
        return {
            "site": self.site,
            "temperature_K": self.temperature_K,
            "method": self.method,
            "values_eV": dict(self.values_eV),
            "details": {state: terms.as_dict() for state, terms in self.details.items()},
        }


def adsorption_terms(
    site: str,
    adsorbed: Mapping[str, Vibrations],
    bare: Vibrations,
    gases: Mapping[str, Vibrations],
    *,
    temperature_K: float = ROOM_TEMPERATURE_K,
    cutoff_cm1: float = LOW_FREQUENCY_CM1,
) -> AdsorptionTerms:
    """Thermal terms of adsorbates of H and O against H2 at 1 bar and liquid H2O.

    ``adsorbed`` displaced the adsorbate and the metals, ``bare`` the metals, ``gases`` are H2 and
    H2O; liquid water is its vapour at equilibrium (Norskov et al. 2004, 10.1021/jp047349j).
    """
    engines = {v.engine for v in (*adsorbed.values(), bare, *gases.values())}
    if len(engines) > 1:
        raise AdatomError(f"{site}: vibrations of different engines, {', '.join(sorted(engines))}")
    clean = harmonic_terms(bare, temperature_K=temperature_K, cutoff_cm1=cutoff_cm1)
    pressure = {"H2": BAR_PA, "H2O": water_vapour_pressure_Pa(temperature_K)}
    details = {
        "*": clean,
        **{
            gas: ideal_gas_terms(gases[gas], temperature_K=temperature_K, pressure_Pa=p)
            for gas, p in pressure.items()
        },
    }
    values = {}
    for state, found in adsorbed.items():
        species = parse_species(state)
        if any(element not in ("H", "O") for element, _ in species.atoms):
            raise AdatomError(f"{state}: no gas reference; adsorbates of H and O have one")
        oxygen, hydrogen = species.count("O"), species.count("H")
        terms = harmonic_terms(found, temperature_K=temperature_K, cutoff_cm1=cutoff_cm1)
        details[state] = terms
        reference = (
            oxygen * details["H2O"].free_energy_eV
            + (hydrogen / 2.0 - oxygen) * details["H2"].free_energy_eV
        )
        values[state] = terms.free_energy_eV - clean.free_energy_eV - reference
    method = (
        f"{bare.engine}, adsorbate and metals displaced by {bare.displacement_A:g} A,"
        f" modes below {cutoff_cm1:g} cm^-1 raised to it"
    )
    return AdsorptionTerms(site, values, temperature_K, method, details)


def read_adsorption_terms(path: Path) -> AdsorptionTerms:
    """Read what ``adatom energies vibrations SITE --adsorbate ... --json FILE`` wrote.

    Raises :class:`~adatom.errors.AdatomError` naming the file and what is amiss.
    """
    if not path.is_file():
        raise AdatomError(f"thermal file {path} does not exist")
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise AdatomError(f"{path} is larger than {LARGEST_FILE_BYTES // 1_000_000} MB")
    try:
        data = json.loads(path.read_text())
    except (ValueError, RecursionError) as error:
        raise AdatomError(f"{path}: not JSON: {error}") from error
    found = data.get("adsorption_terms") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        raise AdatomError(
            f"{path}: holds no 'adsorption_terms'; make it with: adatom energies vibrations SITE"
            " --adsorbate *OH ... --json FILE"
        )
    expected: dict[str, type | tuple[type, ...]] = {
        "site": str, "temperature_K": (int, float), "method": str, "values_eV": dict,
    }  # fmt: skip
    for name, kind in expected.items():
        if not isinstance(found.get(name), kind) or isinstance(found[name], bool):
            raise AdatomError(f"{path}: adsorption_terms has no usable '{name}'")
    values = found["values_eV"]
    for state, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(value) or abs(value) > LARGEST_TERM_EV:
            raise AdatomError(
                f"{path}: the term of {state} should lie within {LARGEST_TERM_EV:g} eV of zero,"
                f" got {value}"
            )
    return AdsorptionTerms(
        found["site"], {str(s): float(v) for s, v in values.items()},
        float(found["temperature_K"]), found["method"],
    )  # fmt: skip


def terms_of(
    site: str, states: Sequence[str], known: Sequence[AdsorptionTerms]
) -> AdsorptionTerms | None:
    """The terms of one site among ``known``; None when none were given at all.

    Raises :class:`~adatom.errors.AdatomError` when the site or one of its states is missing, is
    there twice, or belongs to another temperature than that of predictions.
    """
    if not known:
        return None
    mine = [terms for terms in known if terms.site == site]
    flags = " ".join(f"--adsorbate '{s}'" for s in states)
    remedy = f"adatom energies vibrations {site} {flags} --json FILE"
    if not mine:
        raise AdatomError(
            f"{site}: no computed thermal terms among those of"
            f" {', '.join(t.site for t in known)}; make them with: {remedy}"
        )
    if len(mine) > 1:
        raise AdatomError(f"{site}: thermal terms are given twice; keep one file")
    missing = [s for s in states if s not in mine[0].values_eV]
    if missing:
        raise AdatomError(
            f"{site}: thermal terms lack {', '.join(missing)}; make them with: {remedy}"
        )
    if abs(mine[0].temperature_K - ROOM_TEMPERATURE_K) > 0.01:
        raise AdatomError(
            f"{site}: thermal terms at {mine[0].temperature_K:g} K, predictions are at"
            f" {ROOM_TEMPERATURE_K} K; compute them at that temperature"
        )
    return mine[0]
