"""Damage files at random, read them, and count what comes out.

Only AdatomError may, in one line: any other exception or warning, anything printed, a reading
that takes more than 5 s of processor time or 600 MB, or a process that dies, is a failure. The
input that made it is kept, and the program exits with 1.

    python validation/fuzz_readers.py --seconds 600 --format gamry
    python validation/fuzz_readers.py --seconds 60               (each format)
    python validation/fuzz_readers.py --format gamry --replay failures/gamry-17

Inputs that are answered in a way not seen before are damaged further.
"""

import argparse
import faulthandler
import io
import json
import mmap
import os
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from damage import LARGEST, damaged
from fuzz_targets import MAPS, SPECIAL, TARGETS, attempt, seeds_of

SLOW_S = 5.0
"""Of processor time, for one file."""
HUNG_S = 30
"""After which a process that does not even take the signal is ended."""
MEMORY = 600_000_000
"""Bytes of address space beyond what the libraries take."""
MOST_KEPT = 400
"""Inputs with an answer of their own, from which more are made."""
MOST_FAILURES = 20


class TooSlow(BaseException):
    """Not an Exception: no reader may swallow it."""


@dataclass
class Outcome:
    """Of one format."""

    target: str
    files: int = 0
    cpu_s: float = 0.0
    failures: int = 0
    read: int = 0
    answers: int = 0
    """Different ones."""
    peak_MB: float = 0.0
    kept: list[str] = field(default_factory=list)

    def line(self) -> str:
        """What is written down."""
        return (
            f"{self.target:18s} {self.files:8d} files {self.cpu_s:7.1f} CPU s {self.failures:3d}"
            f" failures, {self.read} read, {self.answers} different answers,"
            f" {self.peak_MB:.0f} MB at most"
        )


def read_one(target: str, data: bytes, rng: random.Random) -> str:
    """The answer to one input, which nothing may be printed beside."""
    if target in SPECIAL:
        answer = SPECIAL[target](data)
    else:
        answer = attempt(data, rng.choice(MAPS) if rng.random() < 0.05 else None)
    if isinstance(sys.stderr, _Silence) and sys.stderr.said:
        said, sys.stderr.said = sys.stderr.said, ""
        raise AssertionError(f"printed: {said[:300]!r}")
    return answer


class _Silence(io.TextIOBase):
    """Stands for the terminal and remembers what should not have been written to it."""

    said = ""

    def write(self, text: str) -> int:
        self.said += text[:300]
        return len(text)


def child(target: str, seconds: float, seed: int, shared: mmap.mmap, report: Path) -> None:
    """Read damaged files until the processor time is over; writes its counts at the end."""
    faulthandler.enable()
    said = sys.stderr
    sys.stderr = sys.stdout = _Silence()  # before anything of what is fuzzed takes the old ones
    warnings.simplefilter("error")
    signal.signal(signal.SIGPROF, _too_slow)
    seeds = seeds_of(target)
    pool, seen = list(seeds), Counter[str]()
    found = Outcome(target)
    for data in seeds:  # once undamaged, so that everything is imported
        seen[read_one(target, data, random.Random(0))] += 1
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * mmap.PAGESIZE + MEMORY,) * 2)
    begun = time.process_time()
    while (spent := time.process_time() - begun) < seconds and found.failures < MOST_FAILURES:
        rng = random.Random(seed)
        data = damaged(rng.choice(pool if rng.random() < 0.7 else seeds), seeds, rng)
        _note(shared, data)
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + HUNG_S)
        signal.setitimer(signal.ITIMER_PROF, SLOW_S)
        try:
            answer = read_one(target, data, rng)
        except BaseException as error:  # whatever comes is what is looked for
            signal.setitimer(signal.ITIMER_PROF, 0)
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            found.failures += 1
            found.kept.append(_keep(report.parent, target, data))
            print(f"{found.kept[-1]}:", file=said)
            traceback.print_exc(limit=-6, file=said)
        else:
            signal.setitimer(signal.ITIMER_PROF, 0)
            found.read += not answer.startswith(("refused", "empty"))
            if answer not in seen and len(pool) < len(seeds) + MOST_KEPT and len(data) < 100_000:
                pool.append(data)
            seen[answer] += 1
        seed += 1
        found.files += 1
    found.cpu_s, found.answers = spent, len(seen)
    found.peak_MB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    report.write_text(json.dumps(asdict(found)))


def _too_slow(*_: Any) -> None:
    raise TooSlow(f"more than {SLOW_S} s of processor time")


def _limit(what: int, soft: int) -> None:
    resource.setrlimit(what, (soft, resource.getrlimit(what)[1]))


def _note(shared: mmap.mmap, data: bytes) -> None:
    """Leave the input where the parent finds it if this process dies."""
    shared[:8] = len(data).to_bytes(8, "little")
    shared[8 : 8 + len(data)] = data


def _keep(folder: Path, target: str, data: bytes) -> str:
    path = folder / f"{target}-{sum(1 for _ in folder.glob(f'{target}-*'))}"
    path.write_bytes(data)
    return str(path)


def fuzz(target: str, seconds: float, seed: int, folder: Path) -> Outcome:
    """One format, in processes of its own: one that dies is a failure, and another goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    total = Outcome(target)
    report = folder / f"counts.{target}.json"
    shared = mmap.mmap(-1, 8 + LARGEST)
    while total.cpu_s < seconds and total.failures < MOST_FAILURES:
        report.unlink(missing_ok=True)
        before = time.monotonic()
        pid = os.fork()
        if pid == 0:
            try:
                child(target, seconds - total.cpu_s, seed + total.files, shared, report)
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        if report.exists():
            part = json.loads(report.read_text())
            for name in ("files", "cpu_s", "failures", "read", "kept"):
                setattr(total, name, getattr(total, name) + part[name])
            total.answers = max(total.answers, part["answers"])
            total.peak_MB = max(total.peak_MB, part["peak_MB"])
            report.unlink()
            break
        size = int.from_bytes(shared[:8], "little")
        total.kept.append(_keep(folder, target, shared[8 : 8 + size]))
        total.failures += 1
        total.files += 1 + random.randrange(10**6)  # another stretch of seeds
        total.cpu_s += time.monotonic() - before
        print(f"{total.kept[-1]}: the process ended with {status}", file=sys.stderr)
    return total


def replay(target: str, path: Path) -> None:
    """Read one kept input again, outside all limits."""
    warnings.simplefilter("error")
    print(read_one(target, path.read_bytes(), random.Random(0)))


def main() -> None:
    """All formats, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--format", choices=TARGETS, action="append", help="one or several")
    parser.add_argument("--seconds", type=float, default=600.0, help="of processor time, each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--failures", type=Path, default=Path("fuzz-failures"), help="kept here")
    parser.add_argument("--replay", type=Path, help="read this input of the format again")
    arguments = parser.parse_args()
    targets = arguments.format or TARGETS
    if arguments.replay:
        replay(targets[0], arguments.replay)
        return
    failures = 0
    for target in targets:
        if not seeds_of(target):
            print(f"{target:18s} skipped: no file of this format is at hand", flush=True)
            continue
        found = fuzz(target, arguments.seconds, arguments.seed, arguments.failures)
        failures += found.failures
        print(found.line(), flush=True)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
