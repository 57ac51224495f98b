"""Tables in Markdown, from the small files that finished runs leave. Knows no training.

What did not run is seen to be missing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .dataset import FOLDS
from .recipes import FOREST

FIGURES = ("accuracy", "top3", "precision", "recall", "f1")


def load_results(results: Path) -> list[dict[str, Any]]:
    """All finished runs on test folds; inner splits are left out, for they measure another thing."""
    rows = [json.loads(path.read_text()) for path in sorted(results.glob("*.json"))]
    return [row for row in rows if row["measured_fold"] == row["test_fold"]]


def cross_validation(rows: Sequence[dict[str, Any]], provenance: dict[str, Any]) -> dict[str, Any] | None:
    """What the recipe of these weights reaches on each of the five folds, after the last epoch.

    Args:
        rows: From `load_results`.
        provenance: Of the weights.

    Returns:
        "accuracy" and "deviation", mean and standard deviation over the folds, "folds", the five accuracies, and
        "seeds". None while a fold is missing, or where the run that these weights come from is not among the rows.
    """
    rows = [row for row in rows if all(row[key] == provenance.get(key) for key in ("recipe", "epochs"))]
    own = [row for row in rows if all(row[key] == provenance.get(key) for key in ("test_fold", "seed", "commit"))]
    folds = [[row["last_epoch"]["accuracy"] for row in rows if row["test_fold"] == fold] for fold in FOLDS]
    if not own or not all(folds):
        return None
    accuracies = [float(np.mean(seeds)) for seeds in folds]
    return {
        "accuracy": float(np.mean(accuracies)),
        "deviation": float(np.std(accuracies, ddof=1)),
        "folds": accuracies,
        "seeds": sorted({row["seed"] for row in rows}),
    }


def spread(values: Sequence[float]) -> str:
    """ "mean ± sd" in per cent; the mean alone where there is one value."""
    mean = 100 * float(np.mean(values))
    return f"{mean:.2f} ± {100 * float(np.std(values, ddof=1)):.2f}" if len(values) > 1 else f"{mean:.2f}"


def crossval_table(rows: Sequence[dict[str, Any]], method: str) -> str:
    """The five folds of one method as a Markdown table; seeds of one fold are averaged, missing folds said."""
    rows = [row for row in rows if row["recipe"] == method]
    lines = [
        "| test fold | last epoch | best epoch (chosen on the test fold) | top-3 | precision | recall | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for fold in FOLDS:
        found = [row for row in rows if row["test_fold"] == fold]
        if not found:
            lines.append(f"| {fold} | not run | | | | | |")
            continue
        lines.append(f"| {fold} | {_cells(found)} |")
    if rows:
        lines.append(f"| **mean ± sd, {_folds_said(rows)}** | {_cells(rows)} |")
    return "\n".join(lines)


def _cells(rows: Sequence[dict[str, Any]]) -> str:
    best = [row["best_epoch"]["accuracy"] for row in rows if row["best_epoch"]]
    cells = [spread([row["last_epoch"]["accuracy"] for row in rows]), spread(best) if best else "–"]
    cells += [spread([row["last_epoch"][name] for row in rows]) for name in FIGURES[1:]]
    return " | ".join(cells)


def _folds_said(rows: Sequence[dict[str, Any]]) -> str:
    folds = sorted({row["test_fold"] for row in rows})
    seeds = len({row["seed"] for row in rows})
    said = "all five folds" if folds == list(FOLDS) else f"fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))}"
    return said + (f", {seeds} seeds" if seeds > 1 else "")


ABLATION = {
    FOREST: "Random forest on MFCC statistics",
    "plain": "Plain CNN, no augmentation",
    "plain-augmented": "Plain CNN, mixup and masks",
    "resnet": "ResNet, no augmentation",
    "paper": "ResNet, mixup and masks (the paper's method)",
    "plain-half": "Plain CNN, no augmentation; half width",
    "plain-augmented-half": "Plain CNN, mixup and masks; half width",
    "resnet-half": "ResNet, no augmentation; half width",
    "paper-half": "ResNet, mixup and masks; half width",
    "small": "ResNet, half width, every mix (the shipped weights' recipe)",
    "best": "ResNet, every mix, long schedule",
    "distilled": "The same, taught by three of them (our best recipe)",
}
"""The rows of the comparison, in their order: method and what it is called."""


def ablation_table(rows: Sequence[dict[str, Any]]) -> str:
    """One line a method: what it is, on which folds it ran, both accuracies, and the gap to the training clips."""
    lines = [
        "| method | folds | epochs | last epoch | best epoch (chosen on the test fold) | training clips minus test |",
        "|---|---|---|---|---|---|",
    ]
    for method, title in ABLATION.items():
        found = [row for row in rows if row["recipe"] == method]
        if not found:
            lines.append(f"| {title} (`{method}`) | not run | | | | |")
            continue
        best = [row["best_epoch"]["accuracy"] for row in found if row["best_epoch"]]
        gaps = [row["train_accuracy"] - row["last_epoch"]["accuracy"] for row in found if row["train_accuracy"]]
        epochs = sorted({row["epochs"] for row in found if row["epochs"]})
        lines.append(
            f"| {title} (`{method}`) | {_folds_said(found)} | {', '.join(map(str, epochs)) or '–'} "
            f"| {spread([row['last_epoch']['accuracy'] for row in found])} | {spread(best) if best else '–'} "
            f"| {spread(gaps) if gaps else '–'} |"
        )
    return "\n".join(lines)


def write_tables(document: Path, results: Path) -> None:
    """Regenerate the tables between `<!-- table: NAME -->` and `<!-- end -->` in a Markdown file."""
    document.write_text(with_tables(document.read_text(), load_results(results)))


def with_tables(text: str, rows: Sequence[dict[str, Any]]) -> str:
    """A document with each of its marked tables made anew. NAME is "ablation" or a method's name."""
    pieces = text.split("<!-- table: ")
    for index, piece in enumerate(pieces[1:], start=1):
        name, rest = piece.split(" -->", 1)
        after = rest.split("<!-- end -->", 1)[1]
        table = ablation_table(rows) if name == "ablation" else crossval_table(rows, name)
        pieces[index] = f"{name} -->\n{table}\n<!-- end -->{after}"
    return "<!-- table: ".join(pieces)
