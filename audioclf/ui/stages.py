"""A first look inside: what each stage made of the recording, as a strip of pictures. Knows no Gradio."""

from html import escape

import numpy as np

from .. import internals, pictures
from ..classifier import Classifier
from . import strings
from .answer import clock
from .shared import Heard


def strip(classifier: Classifier, heard: Heard) -> str:
    """Average map of the stem and the four stages, for the window that is surest of the answer."""
    window = heard.prediction.windows[heard.prediction.most_telling]
    activations = internals.activations(classifier, heard.waveform, window.start_seconds)
    figures = "".join(_figure(name, activation) for name, activation in activations.items())
    hint = strings.INSIDE_HINT.format(start=clock(window.start_seconds), end=clock(window.end_seconds))
    return f"""
<section class="stages" aria-label="{escape(strings.INSIDE_HEADING)}" tabindex="-1">
  <h3>{strings.INSIDE_HEADING}</h3><p class="hint">{hint}</p>
  <div class="strip">{figures}</div>
</section>"""


def _figure(name: str, activation: np.ndarray) -> str:
    channels, mels, frames = activation.shape
    title = strings.STAGES[name]
    alt = strings.STAGE_ALT.format(stage=title, channels=channels, mels=mels, frames=frames)
    shape = strings.STAGE_SHAPE.format(channels=channels, mels=mels, frames=frames)
    picture = pictures.data_uri(activation.mean(axis=0), "magma")
    return (
        f'<figure><img alt="{escape(alt)}" src="{picture}"><figcaption><strong>{title}</strong> {shape}</figcaption>'
        "</figure>"
    )
