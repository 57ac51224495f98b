"""Folds, baselines, result files and the tables made from them."""

import dataclasses
import json
import math
import shutil

import numpy as np
import pytest
import torch

from audioclf import baselines, checkpoint, experiments, tables
from audioclf.config import MelConfig
from audioclf.dataset import Dataset
from audioclf.errors import CheckpointError
from audioclf.experiments import Fold
from audioclf.recipes import FOREST, RECIPES

from .conftest import ROOT

CPU = torch.device("cpu")


def five_folds(samples: int, classes: int = 2, each: int = 2) -> Dataset:
    count = 5 * classes * each
    class_indices = torch.arange(count) % classes
    time = torch.arange(samples) / 16_000
    waveforms = 0.02 * torch.randn(count, samples)
    waveforms += 0.2 * torch.sin(2 * math.pi * 500 * (class_indices[:, None] + 1) * time)
    return Dataset(
        waveforms=(waveforms * 32767).to(torch.int16),
        class_indices=class_indices,
        folds=torch.arange(5).repeat_interleave(classes * each) + 1,
        sources=tuple(map(str, range(count))),
        recordings=tuple(map(str, range(count))),
        labels=tuple(f"chord{index}" for index in range(classes)),
    )


@pytest.fixture
def quick(monkeypatch):
    """Every recipe as it is, but for half a second, a few channels and a batch of four."""
    for name, recipe in RECIPES.items():
        small = dataclasses.replace(
            recipe,
            mel=dataclasses.replace(recipe.mel, clip_seconds=0.5, n_mels=32),
            model=dataclasses.replace(recipe.model, width=4),
            train=dataclasses.replace(recipe.train, batch_size=4, evaluate_every=1),
        )
        monkeypatch.setitem(RECIPES, name, small)


def run(fold, data, tmp_path, **more):
    return experiments.run_fold(
        fold, data, runs=tmp_path / "runs", results=tmp_path / "results", device=CPU, progress=False, **more
    )


@pytest.mark.parametrize("method", [*RECIPES, FOREST])
def test_every_method_runs_and_leaves_its_result(method, quick, tmp_path):
    data = five_folds(8_000 if method == FOREST else RECIPES[method].mel.clip_samples)
    fold = Fold(method=method, test_fold=2)
    result = run(fold, data, tmp_path, epochs=1)
    assert json.loads((tmp_path / "results" / f"{method}-fold2-seed0.json").read_text()) == result
    assert {"recipe", "test_fold", "seed", "epochs", "device", "seconds", "commit"} <= set(result)
    assert set(tables.FIGURES) <= set(result["last_epoch"])
    assert result["train_folds"] == [1, 3, 4, 5]
    if method != FOREST:
        kept = checkpoint.load(tmp_path / "runs" / fold.name / "weights")
        told = experiments.measure(kept, data, 2, CPU)
        assert told["figures"]["accuracy"] == result["last_epoch"]["accuracy"]
        assert kept.provenance["train_folds"] == [1, 3, 4, 5]


def test_a_finished_fold_is_not_run_again(quick, tmp_path):
    data = five_folds(8_000)
    fold = Fold(method="small", test_fold=1)
    first = run(fold, data, tmp_path, epochs=1)
    path = tmp_path / "results" / f"{fold.name}.json"
    path.write_text(json.dumps(first | {"seconds": -1.0}))
    assert run(fold, data, tmp_path, epochs=1)["seconds"] == -1.0


def test_an_inner_split_never_sees_the_test_fold(quick, tmp_path):
    for test_fold in range(1, 6):
        fold = Fold(method="small", test_fold=test_fold, inner=True)
        assert sorted([*fold.train_folds, fold.measured_fold, test_fold]) == [1, 2, 3, 4, 5]
    result = run(Fold(method="small", test_fold=5, inner=True), five_folds(8_000), tmp_path, epochs=1)
    assert result["measured_fold"] == 1
    assert (tmp_path / "runs" / "small-inner5-seed0" / "evaluation.npz").is_file()
    assert tables.load_results(tmp_path / "results") == []


