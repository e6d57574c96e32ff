from numba import get_num_threads

from adatom.kinetics.threads import SITES_A_THREAD, threads_for


def test_few_sites_get_one_thread_and_the_rest_is_left_as_it_was():
    before = get_num_threads()
    with threads_for(1):
        assert get_num_threads() == 1
    with threads_for(100 * SITES_A_THREAD):
        assert get_num_threads() == min(before, 100)
    assert get_num_threads() == before
