"""Many callers, few passes, and each gets its own rows."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from audioclf.serving.batching import Batcher, share_passes

from .conftest import tone


class Network:
    """Doubles each clip's first sample; its first pass waits until it is let go."""

    def __init__(self):
        self.passes: list[int] = []
        self.started, self.go = threading.Event(), threading.Event()
        self.threads: set[int] = set()

    def __call__(self, clips):
        self.passes.append(len(clips))
        self.threads.add(threading.get_ident())
        self.started.set()
        assert self.go.wait(10)
        return np.array([[2 * clip[0]] for clip in clips])


def ask(batcher, pool, *values):
    return pool.submit(batcher, [np.array([value], np.float32) for value in values])


def queued(batcher, jobs):
    """Wait until so many callers stand in line."""
    while len(batcher._jobs) < jobs:
        threading.Event().wait(0.001)


def test_who_comes_during_a_pass_shares_the_next_one():
    network = Network()
    batcher = Batcher(network, most=4)
    with ThreadPoolExecutor(8) as pool:
        first = ask(batcher, pool, 1.0)
        assert network.started.wait(10)
        others = []
        for value in (2.0, 3.0, 4.0, 5.0, 6.0):
            others.append(ask(batcher, pool, value))
            queued(batcher, len(others))
        network.go.set()
        assert first.result(10).tolist() == [[2.0]]
        assert [other.result(10).tolist() for other in others] == [[[4.0]], [[6.0]], [[8.0]], [[10.0]], [[12.0]]]
    assert network.passes == [1, 4, 1]
    assert len(network.threads) == 1


def test_a_caller_with_more_clips_than_a_pass_still_goes_in_one():
    network = Network()
    network.go.set()
    with ThreadPoolExecutor(1) as pool:
        rows = ask(Batcher(network, most=2), pool, 1.0, 2.0, 3.0).result(10)
    assert rows.tolist() == [[2.0], [4.0], [6.0]]
    assert network.passes == [3]


def test_an_error_reaches_who_was_in_that_pass_and_nobody_else():
    def forward(clips):
        if any(clip[0] < 0 for clip in clips):
            raise MemoryError("too much")
        return np.array([[clip[0]] for clip in clips])

    batcher = Batcher(forward, most=4)
    with pytest.raises(MemoryError):
        batcher([np.array([-1.0])])
    assert batcher([np.array([7.0])]).tolist() == [[7.0]]


def test_answers_do_not_depend_on_company(tiny_classifier):
    sounds = [tone(100.0 * (index + 1), seconds=5) for index in range(12)]
    alone = [tiny_classifier.classify(sound) for sound in sounds]
    sizes: list[int] = []
    share_passes(tiny_classifier, sizes.append)
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(tiny_classifier.classify, sounds))
    for one, other in zip(alone, together, strict=True):
        assert {r.label: r.probability for r in one.top} == pytest.approx(
            {r.label: r.probability for r in other.top}, abs=1e-6
        )
    assert sum(sizes) == 12
    distinct = {tuple(round(r.probability, 5) for r in one.top) for one in alone}
    assert len(distinct) == 12, "the sounds must differ, or mixed-up answers would go unseen"
