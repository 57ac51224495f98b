"""Recording in, Prediction out: the one road for page, REST, command line and Modal.

    recording ─ decode ─ windows ─ LogMel ─ ResNet ─ softmax ─ mean over windows ─▶ Prediction

Knows no page, no request and no training.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Float64

from . import audio, checkpoint
from .checkpoint import Checkpoint
from .prediction import Level, Prediction, Ranked, Window

Recording = audio.Recording | Float32[np.ndarray, " samples"]
"""A file by name, its bytes, an open file, or a waveform at the model's own sample_rate."""

MAX_SECONDS = 600.0
"""Longest recording taken where nothing else is said."""

SLACK_SECONDS = 0.5
"""A recording this much longer than a clip is still one clip, cut evenly at both ends: recorders and
encoders add a little, and two windows that share nine tenths would say everything twice."""

OVERLAP = 0.5
"""Share of a window that the next one covers again."""

WINDOWS_AT_ONCE = 8
"""Windows in one pass through the network: enough to keep two cores busy, few enough to stay small."""

CLIPPED_PEAK = 0.999
"""Samples this near full scale count as clipped."""


def default_weights() -> str:
    """What AUDIOCLF_WEIGHTS names, or the weights that come with this repository."""
    return os.environ.get("AUDIOCLF_WEIGHTS") or str(Path(__file__).parents[1] / "weights" / "esc50")


def weights_folder(source: str | os.PathLike[str] | None = None) -> Path:
    """The folder of a checkpoint, fetched from the Hub first where `source` is a repository.

    A folder that exists always wins, and then nothing is asked of the network.

    Args:
        source: A folder, user/repo or user/repo@revision; default: `default_weights()`.

    Raises:
        HubError: It is no folder, and the Hub has no such checkpoint or can't be reached.
    """
    source = source or default_weights()
    if Path(source).is_dir():
        return Path(source)
    # Costs half a second, which weights in a folder need not pay.
    from . import hub

    name = source.as_posix() if isinstance(source, Path) else os.fspath(source)
    return hub.fetch(name) if hub.REPO.fullmatch(name) else Path(source)


