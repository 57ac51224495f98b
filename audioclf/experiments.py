"""Whole experiments: folds, baselines, and the small files that their tables are made from.

Every finished run leaves `results/{recipe}-fold{n}-seed{s}.json`. Tables are made from these files alone,
so that folds may run on several machines, in any order, and what did not run is seen to be missing.
"""

import dataclasses
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import baselines, checkpoint, metrics
from .dataset import FOLDS, Dataset, DatasetError
from .model import SoundModel
from .recipes import FOREST, RECIPES, Recipe
from .training import Run, Trainer, best_device, device_clips, predict


def commit() -> str:
    """The commit that is checked out, with "+changes" where files differ from it; "unknown" without git."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+changes", "--exclude=*"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return run.stdout.strip()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fold:
    """One run of an experiment.

    Attributes:
        method: A recipe's name, or `FOREST`.
        test_fold: Never trained on.
        seed: Of everything random.
        inner: Leave the test fold out altogether and measure on one of the training folds instead: for
            choosing recipes and fitting temperatures without having looked at the test fold.
    """

    method: str
    test_fold: int
    seed: int = 0
    inner: bool = False

    @property
    def name(self) -> str:
        return f"{self.method}-{'inner' if self.inner else 'fold'}{self.test_fold}-seed{self.seed}"

    @property
    def measured_fold(self) -> int:
        """The fold that is measured on: the next one after the test fold where this is an inner split."""
        return self.test_fold % len(FOLDS) + 1 if self.inner else self.test_fold

    @property
    def train_folds(self) -> list[int]:
        return [fold for fold in FOLDS if fold not in (self.test_fold, self.measured_fold)]


def recipe_for(method: str, data: Dataset, epochs: int | None = None) -> Recipe:
    """A named recipe with as many classes as the data, and perhaps another number of epochs."""
    recipe = RECIPES[method]
    if epochs:
        recipe = recipe.with_train(epochs=epochs)
    return dataclasses.replace(recipe, model=dataclasses.replace(recipe.model, n_classes=len(data.labels)))


def run_fold(
    fold: Fold,
    data: Dataset,
    *,
    runs: Path = Path("runs"),
    results: Path = Path("results"),
    device: torch.device | None = None,
    epochs: int | None = None,
    again: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Train and measure one fold, unless its result is there already.

    A run that was cut off goes on from its last state on disk. Weights, curves and logits stay in `runs`.

    Args:
        fold: Which.
        data: Clips of all folds that are needed, at the recipe's rate and length.
        runs: Where states and weights lie.
        results: Where the small files lie.
        device: Where to train.
        epochs: Instead of the recipe's.
        again: Run although there is a result.
        progress: Show a bar.

    Returns:
        What the result's file holds.
    """
    path = results / f"{fold.name}.json"
    if path.is_file() and not again:
        return json.loads(path.read_text())
    train, evaluation = data.in_folds(fold.train_folds), data.in_folds([fold.measured_fold])
    class_indices = evaluation.class_indices.numpy()
    start = time.perf_counter()
    result: dict[str, Any] = {
        "recipe": fold.method,
        "test_fold": fold.test_fold,
        "measured_fold": fold.measured_fold,
        "train_folds": fold.train_folds,
        "seed": fold.seed,
        "commit": commit(),
    }
    if fold.method == FOREST:
        mel = RECIPES["small"].mel
        probabilities = baselines.random_forest(train, evaluation, mel, fold.seed)
        figures = metrics.summary(probabilities, class_indices)
        result |= {"epochs": None, "device": "cpu", "seconds": round(time.perf_counter() - start, 1)}
        result |= {"last_epoch": figures, "best_epoch": None, "train_accuracy": None}
    else:
        recipe = recipe_for(fold.method, data, epochs)
        device = device or best_device()
        folder = runs / fold.name
        where = {"runs": runs, "results": results, "device": device, "epochs": epochs, "progress": progress}
        taught_by = teachers(fold, recipe, data, **where)
        trainer = Trainer(recipe, train, evaluation, folder=folder, seed=fold.seed, device=device, teachers=taught_by)
        begun_at = folder / "commit"
        if not begun_at.is_file():
            begun_at.write_text(result["commit"])
        result["commit"] = begun_at.read_text()
        if progress and trainer.run.epochs:
            print(f"{fold.name}: going on after epoch {trainer.run.epochs} of {recipe.train.epochs}.")
        run = trainer.fit(progress=progress, tensorboard=progress)
        result |= {"epochs": run.epochs, "device": device_name(device), "seconds": round(run.seconds, 1)}
        result |= {"last_epoch": run.last, "best_epoch": run.best, "train_accuracy": run.train_accuracy}
        keep_weights(folder, fold, recipe, run, evaluation, result["commit"])
    results.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    return result


