"""What a Hugging Face Space would get, and that it runs there."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import RepoCard

from audioclf import checkpoint
from audioclf.classifier import Classifier
from audioclf.serving import zero_gpu
from audioclf.serving.standby import StandbyClassifier
from space import push

from .conftest import ROOT, tone


@pytest.fixture
def staged(tmp_path, tiny_checkpoint, monkeypatch) -> Path:
    folder = tmp_path / "space"
    folder.mkdir()
    push.stage(folder)
    if not (folder / "weights").exists():
        checkpoint.save(tiny_checkpoint, folder / "weights" / "esc50")
    return folder


def test_a_space_gets_what_it_needs_and_nothing_else(staged):
    files = {path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file()}
    assert {"app.py", "requirements.txt", "LICENSE", "README.md", "weights/esc50/model.safetensors"} <= files
    assert {file.split("/")[0] for file in files} <= {
        "app.py", "requirements.txt", "LICENSE", "README.md", "audioclf", "weights"
    }  # fmt: skip
    assert not any("__pycache__" in file for file in files)
    tracked = subprocess.run(["git", "ls-files", "audioclf"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert set(tracked) <= files


def test_its_readme_says_how_to_build_and_start_it(staged):
    data = RepoCard.load(staged / "README.md").data
    assert data["sdk"] == "gradio"
    assert (staged / data["app_file"]).is_file()
    assert f"gradio=={data['sdk_version']}" in (ROOT / "requirements.txt").read_text().splitlines()
    assert tuple(map(int, data["python_version"].split("."))) >= (3, 11), "what pyproject.toml asks for"
    assert data["suggested_hardware"] == "cpu-basic"
    assert len(data["short_description"]) <= 60, "Hugging Face takes no more"


def test_the_page_runs_from_what_was_staged(staged, tmp_path):
    script = (
        "import app, json, resource, sys, urllib.request\n"
        "from audioclf.serving.zero_gpu import load_classifier\n"
        "served = app.serve(load_classifier(), app.arguments([]), prevent_thread_lock=True, quiet=True)\n"
        "answers = [urllib.request.urlopen(served[1] + path).status for path in ('', 'healthz', 'model/info')]\n"
        "files = [m.__file__ for n, m in sys.modules.items() if n.split('.')[0] in ('app', 'audioclf')]\n"
        "print(json.dumps([answers, files, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024]))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AUDIOCLF", "GRADIO"))}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    environment |= {"PYTHONPATH": str(staged), "GRADIO_SERVER_PORT": str(port)}
    done = subprocess.run([sys.executable, "-c", script], cwd=staged, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers, files, peak_mb = json.loads(done.stdout.splitlines()[-1])
    assert answers == [200, 200, 200]
    assert all(Path(file).is_relative_to(staged) for file in files)
    assert peak_mb < 2_000, "a free Space has 16 GB, a page's container on Modal 2"


def test_pushing_makes_the_space_and_deletes_what_is_gone(local_hub, monkeypatch, capsys):
    assert push.push("user/sounds") == f"{local_hub.endpoint}/spaces/user/sounds"
    space = local_hub.repos["spaces/user/sounds"]
    assert space.settings["sdk"] == "gradio"
    assert {"app.py", "README.md", "audioclf/classifier.py"} <= set(space.files)
    space.commit({"old.py": b"", "audioclf/older.py": b""})
    push.push("user/sounds")
    assert not {"old.py", "audioclf/older.py"} & set(space.files)
    assert "app.py" in space.files


def test_the_command_says_what_is_missing(local_hub, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(push, "push", lambda repo, private: f"{repo} {private}")
    monkeypatch.setattr(push, "ROOT", tmp_path)
    assert push.main(["--repo", "user/sounds"]) == 1
    assert "no weights" in capsys.readouterr().err
    (tmp_path / "weights" / "esc50").mkdir(parents=True)
    (tmp_path / "weights" / "esc50" / "model.safetensors").touch()
    assert push.main(["--repo", "user/sounds", "--private"]) == 0
    assert capsys.readouterr().out == "user/sounds True\n"
    monkeypatch.setattr(push, "push", lambda repo, private: (_ for _ in ()).throw(OSError("no token")))
    assert push.main(["--repo", "user/sounds"]) == 1
    assert "hf auth login" in capsys.readouterr().err


@pytest.fixture
def weights(tmp_path, tiny_checkpoint, monkeypatch):
    checkpoint.save(tiny_checkpoint, tmp_path / "weights")
    monkeypatch.setenv("AUDIOCLF_WEIGHTS", str(tmp_path / "weights"))


def test_elsewhere_zero_gpu_changes_nothing(weights, monkeypatch):
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert type(zero_gpu.load_classifier()) is Classifier
    assert importlib.util.find_spec("spaces") is None, "and needs no package that is only there"


def test_on_zero_gpu_weights_stay_on_the_cpu_and_one_function_borrows(weights, monkeypatch):
    lent = []

    def lend(duration):
        lent.append(duration)
        return lambda function: function

    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", types.SimpleNamespace(GPU=lend))
    # The main process of such a Space seems to have CUDA.
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    classifier = zero_gpu.load_classifier()
    assert isinstance(classifier, StandbyClassifier)
    assert classifier.device.type == "cpu"
    assert lent == [zero_gpu.LENT_SECONDS], "without one, Hugging Face does not start the Space"
    # No GPU here, so borrowing fails, as it does for a visitor without quota: the answer comes all the same.
    long = np.tile(tone(seconds=8), 8)
    for _ in range(2):
        assert len(classifier.classify(long).windows) > 1
        classifier._waking.result(10)
