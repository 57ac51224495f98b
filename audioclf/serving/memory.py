"""Gives freed memory back to the system. Knows no request.

A crowd leaves holes in glibc's heaps that the system gets back only when it is asked: without asking, the process
stays as large as its busiest minute.
"""

import ctypes
import threading
import time
from functools import cache

EVERY_SECONDS = 30.0


def give_back() -> None:
    """Return free pages to the system; does nothing where the C library has no word for it."""
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
