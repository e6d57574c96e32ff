"""Pages of impedance spectra and of products hold the numbers of their JSON."""

import json
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from adatom.cli import main
from adatom.electrochem.impedance.notation import parse_circuit
from adatom.report.measured import basis, figure_table, text_list, value_text
from impedance_spectra import synthetic

DOC = Path(__file__).parents[2] / "docs" / "products.md"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert stop.value.code == 0, err
    return out


def body(page):
    """What is written, without the drawing library and the data of figures."""
    text = page.read_text()
    assert "src=" not in re.sub(r"<script.*?</script>", "", text, flags=re.S)
    return re.sub(r"<script.*?</script>", "", text, flags=re.S)


def test_the_page_of_a_series_of_spectra(tmp_path, capsys):
    circuit = parse_circuit("R(RQ)")
    files = []
    for n, (potential, charge) in enumerate(((0.8, 63.0), (0.7, 80.0))):
        s = synthetic(circuit, {"R0": 10.0, "R1": charge, "CPE1.Q": 1e-4, "CPE1.n": 0.85},
                      noise=0.005)  # fmt: skip
        table = np.column_stack(
            [s.frequency_Hz, s.impedance_ohm.real, s.impedance_ohm.imag,
             np.full(len(s), potential)]
        )  # fmt: skip
        files.append(tmp_path / f"z{n}<b>.csv")
        np.savetxt(files[-1], table, delimiter=",", comments="",
                   header="Freq (Hz),Z' (Ohm),Z'' (Ohm),E (V)")  # fmt: skip
    page = tmp_path / "z.html"
    out = run(capsys, "eis", *files, "--circuit", "R(RQ)", "--json", "-", "--report", page)
    content = json.loads(out)
    text = body(page)
    for file, entry in zip(files, content["spectra"], strict=True):
        assert sha256(file.read_bytes()).hexdigest() in text
        for figure in (*entry["fit"]["parameters"].values(), entry["uncompensated_resistance"]):
            assert value_text(figure) in text
    assert len(re.findall(r'<div id="(spectrum\d|series)"', text)) == 3
    assert "z0<b>" not in text
    assert content["files"][0]["sha256"] == sha256(files[0].read_bytes()).hexdigest()


def test_the_page_of_products(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```toml\n(.*?)```", DOC.read_text(), re.S)[1]
    file = Path("products.toml")
    file.write_text(example.replace("CO2 reduction,", "<i>CO2,"))
    out = run(capsys, "products", file, "--json", "-", "--report", "p.html")
    content, text = json.loads(out), body(Path("p.html"))
    for product in content["products"]:
        for figure in product["figures"].values():
            assert value_text(figure) in text
    assert content["verdict"] in text
    assert sha256(file.read_bytes()).hexdigest() in text
    assert "<i>CO2" not in text


def test_what_pages_share_is_text_and_not_markup():
    figure = {"value": 1.0, "interval_95": [0.5, None], "unit": "<V>", "reason": "<b>",
              "conditions": {"window_V": [0.1, 0.2]}}  # fmt: skip
    assert value_text(figure) == "1 (0.5 to open) &lt;V&gt;"
    assert value_text(figure | {"value": None}) == "none (0.5 to open) &lt;V&gt;"
    assert value_text(figure | {"value": None, "interval_95": [None, None]}) == "none"
    assert "&lt;b&gt;" in figure_table([("E", figure)])
    assert "window V 0.1 to 0.2" in figure_table([("E", figure)])
    assert text_list([]) == ""
    named = {"file": "<f>", "format": "x", "sha256": "0", "notes": ["<n>"]}
    assert "&lt;f&gt;" in basis([named])
    assert "<n>" not in basis([named])
