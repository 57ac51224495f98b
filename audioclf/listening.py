"""The last few seconds of everybody who is listening live. Knows no page, no request and no decoding.

    a second of samples, numbered ─▶ [ the last 5 s ] ─▶ WAV ─▶ Classifier

Kept in memory only, no longer than a clip, and dropped `FORGET_SECONDS` after the last second came.
"""

import io
import threading
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field

from .classifier import Classifier
from .prediction import Prediction

FORGET_SECONDS = 15.0
"""A visitor who has sent nothing for so long is gone."""

MOST_VISITORS = 64
"""Beyond them, whoever was silent longest is dropped: some 30 MB at 48 kHz."""

SAMPLE_RATES_HZ = (8_000, 192_000)
"""Slowest and fastest microphone that is believed."""

SAMPLE_BYTES = 2


@dataclass
class _Ear:
    sample_rate: int
    last_time: float
    end: int = 0
    samples: bytearray = field(default_factory=bytearray)


class Listeners:
    """Puts each visitor's seconds together and classifies the last clip of them.

    Safe to use from several threads at once.

    Args:
        classifier: What answers.
        clock: Seconds that only grow.
    """

    def __init__(self, classifier: Classifier, clock: Callable[[], float] = time.monotonic):
        self.classifier = classifier
        self.clock = clock
        self._ears: dict[str, _Ear] = {}
        self._lock = threading.Lock()
        self._sweeper: threading.Timer | None = None

    def __len__(self) -> int:
        return len(self._ears)

    def hear(self, visitor: str, sample_rate: int, start: int, samples: bytes) -> Prediction:
        """Add the newest samples and say what the last clip's length sounds like.

        Args:
            visitor: The visitor's own secret word; whoever knows it adds to the same sound.
            sample_rate: Hz, the microphone's own.
            start: Number of the first sample since the visitor began. Where some are missing before it, what
                was kept is dropped: a window with a hole would be a sound that nobody made.
            samples: 16-bit, little-endian, mono.

        Raises:
            ValueError: The numbers can't be those of a microphone.
            RecordingError: No answer can be had, as from pure silence; in words for a person.
        """
        slowest, fastest = SAMPLE_RATES_HZ
        kept_bytes = round(self.classifier.mel.clip_seconds * sample_rate) * SAMPLE_BYTES
        if not slowest <= sample_rate <= fastest or start < 0 or not 8 <= len(visitor) <= 64:
            raise ValueError("This is not a microphone's sample rate, position or visitor.")
        if not samples or len(samples) % SAMPLE_BYTES or len(samples) > kept_bytes:
            raise ValueError("These are not whole samples of at most one clip.")
        with self._lock:
            ear = self._ears.pop(visitor, None)
            if ear is None or ear.end != start or ear.sample_rate != sample_rate:
                ear = _Ear(sample_rate, self.clock(), start)
            ear.samples += samples
            del ear.samples[:-kept_bytes]
            ear.end += len(samples) // SAMPLE_BYTES
            ear.last_time = self.clock()
            # Last in the dictionary is last heard from, so the first is dropped where there are too many.
            self._ears[visitor] = ear
            while len(self._ears) > MOST_VISITORS:
                del self._ears[next(iter(self._ears))]
            if self._sweeper is None:
                self._sweep_later()
            recording = _as_wav(bytes(ear.samples), sample_rate)
        return self.classifier.classify(recording)

    def forget(self, visitor: str) -> None:
        """Drop what was kept of a visitor who has stopped."""
        with self._lock:
            self._ears.pop(visitor, None)

    def sweep(self) -> None:
        """Drop everybody who has been silent for `FORGET_SECONDS`; comes again by itself while somebody is left."""
        with self._lock:
            gone = self.clock() - FORGET_SECONDS
            self._ears = {visitor: ear for visitor, ear in self._ears.items() if ear.last_time > gone}
            self._sweeper = None
            if self._ears:
                self._sweep_later()

    def _sweep_later(self) -> None:
        self._sweeper = threading.Timer(FORGET_SECONDS, self.sweep)
        self._sweeper.daemon = True
        self._sweeper.start()


def _as_wav(samples: bytes, sample_rate: int) -> bytes:
    """The form in which the one decoder takes raw samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(SAMPLE_BYTES)
        writer.setframerate(sample_rate)
        writer.writeframes(samples)
    return file.getvalue()