def teachers(fold: Fold, recipe: Recipe, data: Dataset, *, runs: Path, **where: Any) -> list[SoundModel]:
    """The networks that a recipe learns from: same training folds, trained now where that is not done yet.

    They have seen the test fold no more than the run that they teach.

    Args:
        fold: Of the run that is taught.
        recipe: Its recipe.
        data: As for `run_fold`, as are the others.

    Raises:
        CheckpointError: A result is there, but its weights were left on another machine.
    """
    found = []
    for seed in recipe.teacher_seeds:
        assert recipe.teacher
        own = dataclasses.replace(fold, method=recipe.teacher, seed=seed)
        run_fold(own, data, runs=runs, **where)
        found.append(checkpoint.load(runs / own.name / "weights").model)
    return found


def device_name(device: torch.device) -> str:
    """What to call a device in a result: "cpu", or the GPU's own name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def keep_weights(folder: Path, fold: Fold, recipe: Recipe, run: Run, evaluation: Dataset, begun_at: str) -> None:
    """Write a run's checkpoint, and its logits on the evaluated clips, into the run's folder."""
    model = run.model.float()
    logits = predict(model, evaluation.waveforms.to(next(model.parameters()).device))
    model = model.cpu()
    np.savez(folder / "evaluation.npz", logits=logits, class_indices=evaluation.class_indices.numpy())
    checkpoint.save(
        checkpoint.Checkpoint(
            model=model,
            mel=recipe.mel,
            network=recipe.model,
            labels=evaluation.labels,
            provenance={
                "recipe": recipe.name,
                "summary": recipe.summary,
                "train_folds": fold.train_folds,
                "test_fold": fold.test_fold,
                "seed": fold.seed,
                "epochs": run.epochs,
                "kept_epoch": recipe.train.keep,
                "seconds": round(run.seconds),
                "commit": begun_at,
                "augment": recipe.augment.to_dict(),
                "train": recipe.train.to_dict(),
            },
        ),
        folder / "weights",
    )


def measure(
    loaded: checkpoint.Checkpoint, data: Dataset, fold: int, device: torch.device | None = None
) -> dict[str, Any]:
    """A checkpoint's figures on one fold, as its config and card tell them.

    Returns:
        "figures" (`metrics.summary` and both calibration errors), "calibration" and "per_class".

    Raises:
        DatasetError: The labels differ.
    """
    if data.labels != loaded.labels:
        raise DatasetError("The weights and the data set have different labels.")
    device = device or best_device()
    waveforms, indices = device_clips(data.in_folds([fold]), device)
    logits = predict(loaded.model.to(device), waveforms)
    class_indices = indices.cpu().numpy()
    probabilities = metrics.softmax(logits, loaded.temperature)
    figures = {"fold": fold, "clips": len(class_indices)} | metrics.summary(probabilities, class_indices)
    figures["calibration_error"] = metrics.calibration_error(probabilities, class_indices)
    figures["calibration_error_uncalibrated"] = metrics.calibration_error(metrics.softmax(logits), class_indices)
    return {
        "figures": figures,
        "calibration": metrics.reliability(probabilities, class_indices),
        "per_class": metrics.per_class(probabilities, class_indices, loaded.labels),
    }
