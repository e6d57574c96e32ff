"""The worked example of docs/products.md runs and gives the numbers printed there."""

import json
import re
from pathlib import Path

import pytest

from adatom.cli import main

DOC = Path(__file__).parents[2] / "docs" / "products.md"


def test_worked_example_gives_the_numbers_of_its_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = DOC.read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.S)[1]
    Path("products.toml").write_text(example)
    with pytest.raises(SystemExit) as stop:
        main(["electrochem", "products", "products.toml", "--json", "-", "--plot", "p.png"])
    out, err = capsys.readouterr()
    assert stop.value.code == 0, err
    result = json.loads(out)
    assert Path("p.png").stat().st_size > 5000
    rows = re.findall(r"^\| (\S+) \| ([\d.]+) \(([\d.]+) to ([\d.]+)\) \|", text, re.M)
    assert [row[0] for row in rows] == ["CO", "H2", "HCOO-", "sum"]
    figures = {p["name"]: p["figures"]["faradaic_efficiency_percent"] for p in result["products"]}
    figures["sum"] = result["total_efficiency_percent"]
    for name, value, low, high in rows:
        figure = figures[name]
        assert float(value) == pytest.approx(figure["value"], abs=0.051)
        assert [float(low), float(high)] == pytest.approx(figure["interval_95"], abs=0.051)
    assert result["verdict"] in text.replace("\n", " ")
