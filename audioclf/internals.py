"""What the network did on the way, as numpy arrays. Knows no page and draws nothing."""

import numpy as np
import torch
from jaxtyping import Float32

from .classifier import Classifier, Recording


def clip_at(
    classifier: Classifier, recording: Recording, start_seconds: float = 0.0
) -> Float32[np.ndarray, " samples"]:
    """The clip-long slice of a recording that starts there; shorter where the recording ends."""
    waveform = classifier.decode(recording)
    start = round(start_seconds * classifier.sample_rate)
    return waveform[start : start + classifier.mel.clip_samples]


@torch.inference_mode()
def activations(
    classifier: Classifier, recording: Recording, start_seconds: float = 0.0
) -> dict[str, Float32[np.ndarray, "channels mels frames"]]:
    """Every stage's activations for one clip of a recording.

    Args:
        classifier: The loaded network.
        recording: Anything that `Classifier.classify` takes.
        start_seconds: Where the clip starts in it; see `Prediction.windows`.

    Returns:
        "stem", "stage1" … "stage4", in that order, each (channels, mels, frames), not negative: every
        stage ends in a ReLU. A stage's cell lies `stride` cells of the log_mel from its neighbour.
    """
    clip = clip_at(classifier, recording, start_seconds)
    log_mel = classifier.model.front_end(classifier.pad([clip]))
    stages = classifier.model.network.forward_intermediates(log_mel)
    return {name: activation[0].cpu().numpy() for name, activation in stages.items()}
