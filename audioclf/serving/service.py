"""What is served, before it has a protocol: predict, visualize, model info. Knows neither HTTP nor Gradio."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import __version__, internals
from ..classifier import Classifier
from ..resnet import ResNet
from .batching import share_passes
from .observing import Metrics
from .store import Store

KEPT_BYTES = 64_000_000
KEPT_SECONDS = 600.0
"""How much of recent recordings stays in memory for `visualize`, and how long."""

MOST_CHANNELS = 64
FEW_CHANNELS = 16
"""Channels that `visualize` tells of: at most, and where none are asked for."""


class UnknownIdError(LookupError):
    """No prediction is kept under this id. `str(error)` is fit to be shown."""


class QuestionError(ValueError):
    """There is no such layer, channel or window. `str(error)` is fit to be shown."""


@dataclass(frozen=True)
class Kept:
    """A recent recording as it was sent, smaller than what is made of it, and where its windows start."""

    recording: bytes
    starts_seconds: tuple[float, ...]
    window: int
    """The most telling one."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Some channels of one layer, for one window of a recent recording.

    Attributes:
        layer: Its name.
        window: Which of the prediction's windows.
        start_seconds: Where that one starts.
        shape: Of the whole layer: channels, mel cells, frames.
        channels: The numbers of those that follow.
        activations: (channels, mel cells, frames).
    """

    layer: str
    window: int
    start_seconds: float
    shape: tuple[int, ...]
    channels: list[int]
    activations: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "window": self.window,
            "start_seconds": self.start_seconds,
            "shape": list(self.shape),
            "channels": self.channels,
            # A thousandth is finer than an eye can tell, and a third of the characters.
            "activations": np.round(self.activations.astype(np.float64), 3).tolist(),
        }


class Service:
    """Safe to use from several threads at once.

    Args:
        classifier: From now on its callers share passes through the network.
    """

    def __init__(self, classifier: Classifier):
        self.classifier = classifier
        self.metrics = Metrics()
        self._kept: Store[Kept] = Store(KEPT_BYTES, KEPT_SECONDS)
        # One thread, for the reason that `Batcher` has one.
        self._looking = ThreadPoolExecutor(1, "looking")
        share_passes(classifier, self.metrics.passes.observe)

    def predict(self, recording: bytes, top: int = 5) -> dict[str, Any]:
        """`Classifier.classify` as JSON has it, and the id under which it is kept for a while.

        Raises:
            RecordingError: It is no sound, or no answer can be had from it.
        """
        prediction = self.classifier.classify(recording)
        self.metrics.labels.labels(prediction.label).inc()
        kept = Kept(recording, tuple(each.start_seconds for each in prediction.windows), prediction.most_telling)
        return {"id": self._kept.put(kept, len(recording))} | prediction.to_dict(top)

    def visualize(self, id: str, layer: str, channels: list[int] | None = None, window: int | None = None) -> Shown:
        """What a layer of the network made of a recent recording.

        Args:
            id: From `predict`.
            layer: One of `ResNet.STAGES`.
            channels: Default: the most active.
            window: Default: the one that speaks loudest for the answer.

        Raises:
            UnknownIdError: Nothing is kept under this id, or no longer.
            QuestionError: There is no such layer, channel or window.
        """
        kept = self._kept.get(id)
        if kept is None:
            raise UnknownIdError(
                f"This id is unknown or too old: ids live for {round(KEPT_SECONDS / 60)} minutes at most. "
                "Send the recording again."
            )
        if layer not in ResNet.STAGES:
            raise QuestionError(f"There is no such layer; there are {', '.join(ResNet.STAGES)}.")
        window = kept.window if window is None else window
        if not 0 <= window < len(kept.starts_seconds):
            raise QuestionError(f"This prediction has {len(kept.starts_seconds)} windows, counted from 0.")
        start = kept.starts_seconds[window]
        stage = self._looking.submit(internals.activations, self.classifier, kept.recording, start).result()[layer]
        wanted = internals.strongest_first(stage)[:FEW_CHANNELS].tolist() if channels is None else channels
        if len(wanted) > MOST_CHANNELS or not all(0 <= channel < len(stage) for channel in wanted):
            raise QuestionError(f"{layer} has {len(stage)} channels, counted from 0; ask for {MOST_CHANNELS} at most.")
        return Shown(
            layer=layer,
            window=window,
            start_seconds=start,
            shape=stage.shape,
            channels=wanted,
            activations=stage[wanted],
        )

    @cached_property
    def info(self) -> dict[str, Any]:
        """Everything that can be told of the loaded weights."""
        loaded = self.classifier.checkpoint
        silence = np.zeros(loaded.mel.clip_samples, np.float32)
        return {
            "version": __version__,
            "architecture": f"ResNet-{loaded.network.depth}, width {loaded.network.width}",
            "parameters": sum(parameter.numel() for parameter in loaded.model.parameters()),
            "stages": [
                {"layer": name, "shape": list(stage.shape)}
                for name, stage in internals.activations(self.classifier, silence).items()
            ],
            "labels": list(loaded.labels),
            "mel": loaded.mel.to_dict(),
            "model": loaded.network.to_dict(),
            "temperature": loaded.temperature,
            "provenance": loaded.provenance,
        }
