"""From numbers to words: how sure, how loud, how long. Knows no HTML."""

from typing import Any

from ..labels import describe
from ..prediction import Prediction
from . import strings
from .timeline import Span

SURE = 0.85
LIKELY = 0.55
POSSIBLE = 0.3
"""Least calibrated probability for each wording; below the last, it may be none of the sounds."""

CLOSE = 0.5
"""A second label with this share of the first one's probability is named beside it."""

QUIET_PEAK = 0.01
QUIET_RMS_DB = -60.0
"""A peak or a level below these is called quiet: -40 dB at the peak is a microphone far from its sound."""

CLIPPED_SHARE = 0.001
SHORT_SECONDS = 0.5
ENOUGH_CLIPS = 10
"""Test recordings that a measured frequency must rest on before it is told."""


def percent(probability: float) -> str:
    """As it stands beside a bar."""
    if probability < 0.01:
        return strings.LESS_THAN_ONE
    if probability >= 0.995:
        return strings.MORE_THAN_99
    return strings.PERCENT.format(value=100 * probability)


def headline(prediction: Prediction, spans: list[Span]) -> str:
    """The answer, as one sentence.

    Args:
        prediction: Of the whole recording.
        spans: Its timeline; empty where it fits one window.
    """
    sounds = _sounds(spans)
    if len(sounds) > 1:
        phrases = [describe(label).phrase for label in sounds[:3]]
        return strings.SEVERAL.format(sounds=strings.AND.join([", ".join(phrases[:-1]), phrases[-1]]))
    if len(sounds) == 1:
        ranked = max((span for span in spans if span.label == sounds[0]), key=lambda span: span.probability)
        label, probability = ranked.label, ranked.probability
        return (strings.SURE if probability >= SURE else strings.LIKELY).format(first=describe(str(label)).phrase)
    first, second = prediction.top[:2]
    words = {"first": describe(first.label).phrase, "second": describe(second.label).phrase}
    if first.probability >= SURE:
        return strings.SURE.format(**words)
    if first.probability >= LIKELY:
        return strings.LIKELY.format(**words)
    if second.probability >= CLOSE * first.probability:
        return strings.UNSURE.format(**words)
    return strings.POSSIBLE.format(**words)


def _sounds(spans: list[Span]) -> list[str]:
    """Labels that the timeline is sure of, longest first."""
    seconds: dict[str, float] = {}
    for span in spans:
        if span.label and span.probability >= LIKELY:
            seconds[span.label] = seconds.get(span.label, 0.0) + span.end_seconds - span.start_seconds
    return sorted(seconds, key=lambda label: -seconds[label])


def certainty(prediction: Prediction, provenance: dict[str, Any]) -> str:
    """What the first number means, from measured figures where there are some."""
    probability = percent(prediction.probability)
    if len(prediction.windows) > 1:
        return strings.GIVES_AVERAGE.format(label=describe(prediction.label).phrase, probability=probability)
    said = strings.GIVES.format(probability=probability)
    for row in provenance.get("calibration") or ():
        inside = row["from"] <= prediction.probability < row["to"] or prediction.probability == row["to"] == 1
        if inside and row["clips"] >= ENOUGH_CLIPS:
            return f"{said} " + strings.RIGHT.format(clips=row["clips"], right=percent(row["right"]))
    return said


def notes(prediction: Prediction) -> list[str]:
    """Keys of `strings.NOTES` that this recording needs."""
    level = prediction.level
    found = []
    if level.peak < QUIET_PEAK or level.rms_db < QUIET_RMS_DB:
        found.append("quiet")
    if level.clipped_share > CLIPPED_SHARE:
        found.append("clipped")
    if prediction.duration_seconds < SHORT_SECONDS:
        found.append("short")
    if max(window.top[0].probability for window in prediction.windows) < POSSIBLE:
        found.append("none")
    return found
