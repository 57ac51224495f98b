"""Clips of several callers through the network in one pass. Knows no request and no recording.

    caller ─ clips ─┐
    caller ─ clips ─┼─▶ queue ─ one thread, one pass ─▶ each caller its own rows
    caller ─ clips ─┘

Nobody waits for company: a pass starts as soon as the network is free, with whatever has queued up meanwhile.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from ..classifier import Classifier

Clips = list[np.ndarray]
Forward = Callable[[Clips], np.ndarray]

CLIPS_IN_A_PASS = {"cpu": 8, "cuda": 64}
"""Where a larger pass is no faster per clip, by kind of device; see `benchmarks/bench.py`."""


class Batcher:
    """Called by many threads, calls `forward` from one.

    One thread only, because OpenMP and oneDNN keep workers and caches for every thread that computes: sixteen
    of them take more memory and more time than one.

    Args:
        forward: Clips in, one row of probabilities for each out.
        most: Clips in a pass; more only where a single caller brings more.
        observe: Told the size of each pass.
    """

    def __init__(self, forward: Forward, most: int, observe: Callable[[int], None] = lambda clips: None):
        self.forward = forward
        self.most = most
        self.observe = observe
        self._jobs: deque[tuple[Clips, Future[np.ndarray]]] = deque()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "network")

    def __call__(self, clips: Clips) -> np.ndarray:
        """This caller's rows, in the order of its clips."""
        answer: Future[np.ndarray] = Future()
        with self._lock:
            self._jobs.append((clips, answer))
        self._thread.submit(self._pass)
        return answer.result()

    def _pass(self) -> None:
        jobs = self._take()
        if not jobs:  # went along in an earlier pass
            return
        clips = [clip for own, _ in jobs for clip in own]
        self.observe(len(clips))
        try:
            rows = self.forward(clips)
        except BaseException as error:
            for _, answer in jobs:
                answer.set_exception(error)
            return
        for own, answer in jobs:
            answer.set_result(rows[: len(own)])
            rows = rows[len(own) :]

    def _take(self) -> list[tuple[Clips, Future[np.ndarray]]]:
        jobs, clips = [], 0
        with self._lock:
            while self._jobs and (not jobs or clips + len(self._jobs[0][0]) <= self.most):
                jobs.append(self._jobs.popleft())
                clips += len(jobs[-1][0])
        return jobs


def share_passes(classifier: Classifier, observe: Callable[[int], None] = lambda clips: None) -> None:
    """Let everybody who uses this classifier share its passes through the network; once is enough."""
    if classifier.batcher is None:
        most = CLIPS_IN_A_PASS.get(classifier.device.type, CLIPS_IN_A_PASS["cpu"])
        classifier.batcher = Batcher(classifier.forward, most, observe)
