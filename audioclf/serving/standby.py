"""Long recordings to a GPU that sleeps until it is needed; everything else here. Knows no Modal.

A sleeping GPU takes longer to wake than this machine takes for most recordings. So nobody ever waits for it: the
first long recording wakes it and is answered here, those that come while it is awake go there.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from ..checkpoint import Checkpoint
from ..classifier import MAX_SECONDS, Classifier, Recording
from ..errors import RecordingError
from ..prediction import Prediction

LONG_SECONDS = 60.0
"""Below, the way there and back costs more than the network's work."""

log = logging.getLogger(__name__)


class StandbyClassifier(Classifier):
    """A Classifier with a faster one far away.

    Args:
        loaded: A checkpoint, the same as there.
        wake: Returns when the far one is awake; may take long.
        far: `Classifier.classify` there, for a waveform.
        sleeps_after_seconds: How long it stays awake after the last work.
        clock: Seconds.
    """

    def __init__(
        self,
        loaded: Checkpoint,
        *,
        wake: Callable[[], Any],
        far: Callable[[np.ndarray], Prediction],
        sleeps_after_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__(loaded, "cpu")
        self._wake, self._far, self._clock = wake, far, clock
        self._stays_awake = sleeps_after_seconds
        self._awake_until = -1.0
        self._waking: Future[None] | None = None
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "wake")

    def classify(
        self,
        recording: Recording,
        *,
        max_seconds: float | None = MAX_SECONDS,
        progress: Callable[[float], None] | None = None,
    ) -> Prediction:
        """As `Classifier.classify`; a long waveform is answered far away where that is awake."""
        if isinstance(recording, np.ndarray) and len(recording) >= LONG_SECONDS * self.sample_rate and self._is_awake():
            try:
                prediction = self._far(recording)
            except RecordingError:
                raise
            except Exception:
                log.exception("The GPU did not answer: this recording is classified here.")
                self._awake_until = -1.0
            else:
                self._awake_until = self._clock() + self._stays_awake
                if progress:
                    progress(prediction.duration_seconds)
                return prediction
        return super().classify(recording, max_seconds=max_seconds, progress=progress)

    def _is_awake(self) -> bool:
        with self._lock:
            if self._clock() < self._awake_until:
                return True
            if self._waking is None or self._waking.done():
                self._waking = self._thread.submit(self._rouse)
            return False

    def _rouse(self) -> None:
        try:
            self._wake()
        except Exception:
            log.exception("The GPU can't be woken: long recordings are classified here.")
        else:
            self._awake_until = self._clock() + self._stays_awake