class _Meter:
    """Adds up the level of a recording as its blocks pass by."""

    def __init__(self) -> None:
        self.samples, self.peak, self.energy, self.clipped = 0, 0.0, 0.0, 0

    def watch(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            size = np.abs(block)
            self.samples += len(block)
            self.peak = max(self.peak, float(size.max(initial=0.0)))
            self.energy += float(np.square(block, dtype=np.float64).sum())
            self.clipped += int((size >= CLIPPED_PEAK).sum())
            yield block

    def level(self) -> Level:
        mean = self.energy / max(self.samples, 1)
        return Level(
            peak=self.peak,
            rms_db=float(10 * np.log10(mean + 1e-12)),
            clipped_share=self.clipped / max(self.samples, 1),
        )


def cut_windows(blocks: Iterable[np.ndarray], clip: int, hop: int, slack: int) -> Iterator[tuple[int, np.ndarray]]:
    """Slice a stream of blocks into overlapping windows, the last one flush with the end.

    Args:
        blocks: The waveform in pieces of any size.
        clip: Samples in a window.
        hop: Samples between two windows' starts.
        slack: A waveform longer than `clip` by no more than this is one window, cut at both ends.

    Yields:
        Where each window starts, in samples, and its samples; fewer than `clip` only where the whole
        waveform is shorter.
    """
    buffer, start, next_start = np.empty(0, np.float32), 0, 0
    for block in blocks:
        buffer = np.concatenate([buffer, block])
        while start + len(buffer) > next_start + clip + slack:
            yield next_start, buffer[next_start - start : next_start - start + clip]
            next_start += hop
            # The last `clip` samples stay, for the window that is flush with the end.
            drop = max(0, min(next_start - start, len(buffer) - clip - slack))
            buffer, start = buffer[drop:], start + drop
    end = start + len(buffer)
    if next_start == 0 and end > clip:
        first = (end - clip) // 2
        yield first, buffer[first : first + clip]
    elif next_start == 0:
        yield 0, buffer
    else:
        yield end - clip, buffer[-clip:]


class Classifier:
    """Loaded weights and everything that turns a recording into a Prediction.

    Safe to use from several threads at once: it keeps nothing between calls.

    Args:
        loaded: A checkpoint.
        device: Where the network runs; default: CUDA where there is one.

    Attributes:
        batcher: Stands between `probabilities` and `forward` where many callers share passes through the
            network; None where each makes its own.
    """

    def __init__(self, loaded: Checkpoint, device: str | torch.device | None = None):
        self.checkpoint = loaded
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.model = loaded.model.to(self.device).eval()
        self.labels = loaded.labels
        self.mel = loaded.mel
        self.batcher: Callable[[list[np.ndarray]], np.ndarray] | None = None

    @classmethod
    def from_pretrained(
        cls, source: str | os.PathLike[str] | None = None, device: str | torch.device | None = None
    ) -> "Classifier":
        """Load weights.

        Args:
            source: A checkpoint's folder, or user/repo on the Hub; default: `default_weights()`.
            device: As above.

        Raises:
            CheckpointError: The weights don't fit their config, or there are none.
        """
        return cls(checkpoint.load(weights_folder(source)), device)

    @property
    def sample_rate(self) -> int:
        """Hz, of every waveform here."""
        return self.mel.sample_rate

    def decode(self, recording: Recording, max_seconds: float | None = MAX_SECONDS) -> Float32[np.ndarray, " samples"]:
        """The recording's waveform, for drawing and playing; `classify` takes it as well.

        Raises:
            RecordingError: In words for the person who gave it.
        """
        if isinstance(recording, np.ndarray):
            return recording
        return audio.decode(recording, self.sample_rate, max_seconds=max_seconds)

    def classify(
        self,
        recording: Recording,
        *,
        max_seconds: float | None = MAX_SECONDS,
        progress: Callable[[float], None] | None = None,
    ) -> Prediction:
        """What is that sound?

        Args:
            recording: Any length up to `max_seconds`, any format that FFmpeg reads. It is streamed: a long
                one takes no more memory than a short one.
            max_seconds: Longest recording taken; None for no limit.
            progress: Called with the seconds classified so far.

        Raises:
            RecordingError: It is no sound, or no answer can be had from it; in words for a person.
        """
        if isinstance(recording, np.ndarray):
            blocks: Iterable[np.ndarray] = [recording]
        else:
            blocks = audio.blocks(recording, self.sample_rate, max_seconds=max_seconds)
        meter = _Meter()
        clip = self.mel.clip_samples
        slices = cut_windows(
            meter.watch(blocks), clip, round(clip * (1 - OVERLAP)), round(SLACK_SECONDS * self.sample_rate)
        )
        spans: list[tuple[int, int]] = []
        probabilities: list[np.ndarray] = []
        batch: list[np.ndarray] = []
        for start, samples in slices:
            spans.append((start, start + len(samples)))
            batch.append(samples)
            if len(batch) == WINDOWS_AT_ONCE:
                probabilities.append(self.probabilities(batch))
                batch = []
                if progress:
                    progress(spans[-1][1] / self.sample_rate)
        if batch:
            probabilities.append(self.probabilities(batch))
        each = np.concatenate(probabilities)
        return Prediction(
            top=self._rank(each.mean(axis=0)),
            windows=tuple(
                Window(start_seconds=start / self.sample_rate, end_seconds=end / self.sample_rate, top=self._rank(row))
                for (start, end), row in zip(spans, each, strict=True)
            ),
            duration_seconds=meter.samples / self.sample_rate,
            level=meter.level(),
        )

    def pad(self, clips: list[np.ndarray]) -> torch.Tensor:
        """Clips of at most the model's length as one batch on its device, silence after the shorter ones."""
        padded = np.zeros((len(clips), self.mel.clip_samples), dtype=np.float32)
        for row, samples in zip(padded, clips, strict=True):
            row[: len(samples)] = samples
        return torch.from_numpy(padded).to(self.device)

    def probabilities(self, clips: list[np.ndarray]) -> Float64[np.ndarray, "clips classes"]:
        """Calibrated probabilities of a batch of clips.

        Args:
            clips: Waveforms of at most the model's length.
        """
        return self.batcher(clips) if self.batcher else self.forward(clips)

    @torch.inference_mode()
    def forward(self, clips: list[np.ndarray]) -> Float64[np.ndarray, "clips classes"]:
        """`probabilities`, in a pass of their own."""
        return self.calibrated(self.model(self.pad(clips)))

    def calibrated(self, logits: torch.Tensor) -> Float64[np.ndarray, "clips classes"]:
        """Logits to probabilities: the one softmax, at the temperature that makes them frequencies."""
        return (logits.double() / self.checkpoint.temperature).softmax(dim=1).cpu().numpy()

    def _rank(self, probabilities: np.ndarray) -> tuple[Ranked, ...]:
        order = np.argsort(-probabilities, kind="stable")
        return tuple(Ranked(label=self.labels[i], probability=float(probabilities[i])) for i in order)
