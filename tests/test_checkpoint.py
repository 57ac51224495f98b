import dataclasses
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from audioclf import checkpoint
from audioclf.errors import CheckpointError


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    checkpoint.save(dataclasses.replace(tiny_checkpoint, temperature=1.5, provenance={"recipe": "x"}), tmp_path)
    return tmp_path


def edit(folder, **changes):
    path = folder / checkpoint.CONFIG_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_round_trip_gives_identical_logits(folder):
    first = checkpoint.load(folder)
    checkpoint.save(first, folder / "again")
    second = checkpoint.load(folder / "again")
    waveforms = 0.1 * torch.randn(2, 80_000)
    with torch.inference_mode():
        assert torch.equal(first.model(waveforms), second.model(waveforms))
    assert (first.mel, first.network, first.labels) == (second.mel, second.network, second.labels)
    assert (second.temperature, second.provenance) == (1.5, {"recipe": "x"})


def test_half_precision_costs_little(tiny_checkpoint, folder):
    waveforms = 0.1 * torch.randn(2, 80_000)
    with torch.inference_mode():
        stored = checkpoint.load(folder).model(waveforms).softmax(1)
        torch.testing.assert_close(stored, tiny_checkpoint.model(waveforms).softmax(1), atol=2e-3, rtol=0)


def test_weights_that_do_not_fit_are_refused(folder):
    config = json.loads((folder / checkpoint.CONFIG_NAME).read_text())
    edit(folder, model=config["model"] | {"width": 8})
    with pytest.raises(CheckpointError, match=r"don't fit their config.json: .*and \d+ more"):
        checkpoint.load(folder)


@pytest.mark.parametrize("change", ["missing", "extra", "nan"])
def test_a_wrong_tensor_is_refused(folder, change):
    path = folder / checkpoint.WEIGHTS_NAME
    state = load_file(path)
    if change == "missing":
        del state["network.linear.bias"]
    elif change == "extra":
        state["network.other"] = torch.zeros(1)
    else:
        state["network.linear.bias"][0] = torch.nan
    save_file(state, path)
    words = {"missing": "is missing", "extra": "is not in the network", "nan": "is not finite"}
    with pytest.raises(CheckpointError, match=words[change]):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mel": {"n_mel": 3}}, "no setting 'n_mel'"),
        ({"colour": "red"}, "its keys are not"),
        ({"format": 99}, "format is 99"),
        ({"labels": ["dog"]}, "50 different labels"),
        ({"temperature": 0}, "temperature above zero"),
        ({"labels": None}, "can't be used"),
    ],
)
def test_a_wrong_config_is_refused(folder, changes, words):
    edit(folder, **changes)
    with pytest.raises(CheckpointError, match=words):
        checkpoint.load(folder)


def test_a_broken_or_missing_file_is_refused(folder):
    (folder / checkpoint.WEIGHTS_NAME).write_bytes(b"\x80\x04pickle, never")
    with pytest.raises(CheckpointError, match="is broken"):
        checkpoint.load(folder)
    (folder / checkpoint.WEIGHTS_NAME).unlink()
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        checkpoint.load(folder)
