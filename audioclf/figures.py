"""Figures of a network's inside for a slide, a paper or a notebook: arrays in, a matplotlib Figure out. Pure.

activations = internals.activations(classifier, "kitchen.m4a")
figures.stage(activations["stage2"], "Stage 2", classifier.mel).savefig("stage2.svg")
"""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .config import MelConfig
from .internals import strongest_first

QUIET = "#585c61"
TICKS_HZ = (100.0, 300.0, 1_000.0, 3_000.0, 8_000.0)
CHANNELS = 24
"""Of a stage, in its figure."""


def as_file(figure: Figure, kind: str) -> bytes:
    """The figure as a file.

    Args:
        figure: From a function below.
        kind: "png", at 200 dots an inch, or "svg".
    """
    file = io.BytesIO()
    # No date: the same figure is the same file.
    figure.savefig(file, format=kind, dpi=200, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()


def waveform(samples: np.ndarray, title: str, sample_rate: int) -> Figure:
    """A clip's (samples,)."""
    figure, (axes,) = _figure(title, 1, height=2.2)
    axes.plot(np.arange(len(samples)) / sample_rate, samples, color="#0f6e6b", linewidth=0.4)
    axes.set_xlim(0, len(samples) / sample_rate)
    axes.set_xlabel("seconds", color=QUIET)
    axes.tick_params(colors=QUIET)
    return figure


def bars(values: np.ndarray, names: list[str], title: str) -> Figure:
    """A few named values, the largest first."""
    figure, (axes,) = _figure(title, 1)
    axes.barh(range(len(values))[::-1], values, color="#0f6e6b", height=0.6)
    axes.set_yticks(range(len(values))[::-1], names)
    axes.tick_params(colors=QUIET)
    return figure


def columns(values: np.ndarray, title: str) -> Figure:
    """Many values, unnamed: pooled features or logits."""
    figure, (axes,) = _figure(title, 1)
    axes.bar(range(len(values)), values, color="#0f6e6b", width=0.8)
    axes.tick_params(colors=QUIET)
    return figure


def spectrum(power: np.ndarray, title: str, mel: MelConfig, colour_map: str = "viridis") -> Figure:
    """The amplitude of a spectrogram (bins, frames) whose bins are evenly spaced."""
    figure, (axes,) = _figure(title, 1)
    amplitude = np.sqrt(power)
    top_khz = mel.sample_rate / 2000
    high = float(np.percentile(amplitude, 99.8)) or None
    axes.imshow(
        amplitude,
        origin="lower",
        aspect="auto",
        cmap=colour_map,
        vmin=0.0,
        vmax=high,
        extent=(0, mel.clip_seconds, 0, top_khz),
    )
    axes.set_ylabel("kHz", color=QUIET)
    axes.set_xlabel("seconds", color=QUIET)
    axes.tick_params(colors=QUIET)
    return figure


def mel_picture(values: np.ndarray, title: str, mel: MelConfig, colour_map: str = "viridis") -> Figure:
    """Anything that is (mels, frames): mel bands, their logarithm, the log_mel."""
    figure, (axes,) = _figure(title, 1)
    _over_mel(axes, values, mel, cmap=colour_map, vmin=np.percentile(values, 1), vmax=values.max())
    return figure


def stage(maps: np.ndarray, title: str, mel: MelConfig, colour_map: str = "viridis") -> Figure:
    """A stage's strongest channels from its (channels, mels, frames), on one colour scale."""
    order = strongest_first(maps)[:CHANNELS]
    firing = maps[maps > 0]
    high = float(np.percentile(firing, 99.5)) if firing.size else 1.0
    figure = Figure(figsize=(9, 5), layout="constrained")
    figure.suptitle(f"{title}: {len(order)} strongest of {len(maps)} channels, one colour scale", fontsize=11)
    grid = figure.subplots(4, 6).flat
    painted = None
    for axes, channel in zip(grid, order, strict=False):
        painted = axes.imshow(
            maps[channel], origin="lower", aspect="auto", cmap=colour_map, vmin=0.0, vmax=high, interpolation="nearest"
        )
        axes.set_title(f"channel {channel}", fontsize=7, color=QUIET, pad=2)
    for axes in figure.axes:
        axes.set_axis_off()
    if painted is not None:
        figure.colorbar(painted, ax=figure.axes, shrink=0.6, label="activation")
    return figure


def over_log_mel(
    log_mel: np.ndarray,
    layers: list[tuple[str, np.ndarray]],
    title: str,
    mel: MelConfig,
    colour_map: str = "viridis",
    diverging: bool = False,
) -> Figure:
    """Maps laid over the spectrogram, side by side, on one colour scale.

    Args:
        log_mel: (mels, frames), drawn in grey.
        layers: Each a title and a map of the same shape, from `playback.laid_over`.
        title: Of the figure.
        mel: The front-end's config.
        colour_map: For maps of activations.
        diverging: The maps have a sign: orange above zero, purple below.
    """
    figure, all_axes = _figure(title, len(layers))
    largest = max(float(np.abs(layer).max()) for _, layer in layers) or 1.0
    for axes, (name, layer) in zip(all_axes, layers, strict=True):
        _over_mel(axes, log_mel, mel, cmap="gray", vmin=np.percentile(log_mel, 1), vmax=log_mel.max())
        painted = _over_mel(
            axes,
            layer,
            mel,
            cmap="PuOr_r" if diverging else colour_map,
            vmin=-largest if diverging else 0.0,
            vmax=largest,
            alpha=np.clip(1.2 * np.abs(layer) / largest, 0, 1) * 0.85,
        )
        painted.set_rasterized(True)
        axes.set_title(name, fontsize=10)
    return figure


def _figure(title: str, count: int, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(6.4 if count == 1 else 4.8 * count, height), layout="constrained")
    figure.suptitle(title, fontsize=11)
    return figure, list(figure.subplots(1, count, squeeze=False)[0])


def _over_mel(axes: Axes, values: np.ndarray, mel: MelConfig, **how):
    painted = axes.imshow(values, origin="lower", aspect="auto", extent=(0, mel.clip_seconds, 0, 1), **how)
    low, high = _mel(mel.f_min), _mel(mel.f_max)
    shown = [hz for hz in TICKS_HZ if mel.f_min <= hz <= mel.f_max]
    axes.set_yticks([(_mel(hz) - low) / (high - low) for hz in shown], [f"{hz:,.0f}" for hz in shown])
    axes.set_ylabel("Hz (mel scale)", color=QUIET)
    axes.set_xlabel("seconds", color=QUIET)
    axes.tick_params(colors=QUIET)
    return painted


def _mel(hz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hz / 700.0))
