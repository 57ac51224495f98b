"""What would run on Modal, without an account: its settings, its files, and the apps it serves."""

import ast
import importlib.metadata
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import modal
import pytest
import soundfile
from modal._partial_function import _find_partial_methods_for_user_cls, _PartialFunctionFlags
from modal._utils.async_utils import synchronizer
from modal.mount import _Mount

from audioclf import checkpoint, dataset, experiments
from audioclf.classifier import Classifier
from audioclf.serving import folder, modal_app
from audioclf.serving.modal_app import HOUR, MINUTE

from .conftest import ROOT, tone


def function(thing):
    """Modal's own object behind a function or class, which its public face hides in part."""
    inner = synchronizer._translate_in(thing)
    return getattr(inner, "_class_service_function", inner)


def settings(thing) -> dict:
    """Everything that Modal will be told of it."""
    return inspect.getclosurevars(function(thing)._load).nonlocals


def info(thing):
    return function(thing)._function_info


def scaling(thing) -> tuple[int, int, int]:
    """Containers at least, containers at most, idle seconds."""
    told = settings(thing)["autoscaler_settings"]
    return told.min_containers, told.max_containers, told.scaledown_window


def enters(thing, flag) -> list[str]:
    return list(_find_partial_methods_for_user_cls(synchronizer._translate_in(thing)._user_cls, flag))


BEFORE_SNAPSHOT = _PartialFunctionFlags.ENTER_PRE_SNAPSHOT
AFTER_SNAPSHOT = _PartialFunctionFlags.ENTER_POST_SNAPSHOT


def test_the_page_is_one_small_cpu_container_that_many_share():
    told = info(modal_app.Page)
    assert scaling(modal_app.Page) == (0, 1, 5 * MINUTE)
    assert (told.gpus, told.cpu, told.memory_mib) == ([], 2.0, 2048)
    assert told.concurrency_info.max_inputs == 200
    assert told.timeout == HOUR
    assert told.method_details.keys() == {"web"}


def test_the_gpu_scales_from_zero_and_moves_to_its_device_after_the_snapshot():
    told = info(modal_app.Gpu)
    assert scaling(modal_app.Gpu) == (0, 20, 2 * MINUTE)
    assert told.gpus == [("T4", 1)]
    assert (told.max_retries, told.timeout) == (2, 10 * MINUTE)
    assert (told.concurrency_info.max_inputs, told.concurrency_info.target_inputs) == (16, 8)
    assert settings(modal_app.Gpu)["enable_memory_snapshot"]
    assert enters(modal_app.Gpu, BEFORE_SNAPSHOT) == ["load"]
    assert enters(modal_app.Gpu, AFTER_SNAPSHOT) == ["move"]


def test_rest_scales_by_itself():
    told = info(modal_app.Rest)
    assert scaling(modal_app.Rest) == (0, 20, 2 * MINUTE)
    assert told.gpus == []
    assert (told.concurrency_info.max_inputs, told.concurrency_info.target_inputs) == (32, 16)


def test_a_fold_trains_on_its_own_gpu_and_survives_being_cut_off():
    told = modal_app.train_fold.info()
    assert told.gpus == [("L4", 1)]
    assert told.max_retries == 10
    assert told.single_use_containers
    assert told.volumes["/data"].read_only
    assert not told.volumes["/runs"].read_only
    assert settings(modal_app.train_fold)["autoscaler_settings"].max_containers == 5


def test_nothing_is_kept_awake_and_nothing_is_mounted_by_itself():
    for thing in (modal_app.Page, modal_app.Rest, modal_app.Gpu, modal_app.train_fold):
        told = settings(thing)
        assert not told["autoscaler_settings"].min_containers
        assert not told["autoscaler_settings"].buffer_containers
        assert [mount for mount in told["all_mounts"] if mount.is_local()] == []


