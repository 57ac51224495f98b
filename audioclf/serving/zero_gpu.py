"""Hugging Face's ZeroGPU: a GPU that is lent for single calls. Everywhere else this module does nothing.

A call waits in a queue and counts against the visitor's daily minutes, and a CPU does a clip in less time than
the lending takes. So short recordings stay on the CPU, and only long ones borrow the GPU; where none is lent
(quota used up, no visitor known), they stay too.
"""

import os

import numpy as np

from .. import checkpoint
from ..classifier import Classifier, weights_folder
from ..prediction import Prediction
from .standby import StandbyClassifier

LENT_SECONDS = 20
"""Asked for at a time: ten minutes of sound take a few. A short loan stands further ahead in the queue."""


def load_classifier() -> Classifier:
    """`Classifier.from_pretrained`, and on a ZeroGPU Space one that borrows the GPU for long recordings.

    There the main process only seems to have CUDA, so that the weights must be told to stay on the CPU; and a
    Space without a single function that borrows is not started.
    """
    if not os.environ.get("SPACES_ZERO_GPU"):
        return Classifier.from_pretrained()
    import spaces  # pyright: ignore[reportMissingImports] Only there, and put there by Hugging Face.

    loaded = checkpoint.load(weights_folder())

    @spaces.GPU(duration=LENT_SECONDS)
    def borrow(waveform: np.ndarray) -> Prediction:
        # In a process of its own: moving the weights there leaves those here where they are.
        return Classifier(loaded, "cuda").classify(waveform, max_seconds=None)

    return StandbyClassifier(loaded, wake=lambda: None, far=borrow, sleeps_after_seconds=float("inf"))
