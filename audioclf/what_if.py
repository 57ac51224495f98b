"""What the network would answer if part of it, or of the sound, were missing. Changes nothing for anybody else.

The network's own modules are called one by one and the numbers between them are changed, so that nothing
is left behind in the network, which all visitors share.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .classifier import Classifier, Recording
from .internals import clip_at
from .resnet import ResidualBlock, ResNet

NOISE_SEED = 0
"""The same noise each time: the same change gives the same answer."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is different from the first answer. Everything off by default.

    Attributes:
        muted: (stage, channel) pairs whose feature maps are set to zero.
        hidden_seconds: A stretch of the clip (start, end) that the network can't see.
        hidden_hz: A band of frequencies (low, high) that it can't see.
        without_shortcuts: Stages in which nothing goes around the residual blocks.
        noise_db: White noise added to the clip, dB over the clip's own level; None for none.
    """

    muted: tuple[tuple[str, int], ...] = ()
    hidden_seconds: tuple[float, float] | None = None
    hidden_hz: tuple[float, float] | None = None
    without_shortcuts: tuple[str, ...] = ()
    noise_db: float | None = None


@torch.inference_mode()
def what_if(
    classifier: Classifier, recording: Recording, change: Change, start_seconds: float = 0.0
) -> Float64[np.ndarray, " classes"]:
    """The probabilities of a clip after a change, in the order of `classifier.labels`.

    `Change()` gives exactly the classifier's own probabilities of that clip.

    Args:
        classifier: The loaded network.
        recording: Anything that `Classifier.classify` takes.
        change: What to take away or add.
        start_seconds: Where the clip starts in the recording.
    """
    clip = clip_at(classifier, recording, start_seconds)
    if change.noise_db is not None:
        clip = with_noise(clip, change.noise_db)
    log_mel = hide(classifier, classifier.model.front_end(classifier.pad([clip])), change)
    return classifier.calibrated(logits(classifier.model.network, log_mel, change))[0]


def with_noise(clip: Float[np.ndarray, " samples"], noise_db: float) -> Float[np.ndarray, " samples"]:
    """The clip with white noise that much over its own level, dB."""
    level = np.sqrt(np.mean(np.square(clip, dtype=np.float64)))
    noise = np.random.default_rng(NOISE_SEED).standard_normal(len(clip))
    return (clip + level * 10 ** (noise_db / 20) * noise).astype(np.float32)


def hide(
    classifier: Classifier, log_mel: Float[Tensor, "batch mels frames"], change: Change
) -> Float[Tensor, "batch mels frames"]:
    """The log_mel with a stretch or a band set to zero, the clip's mean, as training's masks do."""
    config = classifier.mel
    if change.hidden_seconds is not None:
        start, end = change.hidden_seconds
        seconds = torch.arange(log_mel.shape[2], device=log_mel.device) * config.hop_length / config.sample_rate
        log_mel = log_mel.masked_fill((seconds >= start) & (seconds <= end), 0.0)
    if change.hidden_hz is not None:
        low, high = change.hidden_hz
        band_hz = classifier.model.front_end.band_hz().to(log_mel.device)
        log_mel = log_mel.masked_fill(((band_hz >= low) & (band_hz <= high))[:, None], 0.0)
    return log_mel


def logits(
    network: ResNet, log_mel: Float[Tensor, "batch mels frames"], change: Change
) -> Float[Tensor, "batch classes"]:
    """What `network(log_mel)` would give after the change to the network."""
    x = log_mel.unsqueeze(1)
    for stage in ResNet.STAGES:
        module = network.get_submodule(stage)
        if stage in change.without_shortcuts:
            for block in module.children():
                assert isinstance(block, ResidualBlock)
                x = torch.relu(block.residual(x))
        else:
            x = module(x)
        muted = [channel for where, channel in change.muted if where == stage]
        if muted:
            x = x.clone()
            x[:, muted] = 0.0
    return network.forward_head(x)
