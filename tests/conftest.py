import os
from pathlib import Path

import pytest

from adatom.electrolytes import load_electrolyte
from adatom.reactions import load_network


@pytest.fixture
def orr():
    return load_network("ORR")


@pytest.fixture
def her():
    return load_network("HER")


@pytest.fixture
def koh():
    return load_electrolyte("0.1 M KOH")


@pytest.fixture(scope="session")
def data_folder():
    root = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("ADATOM_DATA", root.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder} (set ADATOM_DATA)")
    return folder
