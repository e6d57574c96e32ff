"""What pages of measurements share: tables of figures, lists, and what a result rests on.

They take the plain data that the JSON of a result holds.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Any

from adatom.provenance import software_versions


def value_text(figure: dict[str, Any]) -> str:
    """A figure with its interval and unit, as HTML; ``none`` without a value."""
    low, high = ("open" if x is None else f"{x:.4g}" for x in figure["interval_95"])
    unit = "" if figure["unit"] == "1" else html.escape(figure["unit"])
    if figure["value"] is None:
        return "none" if low == high == "open" else f"none ({low} to {high}) {unit}".rstrip()
    return f"{figure['value']:.4g} ({low} to {high}) {unit}".rstrip()


def figure_table(rows: Iterable[tuple[str, dict[str, Any]]]) -> str:
    """Figures by name (HTML) with interval, conditions and reason."""
    cells = [
        f"<tr><td>{name}</td><td>{value_text(figure)}</td>"
        f"<td>{html.escape(_conditions(figure['conditions']))}</td>"
        f"<td>{html.escape(figure['reason'])}</td></tr>"
        for name, figure in rows
    ]
    return (
        "<div class=scroll><table><tr><th>figure</th><th>value (95 %)</th><th>conditions</th>"
        f"<th>why not, or beware</th></tr>{''.join(cells)}</table></div>"
    )


def _conditions(conditions: dict[str, Any]) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, list):
            return " to ".join(shown(v) for v in value)
        if isinstance(value, dict):
            return ", ".join(f"{name} {shown(v)}" for name, v in value.items())
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return "; ".join(f"{key.replace('_', ' ')} {shown(v)}" for key, v in conditions.items())


def text_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Plain texts in rows below ``heads`` (HTML)."""
    top = "".join(f"<th>{head}</th>" for head in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<div class=scroll><table><tr>{top}</tr>{body}</table></div>"


def text_list(texts: Sequence[str]) -> str:
    """Plain texts as a list; nothing where there are none."""
    if not texts:
        return ""
    return f"<ul class=note>{''.join(f'<li>{html.escape(t)}</li>' for t in texts)}</ul>"


def basis(files: Sequence[dict[str, Any]], settings: Sequence[str] = ()) -> str:
    """Files with their hashes and notes, settings, and versions of the software."""
    read = [
        "; ".join([f"{f['file']} ({f['format']}, sha256 {f['sha256']})", *f["notes"]])
        for f in files
    ]
    software = ", ".join(f"{name} {version}" for name, version in software_versions().items())
    return (
        f"<h2>What this rests on</h2>{text_list(read)}{text_list(settings)}"
        f"<p class=note>{html.escape(software)}</p>"
    )
