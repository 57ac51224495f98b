"""The Hub, spoken to over loopback: nothing here leaves the machine."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard, constants
from safetensors.torch import load, save

import train
from audioclf import card, checkpoint, hub
from audioclf.classifier import Classifier, weights_folder
from audioclf.errors import CheckpointError, HubError

from .conftest import ROOT, tone


@pytest.fixture
def weights(tmp_path, tiny_checkpoint) -> Path:
    checkpoint.save(tiny_checkpoint, tmp_path / "weights")
    return tmp_path / "weights"


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def probabilities(classifier: Classifier):
    return classifier.probabilities([tone(seconds=5)])


def test_pushed_weights_come_back_the_same(local_hub, weights, tmp_path):
    address = hub.push(weights, "user/sounds")
    pushed = local_hub.repos["models/user/sounds"]
    assert address.endswith(pushed.head)
    assert set(pushed.files) == {"model.safetensors", "config.json", "README.md"}
    assert pushed.files["model.safetensors"] == (weights / "model.safetensors").read_bytes(), "still half precision"

    fetched = Classifier.from_pretrained("user/sounds", "cpu")
    assert (probabilities(fetched) == probabilities(Classifier.from_pretrained(weights, "cpu"))).all()

    written = ModelCard(pushed.files["README.md"].decode())
    assert written.data.pipeline_tag == "audio-classification"
    assert 'from_pretrained("user/sounds")' in written.text


def test_a_second_push_makes_a_second_commit(local_hub, weights):
    hub.push(weights, "user/sounds")
    hub.push(weights, "user/sounds")
    assert len(local_hub.repos["models/user/sounds"].commits) == 2


def test_a_revision_pins_config_and_weights_together(local_hub, weights, tiny_checkpoint, tmp_path):
    repo = local_hub.add("user/sounds", files(weights))
    first = repo.head
    torch.nn.init.ones_(tiny_checkpoint.model.network.linear.bias[:3])
    checkpoint.save(tiny_checkpoint, tmp_path / "newer")
    repo.commit(files(tmp_path / "newer"))

    for source, folder in ((f"user/sounds@{first}", weights), ("user/sounds", tmp_path / "newer")):
        fetched = weights_folder(source)
        assert (fetched / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
        assert (fetched / "config.json").read_bytes() == (folder / "config.json").read_bytes()
    with pytest.raises(HubError, match="has no revision v9"):
        weights_folder("user/sounds@v9")


def test_a_push_between_the_two_files_does_not_mix_them(local_hub, weights, tmp_path, tiny_checkpoint, monkeypatch):
    repo = local_hub.add("user/sounds", files(weights))
    torch.nn.init.ones_(tiny_checkpoint.model.network.linear.bias[:3])
    checkpoint.save(tiny_checkpoint, tmp_path / "newer")
    download = hub.hf_hub_download

    def download_and_push(repo_id, name, **options):
        path = download(repo_id, name, **options)
        if name == "config.json":
            repo.commit(files(tmp_path / "newer"))
        return path

    monkeypatch.setattr(hub, "hf_hub_download", download_and_push)
    fetched = weights_folder("user/sounds")
    assert (fetched / "model.safetensors").read_bytes() == (weights / "model.safetensors").read_bytes()


def test_fetched_weights_are_not_fetched_again_and_serve_without_the_hub(local_hub, weights, monkeypatch):
    local_hub.add("user/sounds", files(weights))
    folder = weights_folder("user/sounds")
    assert sum(request.startswith("GET") for request in local_hub.requests) == 2
    assert weights_folder("user/sounds") == folder
    assert sum(request.startswith("GET") for request in local_hub.requests) == 2

    # huggingface_hub tries five times, waiting longer each time.
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)
    with socket.socket() as taken:  # bound, not listening: refused at once
        taken.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", gone + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(constants, "ENDPOINT", gone)
        assert weights_folder("user/sounds") == folder
        with pytest.raises(HubError, match=r"no folder user/other, and http://127\.0\.0\.1:\d+ can't be reached"):
            weights_folder("user/other")


def test_a_folder_wins_over_a_repository_of_its_name(local_hub, weights, tmp_path, monkeypatch):
    local_hub.add("user/sounds", {})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user").mkdir()
    weights.rename(tmp_path / "user" / "sounds")
    Classifier.from_pretrained("user/sounds", "cpu")
    monkeypatch.setenv("AUDIOCLF_WEIGHTS", "user/sounds")
    Classifier.from_pretrained(device="cpu")
    hub.HubModel.from_pretrained("user/sounds")
    assert local_hub.requests == []


@pytest.mark.parametrize("source", ["/no/such", "./no/such", "../such", "no such/folder", "a/b/c", "weights"])
def test_what_is_no_repository_name_asks_nobody(local_hub, source):
    with pytest.raises(CheckpointError, match=r"holds no config\.json"):
        Classifier.from_pretrained(source, "cpu")
    assert local_hub.requests == []


def test_what_the_hub_lacks_is_said(local_hub, weights):
    with pytest.raises(HubError, match="no folder user/none, and no model user/none"):
        weights_folder("user/none")
    local_hub.add("user/empty", {"README.md": b"hello"})
    with pytest.raises(HubError, match="it is not a checkpoint of audioclf"):
        weights_folder("user/empty")


def test_pickled_weights_are_never_asked_for(local_hub, weights):
    local_hub.add("user/pickle", {"config.json": (weights / "config.json").read_bytes(), "pytorch_model.bin": b"evil"})
    for load_it in (Classifier.from_pretrained, hub.HubModel.from_pretrained):
        with pytest.raises(HubError, match="it is not a checkpoint"):
            load_it("user/pickle")
    assert not any("pytorch_model" in request for request in local_hub.requests)


def renamed(state):
    return {name.replace("linear", "head"): tensor for name, tensor in state.items()}


def lacking(state):
    return {name: tensor for name, tensor in state.items() if name != "network.linear.bias"}


def narrower(state):
    return state | {"network.linear.bias": state["network.linear.bias"][:10].contiguous()}


def not_finite(state):
    return state | {"network.linear.bias": state["network.linear.bias"] + float("nan")}


@pytest.mark.parametrize("damage", [renamed, lacking, narrower, not_finite])
@pytest.mark.parametrize("load_it", [Classifier.from_pretrained, hub.HubModel.from_pretrained])
def test_weights_that_do_not_fit_are_refused_from_hub_and_folder(local_hub, weights, damage, load_it):
    spoilt = files(weights)
    spoilt["model.safetensors"] = save(damage(load(spoilt["model.safetensors"])))
    local_hub.add("user/wrong", spoilt)
    with pytest.raises(CheckpointError, match="don't fit"):
        load_it("user/wrong")
    (weights / "model.safetensors").write_bytes(spoilt["model.safetensors"])
    with pytest.raises(CheckpointError, match="don't fit"):
        load_it(weights)


def test_the_mixins_own_verbs_go_through_checkpoint(local_hub, weights, tiny_checkpoint, tmp_path):
    model = hub.HubModel.from_pretrained(weights)
    assert not model.training
    model.save_pretrained(tmp_path / "saved")
    assert files(tmp_path / "saved").keys() == {"model.safetensors", "config.json", "README.md"}
    for name in ("model.safetensors", "config.json"):
        assert (tmp_path / "saved" / name).read_bytes() == (weights / name).read_bytes()
    assert (tmp_path / "saved" / "README.md").read_text() == card.text(checkpoint.load(weights))

    model.network.linear.bias.data += 1
    model.push_to_hub("user/tuned")
    tuned = hub.HubModel.from_pretrained("user/tuned", revision="main")
    assert torch.equal(tuned.network.linear.bias, model.network.linear.bias.half().float())


def test_pushing_says_what_is_missing(local_hub, weights, monkeypatch, tmp_path):
    with pytest.raises(CheckpointError, match=r"holds no config\.json"):
        hub.push(tmp_path, "user/sounds")
    with pytest.raises(HubError, match="can't be pushed"):
        hub.push(weights, "not a name")
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(HubError, match="hf auth login"):
        hub.push(weights, "user/sounds")
    assert local_hub.repos == {}


def test_train_py_pushes(local_hub, weights, monkeypatch, capsys):
    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
        return train.main()

    assert run("push", "--weights", str(weights), "--repo", "user/sounds", "--private") == 0
    repo = local_hub.repos["models/user/sounds"]
    assert repo.settings["visibility"] == "private"
    assert repo.head in capsys.readouterr().out
    assert run("push", "--weights", str(weights), "--repo", "not a name") == 1
    assert "can't be pushed" in capsys.readouterr().err


def test_the_environment_names_hub_and_weights(local_hub, weights, tmp_path):
    local_hub.add("user/sounds", files(weights))
    environment = os.environ | {
        "HF_ENDPOINT": local_hub.endpoint,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "AUDIOCLF_WEIGHTS": "user/sounds",
    }
    command = [sys.executable, "-m", "audioclf", "info"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(said)["mel"] == json.loads((weights / "config.json").read_text())["mel"]
