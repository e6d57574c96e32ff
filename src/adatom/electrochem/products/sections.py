"""Sections of a product file: where a product was, the catalyst, the controls of ammonia."""

import numpy as np

from adatom.electrochem.products.experiment import (
    AmmoniaControls,
    Catalyst,
    Control,
    Flow,
    Headspace,
    Labelled,
    Liquid,
    Value,
    Vessel,
)
from adatom.electrochem.products.toml_table import TomlTable
from adatom.errors import SampleError

ZERO_CELSIUS_K = 273.15
AMMONIA_NEEDS = (
    "ammonia is believed with controls only: [ammonia.argon], [ammonia.open_circuit] and"
    " [ammonia.nitrogen15]"
)


def vessel(table: TomlTable) -> Vessel | None:
    """Solution, headspace or flow; None for an amount of the whole."""
    flows = ("outlet_flow_sccm", "inlet_flow_sccm", "outlet_flow_mL_min", "inlet_flow_mL_min")
    named = [key for key in (*flows, "volume_mL", "headspace_mL") if key in table]
    if not named:
        return None
    if len(named) > 1:
        raise SampleError(f"{table.where}: {named[0]} and {named[1]} exclude each other")
    key = named[0]
    size = table.value(key, "")
    if key == "volume_mL":
        return Liquid(size)
    prefix = "sccm_reference_" if key.endswith("sccm") else ""
    why = (
        "makers of flow controllers differ (0, 20 or 25 C): look into its manual"
        if prefix
        else "of the gas where its volume is measured"
    )
    celsius = table.number(f"{prefix}temperature_C", why)
    sd = table.number("temperature_sd_C", "", 0.0)
    pressure = (
        Value(table.number(f"{prefix}pressure_kPa", why))  # a convention, exact
        if prefix
        else table.value("pressure_kPa", why)
    )
    if pressure.value <= 0:
        raise SampleError(f"{table.where}: {prefix}pressure_kPa should be above 0")
    if not -100.0 < celsius < 500.0 or sd < 0:
        raise SampleError(f"{table.where}: {prefix}temperature_C should lie in -100 to 500 C")
    kelvin = Value(celsius + ZERO_CELSIUS_K, sd)
    if key == "headspace_mL":
        return Headspace(size, kelvin, pressure)
    return Flow(size, kelvin, pressure, inlet=key.startswith("inlet"))


def catalyst(table: TomlTable, notes: list[str]) -> Catalyst:
    """Mass and metals; what is taken as exact is added to ``notes``."""
    metals = {}
    mass = table.value("mass_mg", "of the catalyst on the electrode or in the suspension")
    if "metals_weight_percent" in table:
        inner = table.table("metals_weight_percent", "")
        metals = {name: inner.value(name, "weight percent") for name, _ in inner.items()}
        if sum(value.value for value in metals.values()) > 100.0:
            raise SampleError(f"{inner.where}: more than 100 % in all")
        notes += taken_as_exact(inner)
    table.done()
    notes += taken_as_exact(table)
    return Catalyst(mass, metals)


def ammonia_controls(table: TomlTable, lit: bool, notes: list[str]) -> AmmoniaControls:
    """The three controls, each refused by name when absent; ``lit`` for photocatalysis."""
    argon = _control(table.table("argon", f"blank without nitrogen reactant; {AMMONIA_NEEDS}"))
    resting = _control(
        table.table("open_circuit", f"no current (photocatalysis: dark); {AMMONIA_NEEDS}")
    )
    inner = table.table("nitrogen15", f"with the 15N reactant; {AMMONIA_NEEDS}")
    labelled = Labelled(
        inner.value("amount_umol", "15NH3 found with the 15N reactant", positive=False),
        None if lit else inner.value("charge_C", "of the experiment with 15N"),
        inner.value("duration_s", "of the experiment with 15N").value,
        inner.value("enrichment_percent", "15N in the reactant"),
    )
    inner.done()
    notes += taken_as_exact(inner, but=("duration_s",))
    if labelled.enrichment_percent.value > 100.0:
        raise SampleError(f"{inner.where}: enrichment_percent is at most 100")
    table.done()
    return AmmoniaControls(argon, resting, labelled)


def _control(table: TomlTable) -> Control:
    duration = table.value("duration_s", "of the control").value
    if ("response" in table) == ("amount_umol" in table):
        raise SampleError(f"{table.where}: exactly one of response or amount_umol is needed")
    if "response" in table:
        found = Control(duration, table.readings("response", "of the control"))
    else:
        given = table.value("amount_umol", "of NH3 in the control", positive=False)
        found = Control(duration, np.array([]), given)
    table.done()
    return found


def taken_as_exact(table: TomlTable, but: tuple[str, ...] = ()) -> list[str]:
    """A note that names the numbers without a standard deviation, or none."""
    names = [key for key in table.exact if key not in but]
    return [f"{table.where}: taken as exact: {', '.join(names)}"] if names else []
