"""Figures to keep: a Prediction in, a picture file out. Pure; the page draws with pictures.py instead."""

import io

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from .config import MelConfig
from .labels import describe
from .prediction import Prediction

INK, QUIET, ACCENT, PAPER = "#1b1e23", "#585c61", "#0f6e6b", "#ffffff"
TICKS_HZ = (125.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0)


def answer(
    sentence: str, name: str, prediction: Prediction, spectrogram: np.ndarray, mel: MelConfig, footer: str = ""
) -> bytes:
    """The answer as a picture to send to somebody.

    Args:
        sentence: The answer in words.
        name: Of the recording.
        prediction: Its five likeliest labels become bars.
        spectrogram: (mels, frames), dB below the loudest; see `internals.spectrogram`.
        mel: What it was computed with.
        footer: A line at the bottom.

    Returns:
        A PNG file of 1200 × 900 pixels.
    """
    figure = Figure(figsize=(8, 6), dpi=150, facecolor=PAPER)
    figure.text(0.06, 0.93, f"{name} · {prediction.duration_seconds:.1f} s", color=QUIET, size=9, parse_math=False)
    figure.text(0.06, 0.865, sentence, color=INK, size=18 if len(sentence) < 48 else 13, weight="bold")
    figure.text(0.06, 0.02, footer, color=QUIET, size=8)

    bars = figure.add_axes((0.24, 0.55, 0.6, 0.26))
    top = prediction.top[:5][::-1]
    places = list(range(len(top)))
    values = [100 * ranked.probability for ranked in top]
    bars.barh(places, values, height=0.5, color=["#a9ccc8"] * (len(top) - 1) + [ACCENT])
    bars.set_yticks(places, [describe(ranked.label).title for ranked in top], color=INK)
    for place, value in zip(places, values, strict=True):
        bars.text(103, place, f"{value:.0f} %", va="center", color=INK)
    bars.set_xlim(0, 100)
    bars.set_xticks([])
    bars.tick_params(length=0)
    for spine in bars.spines.values():
        spine.set_visible(False)

    axes = figure.add_axes((0.12, 0.14, 0.74, 0.34))
    bottom, height = _mel(mel.f_min), _mel(mel.f_max)
    painted = axes.imshow(
        spectrogram,
        origin="lower",
        aspect="auto",
        cmap="magma",
        extent=(0.0, prediction.duration_seconds, bottom, height),
        vmin=-80.0,
        vmax=0.0,
    )
    axes.set_yticks(
        [_mel(hz) for hz in TICKS_HZ if hz <= mel.f_max], [f"{hz:,.0f}" for hz in TICKS_HZ if hz <= mel.f_max]
    )
    axes.set_xlabel("seconds", color=QUIET)
    axes.set_ylabel("Hz (mel scale)", color=QUIET)
    axes.tick_params(colors=QUIET)
    bar = figure.colorbar(painted, cax=figure.add_axes((0.885, 0.14, 0.015, 0.34)), format=FuncFormatter(_decibels))
    bar.ax.tick_params(colors=QUIET)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]

    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))


def _decibels(value: float, _: int | None = None) -> str:
    return f"{value:.0f} dB".replace("-", "−")