def mounted(image: modal.Image) -> Iterator[tuple[Path, str]]:
    """(file here, place there) of everything that is put into an image at the end."""

    def walk(thing) -> Iterator[_Mount]:
        if isinstance(thing, _Mount):
            yield thing
        for part in thing._deps() if thing._deps else []:
            yield from walk(part)

    for mount in walk(synchronizer._translate_in(image)):
        for entry in mount.entries:
            yield from ((here, str(there)) for here, there in entry.get_files_to_upload())


@pytest.fixture
def weights(tmp_path, tiny_checkpoint, monkeypatch):
    checkpoint.save(tiny_checkpoint, tmp_path / "weights")
    (tmp_path / "weights" / "confusion.png").write_bytes(b"a picture")
    monkeypatch.setenv("AUDIOCLF_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def test_every_source_and_asset_is_in_both_images(weights):
    sources = {
        f"/root/{path.relative_to(ROOT).as_posix()}"
        for path in (ROOT / "audioclf").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for image in modal_app.images():
        there = {place for _, place in mounted(image)}
        assert there == sources | {"/root/weights/esc50/config.json", "/root/weights/esc50/model.safetensors"}


IN_THE_CONTAINER = """
import io, json, sys
from pathlib import Path
import modal
from fastapi.testclient import TestClient
modal.is_local = lambda: False
from audioclf.serving import modal_app

sound = io.BytesIO(sys.stdin.buffer.read())
told = {}
for name in ("Page", "Rest"):
    with TestClient(getattr(modal_app, name)().web.local()) as client:
        answer = client.post("/predict", files={"file": ("tone.wav", sound.getvalue())})
        shown = client.get("/visualize", params={"id": answer.json()["id"], "format": "png"})
        told[name] = [answer.status_code, answer.json()["label"], shown.status_code, client.get("/").status_code]
        told[name].append(sorted(client.get("/openapi.json").json()["paths"]))
        if name == "Page":
            told["by name"] = sorted(client.get("/gradio_api/info").json()["named_endpoints"])
told["device"] = modal_app.gpu().wake.local()
from audioclf import experiments  # what training needs
told["files"] = [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "audioclf"]
print(json.dumps(told))
"""


def test_what_the_image_holds_is_enough_to_serve(weights, tmp_path):
    container = tmp_path / "container"
    for here, there in mounted(modal_app.images()[0]):
        place = container / there.removeprefix("/root/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(here, place)
    soundfile.write(tmp_path / "tone.wav", tone(), 16_000)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AUDIOCLF")}
    done = subprocess.run(
        [sys.executable, "-c", IN_THE_CONTAINER],
        input=(tmp_path / "tone.wav").read_bytes(),
        cwd=container,
        env=environment | {"GRADIO_ANALYTICS_ENABLED": "False", "PYTHONPATH": str(container)},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout.decode().splitlines()[-1])
    label = Classifier.from_pretrained(weights, "cpu").classify(tmp_path / "tone.wav").label
    paths = ["/healthz", "/metrics", "/model/info", "/predict"]
    assert told["Page"] == [200, label, 200, 200, [*paths, "/visualize"]], "page and API, with what was kept"
    assert {"/predict", "/visualize", "/model_info"} <= set(told["by name"])
    assert told["Rest"] == [200, label, 404, 404, paths], "what needs a memory is left out, and there is no page"
    assert all(Path(file).is_relative_to(container) for file in told["files"])


def distributions(requirements: list[str]) -> set[str]:
    """What these lines install, with all that they pull in."""
    found: set[str] = set()
    todo = [re.split(r"[=<>!~;\[ (]", line)[0] for line in requirements if line and line[0] not in "-#"]
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        found.add(name)
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:  # for another system
            continue
        todo += [re.split(r"[=<>!~;\[ (]", need)[0] for need in needs if "extra ==" not in need]
    return found


def test_every_package_that_is_imported_is_installed_there():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    # Modal brings itself; `spaces` is there where it is imported, and nowhere else.
    installed = distributions([*lines, *modal_app.pins(*modal_app.TRAINING_PACKAGES), "modal"]) | {"spaces"}
    by_import = importlib.metadata.packages_distributions()
    for path in (ROOT / "audioclf").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            for top in {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"audioclf"}:
                providers = {re.sub(r"[-_.]+", "-", name).lower() for name in by_import.get(top, [top])}
                assert providers & installed, f"{path.name} imports {top}, which no requirement brings"


def test_training_packages_are_pinned():
    assert len(modal_app.pins(*modal_app.TRAINING_PACKAGES)) == len(modal_app.TRAINING_PACKAGES)


def test_classify_folder_maps_the_files_over_the_gpu(weights, tmp_path, monkeypatch, capsys):
    (tmp_path / "recordings").mkdir()
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / "recordings" / name, tone(), 16_000)
    (tmp_path / "recordings" / "c.txt").write_text("no sound")
    gpu = modal_app.gpu()

    class Method:
        @staticmethod
        def starmap(files, order_outputs):
            assert not order_outputs
            return [gpu.row.local(*file) for file in files]

    monkeypatch.setattr(modal_app, "gpu", lambda: type("Gpu", (), {"row": Method}))
    table = tmp_path / "answers.csv"
    modal_app.classify_folder(str(tmp_path / "recordings"), str(table))
    assert "3 rows more, 1 of them without an answer; 0 were there" in capsys.readouterr().out
    modal_app.classify_folder(str(tmp_path / "recordings"), str(table))
    assert "0 rows more, 0 of them without an answer; 3 were there" in capsys.readouterr().out
    assert table.read_text().splitlines()[0] == ",".join(folder.COLUMNS)


def test_the_gpu_class_answers_as_the_classifier_does(weights):
    waveform = tone(seconds=12)
    expected = Classifier.from_pretrained(weights, "cpu").classify(waveform)
    assert modal_app.gpu().classify.local(waveform).to_dict() == expected.to_dict()


RESULT = {"test_fold": 1, "measured_fold": 1, "recipe": "small", "seed": 3, "epochs": 2, "train_accuracy": 0.9}
FIGURES = {"accuracy": 0.5, "top3": 0.7, "precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_a_fold_is_run_by_experiments_and_keeps_its_state_on_the_volume(tmp_path, monkeypatch):
    asked = []

    def run_fold(fold, data, **where):
        asked.append((fold, data, where))
        return RESULT

    monkeypatch.setattr(modal_app, "RUNS", tmp_path)
    monkeypatch.setattr(dataset, "load", lambda root, mel: (root, mel))
    monkeypatch.setattr(experiments, "run_fold", run_fold)
    monkeypatch.setattr(modal_app, "runs", type("Volume", (), {"commit": lambda: asked.append("kept")}))
    with pytest.warns(UserWarning, match="executing locally"):
        assert modal_app.train_fold.local("small", 1, 3, commit="abc") is RESULT
    (fold, (root, _), where), kept = asked
    assert fold == experiments.Fold(method="small", test_fold=1, seed=3)
    assert root == Path("/data/ESC-50")
    assert where == {"runs": tmp_path, "results": tmp_path / "results", "epochs": None}
    assert kept == "kept"
    assert (tmp_path / fold.name / "commit").read_text() == "abc", "there is no git in the container"


def test_crossval_runs_five_folds_at_once_and_prints_their_table(tmp_path, monkeypatch, capsys):
    class FiveGpus:
        @staticmethod
        def starmap(folds, order_outputs):
            assert [arguments[1] for arguments in folds] == [1, 2, 3, 4, 5]
            for recipe, fold, seed, epochs, commit in reversed(folds):
                assert (recipe, seed, epochs) == ("small", 3, None)
                assert commit == experiments.commit()
                figures = {"last_epoch": FIGURES, "best_epoch": FIGURES}
                yield RESULT | {"test_fold": fold, "measured_fold": fold} | figures

    monkeypatch.setattr(modal_app, "train_fold", FiveGpus)
    modal_app.crossval("small", seed=3, results=str(tmp_path))
    assert "all five folds** | 50.00" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.glob("*.json")) == [
        f"small-fold{fold}-seed3.json" for fold in range(1, 6)
    ]
