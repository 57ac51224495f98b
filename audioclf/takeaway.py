"""Everything the network computed for one clip, as one .npz for a notebook."""

import io
from typing import Any

import numpy as np

from . import internals
from .classifier import Classifier, Recording


def npz(classifier: Classifier, recording: Recording, start_seconds: float = 0.0) -> bytes:
    """The file's bytes; read it with `numpy.load`.

    It holds, by name: "waveform", "spectrogram", "mel_power", "log_power" and "log_mel", as
    `internals.front_end_steps` has them; "stem" and "stage1" to "stage4", as `internals.activations` has them;
    "features", "logits" and "probabilities"; "labels" in their order; "band_hz", the centre of each mel band;
    and "frame_seconds", the time of each frame of the log_mel.

    Args:
        classifier: The loaded network.
        recording: Anything that `Classifier.classify` takes.
        start_seconds: Where the clip starts in it.
    """
    activations = internals.activations(classifier, recording, start_seconds)
    answer = internals.head(classifier, activations["stage4"])
    mel = classifier.mel
    arrays: dict[str, Any] = {
        **internals.front_end_steps(classifier, recording, start_seconds),
        **activations,
        "features": answer.features,
        "logits": answer.logits,
        "probabilities": answer.probabilities,
        "labels": np.array(classifier.labels),
        "band_hz": classifier.model.front_end.band_hz().numpy(),
        "frame_seconds": np.arange(mel.frames) * mel.hop_length / mel.sample_rate,
    }
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()
