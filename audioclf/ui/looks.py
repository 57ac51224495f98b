"""What the network did with the clips that visitors are looking at, kept for a while. Knows no layout."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from .. import examples, internals
from ..classifier import Classifier
from .shared import KEPT_SECONDS, Heard

LARGEST_BYTES = 160_000_000
"""Of all clips together. The one not looked at for longest goes first."""


class GoneError(KeyError):
    """A visitor's clip is no longer kept."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One clip and everything that the network made of it.

    Attributes:
        key: What the browser calls it.
        name: What a person calls it.
        clip: The waveform; shorter than the model's where the recording is.
        start_seconds: Where the clip starts in its recording.
        duration_seconds: Of the recording.
        steps: From `internals.front_end_steps`.
        activations: From `internals.activations`.
        head: From `internals.head`.
    """

    key: str
    name: str
    clip: np.ndarray
    start_seconds: float
    duration_seconds: float
    steps: dict[str, np.ndarray]
    activations: dict[str, np.ndarray]
    head: internals.Head

    @cached_property
    def size(self) -> int:
        """Bytes."""
        return sum(array.nbytes for array in (*self.steps.values(), *self.activations.values()))


class Looks:
    """Looks at clips, and remembers those looked at last.

    Args:
        classifier: The loaded network.
        largest_bytes: Of all that is remembered.
    """

    def __init__(self, classifier: Classifier, largest_bytes: int = LARGEST_BYTES):
        self.classifier = classifier
        self.largest_bytes = largest_bytes
        self._kept: OrderedDict[str, Look] = OrderedDict()
        self._keys: WeakKeyDictionary[Heard, str] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def at(self, heard: Heard) -> Look:
        """A visitor's recording: the clip of it that speaks loudest for the answer."""
        if heard.example:
            return self.by_key(f"example:{heard.example}")
        with self._lock:
            known = self._kept.get(self._keys.get(heard, ""))
        if known:
            return known
        prediction = heard.prediction
        best = max(
            prediction.windows,
            key=lambda window: next(ranked.probability for ranked in window.top if ranked.label == prediction.label),
        )
        key = secrets.token_urlsafe(12)
        look = self._look(key, heard.name, heard.waveform, best.start_seconds)
        with self._lock:
            self._keys[heard] = key
        # Nothing of a visitor's stays longer than the page says, even if nobody comes after.
        timer = threading.Timer(KEPT_SECONDS, self.forget, [key])
        timer.daemon = True
        timer.start()
        return look

    def by_key(self, key: str) -> Look:
        """What `at` returned with that key, or an example as "example:rain".

        Raises:
            GoneError: It is not kept any more, or never was.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        kind, _, name = key.partition(":")
        if kind != "example":
            raise GoneError(key)
        try:
            example = examples.by_name(name)
        except KeyError:
            raise GoneError(key) from None
        return self._look(key, example.title, example.waveform(), 0.0)

    def forget(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)

    def _look(self, key: str, name: str, waveform: np.ndarray, start_seconds: float) -> Look:
        clip = internals.clip_at(self.classifier, waveform, start_seconds)
        activations = internals.activations(self.classifier, clip)
        look = Look(
            key=key,
            name=name,
            clip=clip,
            start_seconds=start_seconds,
            duration_seconds=len(waveform) / self.classifier.sample_rate,
            steps=internals.front_end_steps(self.classifier, clip),
            activations=activations,
            head=internals.head(self.classifier, activations["stage4"]),
        )
        with self._lock:
            self._kept[key] = look
            while sum(kept.size for kept in self._kept.values()) > self.largest_bytes and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return look
