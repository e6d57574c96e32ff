"""Athena project files (.prj): lists in the syntax of Perl, usually compressed.

Read by a grammar of its own (strings, numbers, lists, nothing that runs); energies are those that
Athena shows, its energy shift included.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from adatom.errors import RecordingError
from adatom.readers.source import MAX_BYTES, Source
from adatom.readers.spectrum import MAX_POINTS, AbsorptionSpectrum, ordered

NAME = "Athena project"
_GZIP = b"\x1f\x8b"
_MARK = b"# Athena project file"
_STATEMENT = re.compile(r"([$@%]\w{1,40})\s*=\s*(.*);\s*", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|(=>|[][(){},])|([-+.\w]+))")
_NEEDED = ("@args", "@x", "@y")
"""Of every record."""
_MAX_DEPTH = 8
_MAX_ITEMS = 4 * MAX_POINTS
_OPEN = {"(": ")", "[": "]", "{": "}"}


def recognises(source: Source) -> bool:
    """Whether this is such a file."""
    if source.data.startswith(_GZIP):
        try:
            head = zlib.decompressobj(31).decompress(source.data[:4096], 4096)
        except zlib.error:
            return False
        return head.startswith(_MARK)
    return source.data.startswith(_MARK)


def read(source: Source) -> tuple[AbsorptionSpectrum, ...]:
    """Read every record with mu(E).

    Raises :class:`~adatom.errors.RecordingError` where there is none or the file is damaged.
    """
    plain = Source(source.path, _plain(source))
    records: list[dict[str, Any]] = []
    for at, line in enumerate(plain.plain.decode(plain.codec).split("\n")):
        match = _STATEMENT.fullmatch(line.strip())
        if match is None:
            if line.lstrip().startswith(_NEEDED):
                raise plain.refuse("a statement without its end; copy the file again", at)
            continue
        if match[1] == "$old_group":
            records.append({"line": at})
        elif records and match[1] in ("@args", "@x", "@y", "@i0"):
            records[-1][match[1]] = parse_list(plain, match[2], at)
            if match[1] == "@args":
                records[-1]["header"] = line
    if records and not set(_NEEDED) <= set(records[-1]):
        raise plain.refuse("the last record is cut off; copy the file again", records[-1]["line"])
    found, tags = [], {}
    for record in records:
        settings = _settings(plain, record)
        whole = set(_NEEDED) <= set(record)
        if whole and settings.get("is_xmu", "1") == "1":
            found.append((record, settings))
            tags[settings.get("tag", "")] = record
    if not found:
        raise source.refuse("an Athena project without a record of mu(E)")
    return tuple(_spectrum(source, plain, r, settings, tags) for r, settings in found)


def _spectrum(
    source: Source,
    plain: Source,
    record: dict[str, Any],
    settings: dict[str, str],
    tags: dict[str, dict[str, Any]],
) -> AbsorptionSpectrum:
    notes: list[str] = []
    energy, mu = _numbers(plain, record, "@x"), _numbers(plain, record, "@y")
    if len(energy) != len(mu):
        raise plain.refuse(f"{len(energy)} energies for {len(mu)} values", record["line"])
    stated = settings.get("bkg_eshift") or "0"
    try:
        shift = float(stated)
    except ValueError:
        raise plain.refuse(
            f"an energy shift '{stated[:20]}' is no number", record["line"]
        ) from None
    if shift:
        notes.append(f"the project's own energy shift of {shift:+.3f} eV is included")
    beside = tags.get(settings.get("reference", ""))
    reference = None
    if beside is not None and beside is not record and beside["@x"] == record["@x"]:
        reference = _numbers(plain, beside, "@y")
    i0 = _numbers(plain, record, "@i0") if "@i0" in record else None
    i0 = i0 if i0 is not None and len(i0) == len(energy) else None
    energy, (mu_, i0, reference) = ordered(source, energy + shift, [mu, i0, reference], notes)
    assert mu_ is not None
    element, edge = settings.get("bkg_z", ""), settings.get("fft_edge", "").upper()
    return AbsorptionSpectrum(
        source.path, settings.get("label") or source.path.stem, energy, mu_, "as given", i0,
        reference, element=element or None, edge=edge or None, header=record["header"],
        file_format=NAME, sha256=source.sha256, notes=tuple(notes),
    )  # fmt: skip


def _plain(source: Source) -> bytes:
    if not source.data.startswith(_GZIP):
        return source.data
    unpack = zlib.decompressobj(31)
    try:
        data = unpack.decompress(source.data, MAX_BYTES)
    except zlib.error as error:
        raise source.refuse(f"damaged compressed data ({error}); copy the file again") from None
    if unpack.unconsumed_tail:
        raise source.refuse(f"more than {MAX_BYTES // 1_000_000} MB unpacked; split the project")
    if not unpack.eof:
        raise source.refuse("the compressed data end too early; copy the file again")
    return data


def _settings(source: Source, record: dict[str, Any]) -> dict[str, str]:
    """``@args`` is a list of name, value, name, value."""
    flat = record.get("@args", [])
    pairs = zip(flat[::2], flat[1::2], strict=False)
    return {str(k): v for k, v in pairs if isinstance(v, str)}


def _numbers(source: Source, record: dict[str, Any], name: str) -> np.ndarray:
    values = record[name]
    if len(values) > MAX_POINTS:
        raise source.refuse(f"{name} has more than {MAX_POINTS} points; rebin", record["line"])
    try:
        return np.array([float(v) for v in values])
    except (TypeError, ValueError):
        raise source.refuse(f"{name} should be a list of numbers", record["line"]) from None


def parse_list(source: Source, text: str, line: int) -> list[Any]:
    """Strings, numbers and nested lists of ``('a',1,['b'],{'c' => 2})``; all leaves are text."""
    tokens = _tokens(source, text, line)
    if next(tokens, None) != ("mark", "("):
        raise source.refuse("expected a list in brackets", line)
    return _items(source, tokens, ")", 0, line)


def _items(
    source: Source, tokens: Iterator[tuple[str, str]], end: str, depth: int, line: int
) -> list[Any]:
    if depth > _MAX_DEPTH:
        raise source.refuse(f"lists nested deeper than {_MAX_DEPTH}", line)
    items: list[Any] = []
    for kind, value in tokens:
        if kind != "mark":
            items.append(value)
        elif value == end:
            return items
        elif value in _OPEN:
            items.append(_items(source, tokens, _OPEN[value], depth + 1, line))
        elif value not in (",", "=>"):
            raise source.refuse(f"'{value}' where '{end}' was expected", line)
        if len(items) > _MAX_ITEMS:
            raise source.refuse(f"a list of more than {_MAX_ITEMS} items", line)
    raise source.refuse(f"a list without its closing '{end}'", line)


def _tokens(source: Source, text: str, line: int) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at:].strip():
                raise _refuse_token(source, text[at : at + 20], line)
            return
        at = match.end()
        if match[1] is not None:
            yield "text", re.sub(r"\\(.)", r"\1", match[1])
        elif match[2] is not None:
            yield "mark", match[2]
        else:
            yield "text", match[3]


def _refuse_token(source: Source, found: str, line: int) -> RecordingError:
    return source.refuse(f"expected a string, number or bracket, got '{found}'", line)
