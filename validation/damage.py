"""Random damage to files, by what files are made of: numbers, cells, lines, counts, containers."""

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

LARGEST = 400_000
"""Bytes of a damaged file."""
NUMBERS = (
    "nan", "inf", "-inf", "1e999", "-1e400", "1e-400", "1e308", "-0", "0", "-1", "1", "2", "3,5",
    "1.2.3", "1,234.5", "1 234", "1_000", "0x1F", "1e", "1e+", "-", "+", ".", "--5", "5-", "٣", "²",
    "1\u00a0000", "\u22121.5", "1D-3", "1e5e5", "9" * 30, "9" * 400, "9" * 5000, "0." + "3" * 3000,
    "1e" + "9" * 50, "Over", "#NUM!", "None", "true", "", " ",
)  # fmt: skip
COUNTS = (
    "0", "1", "2", "3", "-1", "7", "63", "255", "256", "65535", "65536", "999999", "2147483647",
    "2147483648", "4294967295", "4294967296", "999999999", "99999999999999999999", "1.5", "1e9",
)  # fmt: skip
SEPARATORS = ("\t", ";", ",", " ", "  ", "|", "\t\t", ", ", "\x0b", "\x1c", "\u2028", "\x85", "")
ENDINGS = ("\n", "\r\n", "\r", "\r\r\n", "\n\n", "\n\r", "\x0c")
STRANGE = ("\0", "\0" * 50, "\ufeff", "\ufffd", "\ud800", "\U0001f600", "\x1a", "\x1b[31m", '"',
    "'", '"""', "<!--", "]]>", "{", "[" * 3000, '{"a":' * 2000, "(", "\\", "%s%n", "{0}", "#",
    "=", "=1+1", "../../etc/passwd", "\u202e", "\n\n\n",
    " " * 3000, "\t" * 2500, ";" * 3000)  # fmt: skip
CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252")
WHOLES = (0, 1, 2, 7, 8, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF,
    0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)  # fmt: skip
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
WORD = re.compile(r"[^\s,;=:<>\[\]{}\"]{2,40}")
EVILS = (
    "../../evil.csv",
    "/etc/evil",
    "C:\\evil",
    "a\0b",
    "x" * 300,
    "con/",
    "..",
    "con",
    "a/../../b",
)
"""Names of members that would leave the folder they are unpacked into."""


