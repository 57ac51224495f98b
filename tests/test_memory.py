"""Freed memory goes back to the system."""

import ctypes
import subprocess
import sys
import threading

import psutil
import pytest

from audioclf import memory

from .conftest import ROOT


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")
def test_holes_in_the_heap_are_given_back():
    process = psutil.Process()
    # Small enough for the heap, and the last one stays: what lies below it is a hole.
    held = [bytearray(2_000) for _ in range(50_000)]
    last = held.pop()
    full = process.memory_info().rss
    held.clear()
    memory.give_back()
    assert full - process.memory_info().rss > 80e6
    assert len(last) == 2_000


def threads() -> int:
    return sum(thread.name == "memory" for thread in threading.enumerate())


def test_it_is_asked_for_once_in_a_process(monkeypatch):
    asked = threading.Event()
    monkeypatch.setattr(memory, "give_back", asked.set)
    monkeypatch.setattr(memory, "EVERY_SECONDS", 0.01)
    memory.give_back_regularly.cache_clear()
    before = threads()
    memory.give_back_regularly()
    memory.give_back_regularly()
    assert asked.wait(5)
    assert threads() == before + 1


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library")
@pytest.mark.parametrize("keep", [True, False])
def test_pages_are_kept_where_that_is_asked_for(keep):
    # In a process of its own: what is set there stays set.
    work = (
        "import psutil; from audioclf import memory; size = lambda: psutil.Process().memory_info().rss\n"
        + "memory.keep()\n" * keep
        + "held = bytearray(100_000_000); full = size(); del held; print(full - size())"
    )
    given_back = int(subprocess.check_output([sys.executable, "-c", work], cwd=ROOT, text=True))
    assert given_back < 1e6 if keep else given_back > 99e6
