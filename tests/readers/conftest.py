from pathlib import Path

import pytest

from adatom.readers import read_recording

SNIPPETS = Path(__file__).parent / "snippets"


@pytest.fixture
def snippet():
    """Read one of the small files beside this one."""
    return lambda name, columns=None: read_recording(SNIPPETS / name, columns)


@pytest.fixture
def real(data_folder):
    """Path of a real instrument's file."""
    return lambda name: data_folder / "echem" / name


@pytest.fixture
def written(tmp_path):
    """Read a text written to a file, with a name that tells nothing."""

    def read(text, columns=None, encoding="utf-8"):
        path = tmp_path / "x"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_recording(path, columns)

    return read
