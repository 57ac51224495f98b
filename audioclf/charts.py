"""Experiments in, matplotlib figures out. Pure: knows no files, no networks and no page."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int
from matplotlib.figure import Figure

from .labels import describe

ACCENT, OTHER, GREY = "#0f6e6b", "#c8553d", "#8a8f94"


def confusion(matrix: Int[np.ndarray, "true said"], labels: Sequence[str]) -> Figure:
    """The confusion matrix, with the groups of ten told apart by lines."""
    figure = Figure(figsize=(11, 10), layout="constrained")
    axes = figure.subplots()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    picture = axes.imshow(shares, cmap="magma_r", vmin=0, vmax=1)
    titles = [describe(label).title for label in labels]
    axes.set_xticks(range(len(titles)), titles, rotation=90, fontsize=7)
    axes.set_yticks(range(len(titles)), titles, fontsize=7)
    for edge in range(10, len(titles), 10):
        axes.axhline(edge - 0.5, color=GREY, linewidth=0.5)
        axes.axvline(edge - 0.5, color=GREY, linewidth=0.5)
    axes.set_xlabel("answered")
    axes.set_ylabel("was")
    figure.colorbar(picture, label="share of the clips of a class", shrink=0.7)
    return figure


def worst_pairs(
    matrix: Int[np.ndarray, "true said"], labels: Sequence[str], count: int = 10
) -> list[tuple[str, str, int]]:
    """The most frequent mistakes: (was, answered, clips), most frequent first."""
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:count]
    pairs = [divmod(int(index), len(labels)) for index in order]
    return [(labels[true], labels[said], int(wrong[true, said])) for true, said in pairs if wrong[true, said]]


def curves(histories: dict[str, Sequence[dict[str, Any]]]) -> Figure:
    """Loss and accuracy over the epochs, one colour for each run.

    Args:
        histories: For each run's name, its `history.json`.
    """
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for color, (name, history) in zip((ACCENT, OTHER, GREY, "#5b4b8a", "#b8860b"), histories.items(), strict=False):
        epochs = [row["epoch"] for row in history]
        left.plot(epochs, [row["loss"] for row in history], color=color, label=name)
        right.plot(epochs, [100 * row["test_accuracy"] for row in history], color=color, label=f"{name}, test fold")
        right.plot(
            epochs,
            [100 * row["train_accuracy"] for row in history],
            color=color,
            linestyle=":",
            label=f"{name}, augmented training clips",
        )
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, 100))
    right.legend(fontsize=8, frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.2)
    return figure


def calibration(rows: Sequence[dict[str, Any]]) -> Figure:
    """How often answers of each certainty were right, from `metrics.reliability`'s rows."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 100], [0, 100], color=GREY, linestyle="--", linewidth=1)
    said, right = ([100 * row[key] for row in rows] for key in ("said", "right"))
    axes.plot(said, right, color=ACCENT, marker="o", clip_on=False)
    for x, y, row in zip(said, right, rows, strict=True):
        axes.annotate(f"{row['clips']}", (x, y), textcoords="offset points", xytext=(6, -10), fontsize=8, color=GREY)
    axes.set(xlabel="certainty said, %", ylabel="right, %", xlim=(0, 100), ylim=(0, 100), aspect="equal")
    axes.set_title("Numbers are clips; on the dashed line, certainty is a frequency", fontsize=9, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