def damaged(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """A copy with one or a few random changes; ``others`` lend their parts."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 12))):
        if rng.random() < 0.01:
            data = wrapped(data, rng)
        elif _is_text(data) and rng.random() < 0.7:
            data = _damaged_text(data, rng.choice(others), rng)
        else:
            data = _damaged_bytes(data, rng.choice(others), rng)
        data = data[:LARGEST]
    return data


def wrapped(data: bytes, rng: random.Random) -> bytes:
    """The bytes in a container, that may be cut, expand without end, or name evil paths."""
    kind = rng.randrange(5)
    content = rng.choice((data, data, bytes(500_000), b"1,2\n" * 100_000))
    if kind == 0:
        packed = gzip.compress(content, rng.choice((1, 9)))
    elif kind == 1:
        packed = gzip.compress(gzip.compress(content, 9), 9)
    else:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for n, name in enumerate(rng.sample(EVILS, rng.choice((0, 1, 1, 3, 8)))):
                member = zipfile.ZipInfo(name)
                member.external_attr = rng.choice((0, 0o120777 << 16, 0o40755 << 16))
                archive.writestr(member, content if n == 0 else b"0" * n, zipfile.ZIP_DEFLATED)
        packed = buffer.getvalue()
    cut = rng.choice((0, 0, 1, 10, 22, len(packed) // 2))
    return (data[: rng.choice((0, 0, 0, 5, 40))] + packed)[: max(1, len(packed) - cut)]


def shortened(data: bytes, keep: int = 3) -> bytes:
    """A file of the same structure with few rows: those amid a run of rows are left out."""
    if not _is_text(data):
        return data
    text, codec = _decoded(data)
    if text.startswith("{"):
        try:
            content, _ = json.JSONDecoder().raw_decode(text)
        except ValueError:
            return data
        return json.dumps(_short_lists(content, keep)).encode(codec)
    kept: list[str] = []
    run: list[str] = []
    for line in [*text.splitlines(keepends=True), "end"]:
        if line[:1] in "\t -+.0123456789" and len(NUMBER.findall(line)) > 1:
            run.append(line)
            continue
        kept += run if len(run) <= 2 * keep else [*run[:keep], *run[-keep:]]
        run = []
        kept.append(line)
    return "".join(kept[:-1]).encode(codec, "replace")


def _short_lists(content: Any, keep: int) -> Any:
    if isinstance(content, list):
        return [_short_lists(x, keep) for x in content[: 4 * keep]]
    if isinstance(content, dict):
        return {k: _short_lists(v, keep) for k, v in content.items()}
    return content


def _is_text(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in data[:4096]


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and codec; Latin-1, which loses no byte, for anything but UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "utf-16"
    return data.decode("latin-1"), "latin-1"


def _damaged_text(data: bytes, other: bytes, rng: random.Random) -> bytes:
    text, codec = _decoded(data)
    change = rng.choice(_TEXT_CHANGES)
    if text.startswith("{") and rng.random() < 0.5:
        change = _json_node
    text = change(text, _decoded(other)[0], rng)
    if rng.random() < 0.03:
        codec = rng.choice(CODECS)
    return text.encode(codec, rng.choice(("replace", "xmlcharrefreplace", "ignore")))


def _number(text: str, other: str, rng: random.Random) -> str:
    return _replaced(text, NUMBER, rng.choice(NUMBERS), rng)


def _count(text: str, other: str, rng: random.Random) -> str:
    whole = re.compile(r"(?<![\d.,])\d{1,9}(?![\d.,])")
    head = text[:4000] if rng.random() < 0.7 else text
    return _replaced(head, whole, rng.choice(COUNTS), rng) + text[len(head) :]


def _word(text: str, other: str, rng: random.Random) -> str:
    words = WORD.findall(other[:20_000]) or ["x"]
    return _replaced(text, WORD, rng.choice(words), rng)


def _replaced(text: str, pattern: re.Pattern[str], by: str, rng: random.Random) -> str:
    places = [m.span() for m in pattern.finditer(text)]
    if not places:
        return text + by
    start, end = rng.choice(places)
    if rng.random() < 0.05:  # the same everywhere
        return text.replace(text[start:end], by) if len(text) < 20_000 else text
    return text[:start] + by + text[end:]


def _lines(text: str, other: str, rng: random.Random) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    few = rng.choice((1, 1, 2, 5, 30))
    kind = rng.randrange(8)
    if kind == 0:
        del lines[at : at + few]
    elif kind == 1:
        lines[at:at] = lines[at : at + few] * rng.choice((1, 1, 2, 100))
    elif kind == 2:
        to = rng.randrange(len(lines))
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 3:
        del lines[at:]
    elif kind == 4:
        lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
    elif kind == 5:
        lines[at : at + 2] = ["".join(lines[at : at + 2])]
    elif kind == 6:
        foreign = other.split("\n")
        begin = rng.randrange(len(foreign))
        lines[at:at] = foreign[begin : begin + few]
    else:
        lines[at] = rng.choice(("", " ", "\t", ";;;", lines[at].upper(), lines[at][::-1]))
    return "\n".join(lines)


def _cells(text: str, other: str, rng: random.Random) -> str:
    """A separator or a column changed in one line, or from one line to the end."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    old = next((s for s in ("\t", ";", ",", " ") if s in lines[at]), "\t")
    new, column = rng.choice(SEPARATORS), rng.randrange(1 + lines[at].count(old))
    token, kind = rng.choice(NUMBERS), rng.randrange(4)
    for n in range(at, len(lines) if rng.random() < 0.5 else at + 1):
        cells = lines[n].split(old)
        if kind == 0:
            lines[n] = new.join(cells)
        elif column < len(cells):
            cells[column : column + 1] = [[], [cells[column]] * 2, [token]][kind - 1]
            lines[n] = old.join(cells)
    return "\n".join(lines)


def _strange(text: str, other: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(STRANGE) + text[at + rng.choice((0, 1, 4)) :]


def _everywhere(text: str, other: str, rng: random.Random) -> str:
    """Something that holds for a whole file."""
    kind = rng.randrange(5)
    if kind == 0:
        return text.replace("\r\n", "\n").replace("\n", rng.choice(ENDINGS))
    if kind == 1:
        return text.replace(".", ",") if rng.random() < 0.7 else text.replace(",", ".")
    if kind == 2:
        return rng.choice((text.upper(), text.lower(), text[::-1], text * 2))
    if kind == 3:
        at = rng.randrange(len(other) + 1)
        return text[: rng.randrange(len(text) + 1)] + other[at:]
    quoted = (f'"{c}"' for c in text.split(","))
    return ",".join(quoted)


def _json_node(text: str, other: str, rng: random.Random) -> str:
    """One value of a JSON text of another kind, gone, or twice."""
    try:
        content, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return _number(text, other, rng)
    nodes: list[tuple[Any, Any]] = []
    pending = [content]
    while pending and len(nodes) < 20_000:
        node = pending.pop()
        inside = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in inside:
            nodes.append((node, key))
            if isinstance(value, (dict, list)):
                pending.append(value)
    if not nodes:
        return text
    node, key = rng.choice(nodes)
    if rng.random() < 0.15:
        del node[key]
    else:
        node[key] = rng.choice(
            (
                None,
                True,
                0,
                -1,
                5,
                1.5,
                1e308,
                10**400,
                "",
                "x",
                "-",
                "1e999",
                [],
                {},
                [[]],
                [None],
                {"V": 1},
                [node[key]],
                [1, "a"],
                {"Type": 3},
                float("nan"),
                float("inf"),
                rng.choice(nodes)[1],
                "PalmSens.Units.MicroAmpere",
                7,
                8,
                2**63,
            )
        )
    return json.dumps(content, ensure_ascii=rng.random() < 0.5)


_TEXT_CHANGES: tuple[Callable[[str, str, random.Random], str], ...] = (
    _number, _number, _count, _count, _word, _lines, _lines, _cells, _cells, _strange, _everywhere,
)  # fmt: skip


def _damaged_bytes(data: bytes, other: bytes, rng: random.Random) -> bytes:
    content = bytearray(data or b"\0")
    at = rng.randrange(len(content))
    span = min(rng.choice((1, 1, 2, 4, 8, 20, 200)), len(content) - at)
    kind = rng.randrange(9)
    if kind == 0:
        content[at : at + span] = rng.randbytes(span)
    elif kind == 1:
        del content[at : at + span]
    elif kind == 2:
        content[at:at] = content[at : at + span] * rng.randint(1, 3)
    elif kind in (3, 4):  # lengths, types, offsets: more of these stand near the start
        width = rng.choice((1, 2, 4, 4, 8))
        at = at if rng.random() < 0.4 else rng.randrange(min(len(content), 1500))
        whole = rng.choice(WHOLES)
        if rng.random() < 0.4:
            whole = int.from_bytes(content[at : at + width], "little") + rng.choice((-1, 1, 2, 100))
        order = rng.choice(("little", "little", "big"))
        content[at : at + width] = (whole % 256**width).to_bytes(width, order)
    elif kind == 5:
        del content[at:]
    elif kind == 6:
        begin = rng.randrange(len(other) + 1)
        content[at : at + span] = other[begin : begin + span]
    elif kind == 7:
        content[at] ^= 1 << rng.randrange(8)
    else:
        content[at : at + span] = bytes(span) if rng.random() < 0.5 else b"\xff" * span
    return bytes(content)
