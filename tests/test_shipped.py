"""The weights that users get: what they say of the page's own sounds, and what their config promises."""

import json
import subprocess
import sys

import numpy as np
import pytest

from audioclf import tables
from audioclf.examples import EXAMPLES

from .conftest import ROOT

WEIGHTS = ROOT / "weights" / "esc50"
DATA = ROOT / "data" / "ESC-50"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_is_answered_right(example, shipped):
    prediction = shipped.classify(example.waveform())
    assert prediction.label == example.label
    assert prediction.probability > 1.5 * prediction.top[1].probability


def test_loudness_hardly_matters(shipped):
    waveform = EXAMPLES[0].waveform()
    assert shipped.classify(0.02 * waveform).label == EXAMPLES[0].label


def test_fold_four_was_never_trained_on(shipped):
    provenance = shipped.checkpoint.provenance
    assert provenance["test_fold"] == 4
    assert sorted(provenance["train_folds"]) == [1, 2, 3, 5]
    assert provenance["figures"]["fold"] == 4
    assert provenance["figures"]["accuracy"] >= 0.75


def test_the_card_tells_the_configs_accuracy(shipped):
    accuracy = shipped.checkpoint.provenance["figures"]["accuracy"]
    assert f"| Accuracy | {accuracy:.2%} |" in (WEIGHTS / "README.md").read_text()
    readme = (ROOT / "README.md").read_text()
    assert f"**{100 * accuracy:.2f} % of fold 4" in readme
    folds = shipped.checkpoint.provenance["cross_validation"]
    assert folds == tables.cross_validation(tables.load_results(ROOT / "results"), shipped.checkpoint.provenance)
    assert f"**{100 * folds['accuracy']:.2f} ± {100 * folds['deviation']:.2f} %**" in readme


def test_they_are_small():
    assert (WEIGHTS / "model.safetensors").stat().st_size < 47_000_000


@pytest.mark.slow
def test_the_command_line_gives_the_cards_accuracy_on_fold_four(shipped):
    files = sorted(map(str, (DATA / "audio").glob("4-*.wav")))
    assert len(files) == 400
    run = subprocess.run(
        [sys.executable, "-m", "audioclf", "classify", "--json", *files], capture_output=True, text=True, cwd=ROOT
    )
    assert run.returncode == 0
    right = [
        row["label"] == shipped.labels[int(row["recording"].rsplit("-", 1)[1].removesuffix(".wav"))]
        for row in json.loads(run.stdout)
    ]
    assert np.mean(right) == pytest.approx(shipped.checkpoint.provenance["figures"]["accuracy"], abs=0.005)
    assert np.mean(right) >= 0.75
