"""Work of numpy and scipy shared out among all cores."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor


def on_all_cores(work: Callable[[int], None], starts: Sequence[int]) -> None:
    """Call `work` with each of `starts`, in threads, as numpy and scipy let others run.

    Args:
        work: What to do for the part that begins at a number; parts must not share results.
        starts: Where the parts begin. One alone is worked on at once, without a thread.
    """
    if len(starts) < 2:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        deque(pool.map(work, starts), maxlen=0)
