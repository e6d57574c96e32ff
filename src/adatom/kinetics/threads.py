"""How many threads a batch of sites is worth."""

from collections.abc import Iterator
from contextlib import contextmanager

from numba import get_num_threads, set_num_threads

SITES_A_THREAD = 8
"""Fewer are done by one thread: on a busy machine threads wait for each other 100 ms a call, and
a curve of one site takes less than one."""


@contextmanager
def threads_for(sites: int) -> Iterator[None]:
    """Give the compiled loops inside no more threads than a batch of so many sites is worth."""
    before = get_num_threads()
    set_num_threads(max(1, min(before, sites // SITES_A_THREAD)))
    try:
        yield
    finally:
        set_num_threads(before)
