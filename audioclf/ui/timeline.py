"""Overlapping windows merged into stretches of one sound. Knows no HTML."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..prediction import Prediction

SURE_ENOUGH = 0.4
"""Least probability for a stretch to be given a label."""

QUIET_DB = -60.0
"""A stretch whose level lies below this, dB of full scale, is quiet, whatever the network makes of it."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch in which one sound was heard.

    Attributes:
        start_seconds: Where it begins.
        end_seconds: Where it ends.
        label: What was heard; None where the network isn't sure.
        probability: Mean over the stretch, of its label or else of the likeliest one.
        quiet: Nothing can be heard.
    """

    start_seconds: float
    end_seconds: float
    label: str | None
    probability: float
    quiet: bool = False

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def spans(prediction: Prediction, waveform: np.ndarray, sample_rate: int) -> list[Span]:
    """What was heard when.

    Between any two edges of windows the same windows overlap: their probabilities are averaged there, and
    neighbours with the same answer become one span.

    Returns:
        Spans without gaps, in order; none where the recording is a single window.
    """
    windows = prediction.windows
    if len(windows) < 2:
        return []
    edges = sorted({window.start_seconds for window in windows} | {window.end_seconds for window in windows})
    merged: list[Span] = []
    for start, end in pairwise(edges):
        over = [window for window in windows if window.start_seconds <= start and window.end_seconds >= end]
        mean: dict[str, float] = {}
        for window in over:
            for ranked in window.top:
                mean[ranked.label] = mean.get(ranked.label, 0.0) + ranked.probability / len(over)
        label, probability = max(mean.items(), key=lambda item: item[1])
        samples = waveform[round(start * sample_rate) : round(end * sample_rate)]
        power = float(np.square(samples, dtype=np.float64).mean()) if len(samples) else 0.0
        quiet = power < 10 ** (QUIET_DB / 10)
        found = Span(
            start_seconds=start,
            end_seconds=end,
            label=label if probability >= SURE_ENOUGH and not quiet else None,
            probability=probability,
            quiet=quiet,
        )
        if merged and (merged[-1].label, merged[-1].quiet) == (found.label, found.quiet):
            last = merged[-1]
            mean_probability = (last.probability * last.seconds + probability * found.seconds) / (
                last.seconds + found.seconds
            )
            merged[-1] = replace(last, end_seconds=end, probability=mean_probability)
        else:
            merged.append(found)
    return merged
