"""What the network did with the clips that visitors are looking at, kept for a while. Knows no layout."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np

from .. import examples, internals
from ..classifier import Classifier
from ..prediction import Window
from .shared import KEPT_SECONDS, Heard

LARGEST_BYTES = 160_000_000
"""Of all clips together. The one not looked at for longest goes first."""


class GoneError(KeyError):
    """A visitor's clip is no longer kept."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One window of a longer recording.

    Attributes:
        key: Of the `Look` at it.
        window: Where it lies, and what was heard there.
    """

    key: str
    window: Window


@dataclass(frozen=True, kw_only=True)
class Look:
    """One clip and everything that the network made of it.

    Attributes:
        key: What the browser calls it.
        name: What a person calls its recording.
        clip: The waveform; shorter than the model's where the recording is.
        start_seconds: Where the clip starts in its recording.
        duration_seconds: Of the recording.
        steps: From `internals.front_end_steps`.
        activations: From `internals.activations`.
        head: From `internals.head`.
        moments: The other windows of its recording, and this one; empty where there is only one.
    """

    key: str
    name: str
    clip: np.ndarray
    start_seconds: float
    duration_seconds: float
    steps: dict[str, np.ndarray]
    activations: dict[str, np.ndarray]
    head: internals.Head
    moments: tuple[Moment, ...] = ()

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
        # A visitor's recording lives as long as the page keeps it for the visitor; nothing here prolongs that.
        self._heard: WeakValueDictionary[str, Heard] = WeakValueDictionary()
        self._lock = threading.Lock()

    def at(self, heard: Heard) -> Look:
        """A recording: its most telling window."""
        if heard.example:
            return self.by_key(f"example:{heard.example}")
        with self._lock:
            if heard.token not in self._heard:
                self._heard[heard.token] = heard
                # Nothing of a visitor's stays longer than the page says, even if nobody comes after.
                timer = threading.Timer(KEPT_SECONDS, self.forget, [heard.token])
                timer.daemon = True
                timer.start()
        return self.by_key(_key(heard.token, heard.prediction.most_telling))

    def by_key(self, key: str) -> Look:
        """What `at` returned with that key, one of its moments, or an example as "example:rain".

        Raises:
            GoneError: It is not kept any more, or never was.
        """
        token = key.partition("@")[0]
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            heard = self._heard.get(token)
        if heard is None:
            return self._example(key)
        moments = tuple(
            Moment(key=_key(token, number), window=window) for number, window in enumerate(heard.prediction.windows)
        )
        window = next((moment.window for moment in moments if moment.key == key), None)
        if window is None:
            raise GoneError(key)
        return self._look(key, heard.name, heard.waveform, window.start_seconds, moments if len(moments) > 1 else ())

    def forget(self, token: str) -> None:
        """A visitor's recording, with every look at it."""
        with self._lock:
            self._heard.pop(token, None)
            for key in [key for key in self._kept if key.startswith(f"{token}@")]:
                del self._kept[key]

    def _example(self, key: str) -> Look:
        kind, _, name = key.partition(":")
        if kind != "example":
            raise GoneError(key)
        try:
            example = examples.by_name(name)
        except KeyError:
            raise GoneError(key) from None
        return self._look(key, example.title, example.waveform(), 0.0)

    def _look(
        self, key: str, name: str, waveform: np.ndarray, start_seconds: float, moments: tuple[Moment, ...] = ()
    ) -> Look:
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
            moments=moments,
        )
        with self._lock:
            self._kept[key] = look
            while sum(kept.size for kept in self._kept.values()) > self.largest_bytes and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return look


def _key(token: str, window: int) -> str:
    return f"{token}@{window}"
