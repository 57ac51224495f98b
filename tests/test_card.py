"""The model card: true, complete where something was measured, silent where not."""

import dataclasses

import pytest
from huggingface_hub import ModelCard

from audioclf import card, checkpoint
from audioclf.labels import ESC50_LABELS

from .conftest import ROOT

FIGURES = {
    "fold": 4,
    "clips": 400,
    "accuracy": 0.8125,
    "top3": 0.9325,
    "precision": 0.8201,
    "recall": 0.8125,
    "f1": 0.8099,
    "calibration_error": 0.0417,
    "calibration_error_uncalibrated": 0.1423,
}
PROVENANCE = {
    "recipe": "small",
    "train_folds": [1, 2, 3, 5],
    "test_fold": 4,
    "seed": 7,
    "epochs": 100,
    "kept_epoch": "last",
    "seconds": 4980,
    "device": "cpu",
    "commit": "0123456789ab",
    "augment": {"roll": True, "gain_db": 6.0, "speed": [0.85, 1.2], "noise_snr_db": None},
    "train": {"epochs": 100, "weight_decay": 0.03, "optimizer": "adamw"},
    "figures": FIGURES,
}


@pytest.fixture
def written(tiny_checkpoint):
    """Writes the card of a tiny checkpoint with this provenance."""

    def write(source: str = "weights/esc50", temperature: float = 1.0, **changes) -> ModelCard:
        provenance = {key: value for key, value in (PROVENANCE | changes).items() if value is not None}
        loaded = dataclasses.replace(tiny_checkpoint, provenance=provenance, temperature=temperature)
        return ModelCard(card.text(loaded, source))

    return write


def test_the_hub_reads_task_data_licence_and_every_result(written):
    data = written().data
    assert data.pipeline_tag == "audio-classification"
    assert data.license == "cc-by-nc-3.0"
    assert data.library_name == "audioclf"
    assert data.datasets == ["ashraq/esc50"]
    results = {result.metric_type: result for result in data.eval_results}
    assert list(results) == data.metrics
    assert results["accuracy"].metric_value == 0.8125
    assert results["top_3_accuracy"].metric_value == 0.9325
    assert {result.dataset_split for result in data.eval_results} == {"fold 4"}
    assert len(results) == len(card.FIGURES) - 1, "without a temperature there is no uncalibrated error to tell apart"
    assert len(written(temperature=1.5).data.eval_results) == len(card.FIGURES)


def test_it_says_what_was_measured_and_how_to_measure_it_again(written):
    text = written(source="user/sounds").text
    assert "| Accuracy | 81.25% |" in text
    assert "On fold 4, 400 clips." in text
    assert "never trained on fold 4" in text
    assert "python train.py evaluate --weights user/sounds --data data/ESC-50 --fold 4" in text
    assert 'from_pretrained("user/sounds")' in text


def test_it_says_what_the_recipe_reaches_on_every_fold(written):
    found = {"accuracy": 0.8, "deviation": 0.0212, "folds": [0.8, 0.81, 0.77, 0.8125, 0.8075], "seeds": [0]}
    text = written(cross_validation=found).text
    assert "**80.00% ± 2.12**" in text
    assert "80.00%, 81.00%, 77.00%, 81.25%, 80.75%" in text
    assert "train.py crossval --recipe small" in text
    assert "crossval" not in written().text


def test_it_says_how_the_weights_were_trained(written):
    text = written().text
    for row in ("Recipe | small", "Trained on folds | 1, 2, 3, 5", "Epochs | 100", "Seed | 7", "Time | 83 minutes"):
        assert f"| {row} |" in text
    assert "| Augmentation | `roll`, `gain_db` 6.0, `speed` 0.85 / 1.2 |" in text
    assert "| Fitting | `weight_decay` 0.03 |" in text
    assert "python train.py fit --recipe small --test-fold 4 --seed 7" in text


def test_licence_origin_and_limits_are_said(written):
    text = written().text
    for said in ("CC BY-NC 3.0", "16 kHz", "8 kHz", "Piczak", "1,600 clips", "50 labels", "no medical device"):
        assert said in text


def test_what_was_not_measured_is_left_out(written):
    bare = written(figures=None)
    assert bare.data.eval_results is None
    assert bare.data.metrics is None
    assert "Not measured yet" in bare.text
    assert "%" not in bare.text
    assert "--fold 4" in bare.text, "how to measure it is known all the same"

    some = written(figures={"accuracy": 0.5, "fold": 4})
    assert [result.metric_type for result in some.data.eval_results] == ["accuracy"]
    assert some.text.count("%") == 1


def test_no_provenance_makes_no_claims(written):
    text = written(**dict.fromkeys(PROVENANCE)).text
    for claim in ("## Measured", "## Trained", "never", "%"):
        assert claim not in text.replace("never heard", "").replace("has never", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kept_epoch": "best"}, "chosen by its accuracy there: the figures are somewhat too high"),
        ({"train_folds": [1, 2, 3, 4, 5]}, "**The weights were trained on fold 4"),
        ({"train_folds": None}, "Nothing is recorded of what the weights were trained on"),
    ],
)
def test_figures_that_flatter_are_called_so(written, changes, said):
    text = written(**changes).text
    assert said in text
    assert "none was chosen" not in text


def test_temperature_and_the_hardest_labels_are_named(written):
    assert "Logits are divided" not in written().text
    text = written(temperature=1.2341, temperature_from="small-inner4-seed0").text
    assert "temperature of 1.234, fitted on the run small-inner4-seed0" in text
    right = dict.fromkeys(ESC50_LABELS, 1.0) | {"wind": 0.25, "rain": 0.5, "dog": None}
    per_class = {label: {"accuracy": share} for label, share in right.items()}
    assert "least often: wind (25%), rain (50%), " in written(per_class=per_class).text


def test_own_labels_are_not_passed_off_as_esc50(tiny_checkpoint):
    labels = tuple(f"sound {index}" for index in range(50))
    text = card.text(dataclasses.replace(tiny_checkpoint, labels=labels, provenance=PROVENANCE))
    data = ModelCard(text).data
    assert data.license is None
    assert data.datasets is None
    assert "ESC-50" not in text


def test_writing_is_repeatable(tiny_checkpoint, tmp_path):
    checkpoint.save(tiny_checkpoint, tmp_path)
    card.write(tiny_checkpoint, tmp_path)
    first = (tmp_path / "README.md").read_text()
    card.write(checkpoint.load(tmp_path), tmp_path)
    assert (tmp_path / "README.md").read_text() == first


@pytest.mark.skipif(not (ROOT / "weights/esc50/README.md").exists(), reason="no shipped card")
def test_the_shipped_card_is_the_one_that_its_weights_write(shipped):
    assert (ROOT / "weights/esc50/README.md").read_text() == card.text(shipped.checkpoint)
