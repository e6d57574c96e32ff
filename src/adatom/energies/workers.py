"""Relaxations side by side: one process per core, each result stored the moment it is there.

An interrupted or killed run therefore resumes at the relaxations that were under way.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from ase import Atoms

from adatom.energies.engines import ENGINES, Engine, engine
from adatom.energies.relax import Task, relax
from adatom.energies.store import Record, Store
from adatom.errors import EngineError

Progress = Callable[[int, int, Record | None], None]
"""Called with (done, total, last record)."""

Finished = tuple[Record, Atoms]


def run_tasks(
    tasks: Sequence[Task], store: Store, workers: int | None, progress: Progress | None
) -> dict[str, Finished]:
    """Finish every task, from the store where it is there; keyed by ``task.key``.

    ``workers`` defaults to one process per core. Raises
    :class:`~adatom.errors.EngineError` when a worker is killed.
    """
    done: dict[str, Finished] = {}
    waiting: dict[str, Task] = {}
    for task in tasks:
        stored = store.get(task.key)
        if stored is not None:
            done[task.key] = stored
        else:
            waiting.setdefault(task.key, task)
    total = len(done) + len(waiting)
    if progress:
        progress(len(done), total, None)
    if not waiting:
        return done
    # Spawned workers, one thread each: threads of one relaxation gain nothing on 30 atoms.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    count = min(workers or os.cpu_count() or 1, len(waiting))
    with ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        futures = {pool.submit(_relax, *_sent(task)): key for key, task in waiting.items()}
        try:
            for future in as_completed(futures):
                record, atoms = future.result()
                if record.outcome != "failed":
                    record, atoms = store.put(record, atoms)
                done[futures[future]] = record, atoms
                if progress:
                    progress(len(done), total, record)
        except BrokenProcessPool as error:
            raise EngineError(
                "a process of the engine was killed (out of memory?); what was finished is"
                " stored: run again, with fewer --workers"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return done


_Sent = tuple[str, str, str, Atoms, str | Engine]


def _sent(task: Task) -> _Sent:
    """What a worker is told: an engine that it can make itself goes by name."""
    named = task.engine.name if task.engine.name in ENGINES else task.engine
    return task.subject, task.state, task.position, task.atoms, named


def _relax(subject: str, state: str, position: str, atoms: Atoms, named: str | Engine) -> Finished:
    chosen = engine(named) if isinstance(named, str) else named
    return relax(Task(subject, state, position, atoms, chosen))


def _end_with_parent() -> None:
    """End this worker when the process that collects its results is killed.

    Left alone it would finish what is queued, for nobody, and then keep its memory.
    """
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
