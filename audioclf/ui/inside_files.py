"""What the Inside screen's visitors take away: a picture as PNG or SVG, activations as .npz. Knows no Gradio."""

import base64
from typing import Any

import numpy as np

from .. import figures, internals, playback, takeaway
from ..classifier import Classifier
from ..labels import describe
from . import inside_words
from .inside_answers import COLOUR_MAPS
from .looks import Look

TYPES = {"png": "image/png", "svg": "image/svg+xml", "npz": "application/octet-stream"}


def file_of(
    classifier: Classifier,
    look: Look,
    kind: str,
    what: str,
    channel: int | None = None,
    labels: list[str] | None = None,
    colours: str = "Viridis",
) -> dict[str, Any]:
    """A file for the browser to save.

    Args:
        classifier: The loaded network.
        look: The clip.
        kind: "png", "svg" or "npz".
        what: A stop of the road, or "why".
        channel: Of a stage; None for the stage's grid.
        labels: Of the class maps.
        colours: A name in COLOUR_MAPS.
    """
    if kind == "npz":
        data = takeaway.npz(classifier, look.clip)
    else:
        figure = _figure(classifier, look, what, channel, labels or [], COLOUR_MAPS[colours])
        data = figures.as_file(figure, kind)
    stem = "".join(c if c.isalnum() else "-" for c in look.name.lower()).strip("-") or "sound"
    part = "activations" if kind == "npz" else what + (f"-channel-{channel}" if channel is not None else "")
    return {"name": f"{stem}-{part}.{kind}", "type": TYPES[kind], "base64": base64.b64encode(data).decode()}


def _figure(
    classifier: Classifier, look: Look, what: str, channel: int | None, labels: list[str], colour_map: str
) -> figures.Figure:
    mel = classifier.mel
    front = inside_words.front_end(mel)
    log_mel = look.steps["log_mel"]
    if what == "why":
        maps = [internals.class_map(classifier, look.activations["stage4"], label) for label in labels]
        layers = [
            (f"{describe(m.label).title}: logit {m.logit:+.2f}", playback.laid_over(classifier, "stage4", m.cells))
            for m in maps
        ]
        return figures.over_log_mel(log_mel, layers, f"What speaks for each class in {look.name}", mel, diverging=True)
    if what in look.activations:
        title = f"{inside_words.STAGE_TITLES[what]}, {look.name}"
        if channel is None:
            return figures.stage(look.activations[what], title, mel, colour_map)
        over = playback.laid_over(classifier, what, look.activations[what][channel].astype(np.float64))
        return figures.over_log_mel(log_mel, [(f"Channel {channel}", over)], title, mel, colour_map)
    if what == "waveform":
        return figures.waveform(look.steps[what], f"Waveform, {look.name}", mel.sample_rate)
    if what == "spectrogram":
        return figures.spectrum(look.steps[what], f"{front[what][0]}, {look.name}", mel, colour_map)
    if what in look.steps:
        values = np.sqrt(look.steps[what]) if what == "mel_power" else look.steps[what]
        return figures.mel_picture(values, f"{front[what][0]}, {look.name}", mel, colour_map)
    if what == "pooling":
        return figures.columns(look.head.features, f"Pooled features, {look.name}")
    if what == "linear":
        return figures.columns(look.head.logits, f"Logits, {look.name}")
    best = np.argsort(-look.head.probabilities)[:5]
    names = [describe(classifier.labels[i]).title for i in best]
    return figures.bars(look.head.probabilities[best], names, f"Probabilities, {look.name}")
