"""What glibc does with freed memory: give it back, or keep it at hand. Knows nothing of what it holds.

Other C libraries have neither word: there, nothing here does anything.
"""

import ctypes
import threading
import time
from functools import cache

EVERY_SECONDS = 30.0

TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
"""Settings of mallopt(3), from malloc.h."""

LARGEST = 2**31 - 1


def give_back() -> None:
    """Return free pages to the system.

    A crowd leaves holes in the heaps, which the system gets back only when it is asked: without asking, a process
    stays as large as its busiest minute.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim:
        trim(0)


@cache
def give_back_regularly() -> None:
    """From now on, in a thread of its own; once for a process, however often it is called."""

    def work() -> None:
        while True:
            time.sleep(EVERY_SECONDS)
            give_back()

    threading.Thread(target=work, name="memory", daemon=True).start()


def keep() -> None:
    """Keep freed pages for what is allocated next.

    For work that needs the same large tensors at every step: as it is, each is fetched from the system anew, page by
    page.
    """
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting:
        setting(MMAP_MAX, 0)
        setting(TRIM_THRESHOLD, LARGEST)
        setting(TOP_PAD, 2**28)
