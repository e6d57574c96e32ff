"""Damage instrument files at random, read them, and count what comes out.

Only RecordingError may: any other exception, or a reading that takes too long, is printed with
the seed that makes it again, and the program exits with 1.

    python validation/fuzz_readers.py --seconds 600 [FILES]
"""

import argparse
import random
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from adatom.errors import RecordingError
from adatom.readers.detection import read_source
from adatom.readers.source import Source

SNIPPETS = Path(__file__).resolve().parents[1] / "tests" / "readers" / "snippets"
TOKENS = [
    b"nan", b"inf", b"-1e999", b"1e-400", b"99999999999999999999999", b"-", b".", b",", b";", b"\t",
    b"\n", b"\r", b"\n\n", b"\0", b"\xff", b"\xb5", b'"', b"'", b"=", b"<", b">", b"{", b"}", b"[",
    b"e", b" ", b"0", b"1", b"TABLE", b"<Segment1>", b"</Segment1>", b"Nb header lines : 5",
    b"Loop 0 from point number 0 to 999999999", b'{"V":1e400}', b"null", b"\xe2\x88\x92", b"#",
]  # fmt: skip
LARGEST = 20_000
"""Bytes: larger files are cut before they are damaged, so that many can be tried."""
SLOW_S = 5.0
"""Of processor time, for one file."""


def damaged(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """A copy with one or a few random changes."""
    content = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(content) + 1)
        span = min(rng.choice((1, 1, 2, 5, 20, 200)), len(content) - at)
        kind = rng.randrange(8)
        if kind == 0:
            content[at : at + span] = rng.randbytes(span)
        elif kind == 1:
            del content[at : at + span]
        elif kind == 2:
            content[at:at] = content[at : at + span] * rng.randint(1, 3)
        elif kind in (3, 4):
            content[at : at + rng.choice((0, 1, 3))] = rng.choice(TOKENS)
        elif kind == 5:
            del content[at:]
        elif kind == 6:
            other = rng.choice(others)
            begin = rng.randrange(len(other) + 1)
            content[at : at + span] = other[begin : begin + span]
        elif content:
            at = min(at, len(content) - 1)
            content[at] ^= 1 << rng.randrange(8)
    return bytes(content)


def attempt(data: bytes) -> str:
    """Name of what came out: a format, or ``refused``; anything else is raised."""
    if not data.strip(b" \t\r\n\0"):
        return "empty"
    try:
        recording = read_source(Source(Path("damaged"), data))
    except RecordingError as error:
        if "\n" in str(error):
            raise AssertionError(f"a message of several lines: {error!r}") from None
        return "refused"
    recording.summary()
    recording.to_frame()
    return recording.format


def main() -> None:
    """Run until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=0, help="First seed; a failure names its own.")
    arguments = parser.parse_args()
    files = arguments.files or sorted(SNIPPETS.iterdir())
    originals = [file.read_bytes()[:LARGEST] for file in files]
    counts: Counter[str] = Counter()
    failures, seed, end = 0, arguments.seed, time.monotonic() + arguments.seconds
    warnings.simplefilter("error")
    while time.monotonic() < end and failures < 20:
        rng = random.Random(seed)
        which = rng.randrange(len(originals))
        data = damaged(originals[which], originals, rng)
        start = time.process_time()
        try:
            counts[attempt(data)] += 1
        except Exception:
            failures += 1
            print(f"seed {seed}, from {files[which]}:")
            traceback.print_exc(limit=-4)
        spent = time.process_time() - start
        if spent > SLOW_S:
            failures += 1
            print(f"seed {seed}, from {files[which]}: {spent:.1f} s")
        seed += 1
    print(f"{seed - arguments.seed} files in {arguments.seconds:g} s, {failures} failures")
    for name, count in counts.most_common():
        print(f"  {count:8d} {name}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
