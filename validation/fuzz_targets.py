"""What is fuzzed: every format that is read, its small files, and what may come out of it."""

import io
import json
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from damage import shortened, wrapped

from adatom.electrochem.analysis import analyse_recordings
from adatom.electrochem.impedance.resistance import uncompensated_resistance
from adatom.electrochem.impedance.spectrum import spectra_of
from adatom.electrochem.result_file import read_result
from adatom.electrochem.sample import load_sample
from adatom.errors import AdatomError, RecordingError
from adatom.readers import delimited, read_recording
from adatom.readers.detection import FORMATS, read_source
from adatom.readers.long_table import column_chunks
from adatom.readers.source import Source
from adatom.report.electrochem import analysis_json

ROOT = Path(__file__).resolve().parents[1]
SNIPPETS = ROOT / "tests" / "readers" / "snippets"
DATA = Path(os.environ.get("ADATOM_DATA", ROOT.parent / "shared" / "data")) / "echem"
LARGEST_SEED = 80_000
"""Bytes; small files, so that many can be tried."""
MODULES = {module.__name__.rpartition(".")[2]: module for module in (*FORMATS, delimited)}
MAPS = ({"potential_V": "column 1"}, {"current_mA": "-column 2", "time_s": "column 1"})
"""Column maps, given now and then."""
SAMPLE = b"""[electrode]
area_cm2 = 0.196
area_sd_cm2 = 0.002
[electrolyte]
name = "0.1 M KOH"
pH = 13
[reference]
electrode = "RHE"
[resistance]
ohm = 18.4
fraction = 1.0
[loading]
metal_wt_percent = { Fe = 1.2, Co = 0.8 }
[measurement]
rotation_rpm = [400, 1600]
"""
RESULT = {
    "sample": {"electrode.area_cm2": 0.196, "electrolyte.name": "0.1 M KOH"},
    "reference": {"offset_V": 0.0, "sd_V": 0.002, "source": "RHE"},
    "sweeps": [],
}


def attempt(data: bytes, columns: dict[str, str] | None = None) -> str:
    """What came of reading: a format and its notes, or why it was refused; else it is raised."""
    if not data.strip(b" \t\r\n\0"):
        return "empty"
    try:
        recording = read_source(Source(Path("damaged"), data), columns)
    except RecordingError as error:
        return _refusal(error)
    json.dumps(recording.summary(), allow_nan=False)
    frame = recording.to_frame()
    if np.isinf(frame.to_numpy(dtype=float, na_value=np.nan)).any():
        raise AssertionError("an infinite value among the columns")
    for note in recording.notes:
        if not note.isprintable():
            raise AssertionError(f"a note of several lines or with control characters: {note!r}")
    kinds = "+".join(sorted({s.technique for s in recording.segments}))
    return f"{recording.format}: {kinds} {_skeleton(' '.join(sorted(set(recording.notes))))}"


def attempt_analysis(data: bytes) -> str:
    """What is read goes on to figures of merit, and to a resistance where it is a spectrum."""
    try:
        recording = read_source(Source(Path("damaged"), data))
        if any("frequency_Hz" in s for s in recording.segments):
            found = uncompensated_resistance(spectra_of(recording)[0])
            return f"resistance {len(found.text(3))}"
        analysis = analyse_recordings(
            [recording],
            load_sample(None, ["electrode.area_cm2=0.2", "reference.offset_V=0.1"]),
            read=read_recording,
            resistance_of=lambda _: None,
            draws=20,
        )
    except AdatomError as error:
        return _refusal(error)
    json.dumps(analysis_json(analysis), allow_nan=False)
    reasons = [s.limited.half_wave_V_rhe.reason for s in analysis.sweeps]
    return _skeleton(f"{min(len(reasons), 5)} sweeps {reasons[:1]}")


def attempt_long_table(data: bytes) -> str:
    """Two columns of a table of any length, by the names of its first line."""
    return _with_file(data, lambda path: _long_table(path, data))


def attempt_sample(data: bytes) -> str:
    """Settings of a sample."""
    return _with_file(data, lambda path: " ".join(sorted(load_sample(path).values)))


def attempt_result(data: bytes) -> str:
    """Figures that an analysis wrote."""
    return _with_file(data, lambda path: f"result of {min(9, len(read_result(path).sweeps))}")


def _long_table(path: Path, data: bytes) -> str:
    first = data.split(b"\n", 1)[0].decode("utf-8", "replace")
    names = [n.strip() for n in re.split("[\t;,]", first)]
    rows = sum(len(t) for t, _ in column_chunks(path, names[0], names[-1]))
    return f"rows {min(rows, 50)}"


