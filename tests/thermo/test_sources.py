import json
import shutil

import pytest

from adatom.energies.engines import ENGINES
from adatom.energies.layout import CALCULATION_FILE
from adatom.energies.store import Store
from adatom.errors import AdatomError, EngineError
from adatom.reactions import load_network
from adatom.sites.notation import parse_site
from adatom.thermo.packaged import packaged_folder
from adatom.thermo.sources import from_engine, from_file
from adatom.thermo.stated_errors import ENGINE_SD_EV, engine_sd_eV

UNMEASURED = [name for name in ENGINES if name not in ENGINE_SD_EV]


@pytest.mark.parametrize("name", UNMEASURED)
def test_an_engine_nothing_was_measured_of_is_refused_before_it_computes(name, tmp_path):
    with pytest.raises(EngineError, match="no measured uncertainty"):
        from_engine(
            [parse_site("FeN4@graphene")],
            load_network("ORR"),
            engine_name=name,
            store=Store(tmp_path / "a.db"),
        )
    assert not (tmp_path / "a.db").exists()


def test_its_folder_gets_no_uncertainty_either(tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(packaged_folder(), folder)
    content = json.loads((folder / CALCULATION_FILE).read_text())
    (folder / CALCULATION_FILE).write_text(json.dumps(content | {"engine": UNMEASURED[0]}))
    with pytest.raises(EngineError, match=f"{UNMEASURED[0]}.*--sd"):
        from_file(folder, load_network("ORR"))
    for free in from_file(folder, load_network("ORR"), sd_eV=0.7):
        assert set(free.sd_eV.values()) == {0.7}
        assert free.source.uncertainty == "given, sd 0.7 eV"


@pytest.mark.parametrize("sd_eV", [0.0, -0.1, 6.0, float("nan")])
def test_impossible_uncertainties_are_refused(sd_eV):
    with pytest.raises(AdatomError, match="between 0 and 5 eV"):
        engine_sd_eV("gpaw", sd_eV)