def test_teachers_learn_from_the_same_folds_first_and_once(quick, tmp_path):
    recipe = RECIPES["distilled"]
    assert recipe.mel == RECIPES[recipe.teacher].mel
    data = five_folds(8_000)
    fold = Fold(method="distilled", test_fold=3, inner=True)
    run(fold, data, tmp_path, epochs=1)
    taught_by = sorted(path.stem for path in (tmp_path / "results").glob("best-*.json"))
    assert taught_by == [f"best-inner3-seed{seed}" for seed in recipe.teacher_seeds]
    for name in taught_by:
        result = json.loads((tmp_path / "results" / f"{name}.json").read_text())
        assert result["train_folds"] == fold.train_folds
    # What is there already is used as it is, and said to be missing where it is not.
    (tmp_path / "results" / f"{fold.name}.json").unlink()
    shutil.rmtree(tmp_path / "runs" / taught_by[0])
    with pytest.raises(CheckpointError, match=taught_by[0]):
        run(fold, data, tmp_path, epochs=1)


def row(method="small", fold=1, seed=0, last=0.8, best=0.9, train=1.0):
    figures = dict.fromkeys(tables.FIGURES, last)
    return {
        "recipe": method,
        "test_fold": fold,
        "measured_fold": fold,
        "seed": seed,
        "epochs": 3,
        "commit": "abc",
        "last_epoch": figures,
        "best_epoch": figures | {"accuracy": best},
        "train_accuracy": train,
    }


def test_tables_say_what_did_not_run():
    table = tables.crossval_table([row(fold=1, last=0.8), row(fold=3, last=0.9)], "small")
    assert "| 1 | 80.00 | 90.00 |" in table
    assert "| 2 | not run |" in table
    assert "| **mean ± sd, folds 1, 3** | 85.00 ± 7.07 | 90.00 ± 0.00 |" in table
    ablation = tables.ablation_table([row(fold=4, last=0.8)])
    assert "(`small`) | fold 4 | 3 | 80.00 | 90.00 | 20.00 |" in ablation
    assert ablation.count("not run") == len(tables.ABLATION) - 1


def test_cross_validation_belongs_to_the_weights_that_it_is_told_of():
    rows = [row(fold=fold, last=0.7 + 0.02 * fold) for fold in range(1, 6)]
    own = {"recipe": "small", "epochs": 3, "test_fold": 4, "seed": 0, "commit": "abc"}
    found = tables.cross_validation([*rows, row(fold=1, seed=1, last=0.74), row("best", fold=2, last=0.1)], own)
    assert found["folds"] == pytest.approx([0.73, 0.74, 0.76, 0.78, 0.8])
    assert found["accuracy"] == pytest.approx(0.762)
    assert found["deviation"] == pytest.approx(np.std(found["folds"], ddof=1))
    assert found["seeds"] == [0, 1]
    assert tables.cross_validation(rows[:4], own) is None
    for changed in ({"commit": "def"}, {"epochs": 4}, {"seed": 1}, {"recipe": "best"}):
        assert tables.cross_validation(rows, own | changed) is None
    assert tables.cross_validation(rows, {}) is None


def test_tables_are_replaced_between_their_marks():
    text = "# A\n<!-- table: ablation -->\nformer rows\n<!-- end -->\nwords\n<!-- table: small -->\n<!-- end -->\nend"
    new = tables.with_tables(text, [row()])
    assert "former rows" not in new
    assert new.startswith("# A\n<!-- table: ablation -->\n| method |")
    assert "words" in new and new.endswith("end")
    assert tables.with_tables(new, [row()]) == new


def test_results_document_agrees_with_the_results():
    document = (ROOT / "RESULTS.md").read_text()
    assert tables.with_tables(document, tables.load_results(ROOT / "results")) == document


def test_the_forest_tells_chords_apart():
    data = five_folds(16_000, classes=3, each=4)
    probabilities = baselines.random_forest(
        data.in_folds([1, 2, 3]), data.in_folds([4]), MelConfig(n_mels=40), trees=20
    )
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    assert (probabilities.argmax(axis=1) == data.in_folds([4]).class_indices.numpy()).all()