def _with_file(data: bytes, read: Callable[[Path], str]) -> str:
    with tempfile.NamedTemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        file.write(data)
        file.flush()
        try:
            return read(Path(file.name))
        except AdatomError as error:
            return _refusal(error, file.name)


def _refusal(error: AdatomError, path: str = "") -> str:
    text = str(error)
    if not text.isprintable():
        raise AssertionError(f"a message of several lines or with control characters: {text!r}")
    if len(text) > 2100:
        raise AssertionError(f"a message of {len(text)} characters: {text[:200]!r}")
    if "MemoryError" in text:
        raise AssertionError(f"memory was asked for that there is not: {text!r}")
    return "refused: " + _skeleton(text.replace(path, "") if path else text)


def _skeleton(text: str) -> str:
    """A message without what depends on the file."""
    return re.sub(r"'[^']*'|[-+.\d]+", "#", text)[:150]


def every_seed() -> Iterator[tuple[str, bytes]]:
    """Name and content of the small files at hand, those of the tests and shortened real ones."""
    folders = [SNIPPETS, DATA] if DATA.is_dir() else [SNIPPETS]
    for path in (p for folder in folders for p in sorted(folder.iterdir())):
        data = path.read_bytes()
        short = shortened(data)
        yield path.name, short if len(short) <= LARGEST_SEED else data[:LARGEST_SEED]
    for number, tdms in enumerate(_tdms_files()):
        yield f"written{number}.tdms", tdms


def _tdms_files() -> Iterator[bytes]:
    try:
        import nptdms
    except ImportError:
        return
    grid = np.linspace(1.0, 0.2, 7)
    for dtype in (np.float64, np.float32, np.int16):
        file = io.BytesIO()
        with nptdms.TdmsWriter(file) as writer:
            for group in ("sweep", "other"):
                channels = [
                    nptdms.ChannelObject(group, "E", grid.astype(dtype), {"unit_string": "V"}),
                    nptdms.ChannelObject(group, "I", -grid.astype(dtype), {"unit_string": "mA"}),
                    nptdms.ChannelObject(group, "name", np.array(["a", "b"])),
                ]
                writer.write_segment([nptdms.RootObject({"who": "x", "n": 5}), *channels])
        yield file.getvalue()


def seeds_of(target: str) -> list[bytes]:
    """The files from which damaged ones of this target are made."""
    everything = [data for _, data in every_seed()]
    if target == "sample":
        return [SAMPLE]
    if target == "result":
        return [json.dumps(RESULT).encode()]
    if target == "analysis":
        return [*everything, *_sweeps()]
    if target == "containers":
        rng = random.Random(0)
        return [wrapped(data, rng) for data in everything for _ in range(3)]
    if target == "long_table":
        rows = b"".join(b"%d,%.3f,%d\n" % (n, 1.0 - n / 1e3, n % 5) for n in range(60))
        return [b"time_s,current_A,cycle\n" + rows, b't;"E";I\n1;2;3\n4;5;6\n', *everything]
    of_format = []
    for data in everything:
        source = Source(Path("seed"), data)
        first = next((m for m in FORMATS if m.recognises(source)), delimited)
        if first is MODULES[target] and not (first is delimited and source.binary):
            of_format.append(data)
    return of_format


def _sweeps() -> Iterator[bytes]:
    """Of 80 points, with one plateau and without."""
    grid = np.linspace(1.05, 0.2, 80)
    kinetic = 5.7 * 10.0 ** ((0.85 - grid) / 0.06)
    for current in (5.7 * kinetic / (5.7 + kinetic), np.minimum(kinetic, 300.0)):
        rows = "".join(f"{e:.4f},{-2e-4 * i:.5e}\n" for e, i in zip(grid, current, strict=True))
        yield f"Potential/V,Current/A\n{rows}".encode()
        top = "LSV\nInstrument Model:  CHI660\nScan Rate (V/s) = 0.01\n\nPotential/V, Current/A\n\n"
        yield f"{top}{rows}".encode()


SPECIAL: dict[str, Callable[[bytes], str]] = {
    "analysis": attempt_analysis,
    "long_table": attempt_long_table,
    "sample": attempt_sample,
    "result": attempt_result,
}
TARGETS = (*MODULES, "containers", *SPECIAL)
"""By the name of the module that reads it."""
