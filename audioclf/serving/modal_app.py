"""The page, the REST API and training on Modal. Says what runs where; what is done there is other modules' job.

    browser ─▶ Page   one CPU container ─ long recordings ─▶ Gpu   none while idle, one while needed
    program ─▶ Rest   as many CPU containers as there is work
    laptop  ─▶ classify_folder ─▶ Gpu × many         crossval ─▶ train_fold × 5

    modal deploy -m audioclf.serving.modal_app
    modal run -m audioclf.serving.modal_app::classify_folder --folder recordings --out answers.csv
    modal run -m audioclf.serving.modal_app::crossval --recipe paper

What each costs while idle, and how to stop it: docs/hosting.md.

`no_type_check`: what Modal makes of a class is no class any more, and shapes can't be checked in it.
"""

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, no_type_check

import modal

from ..classifier import Classifier, weights_folder
from ..prediction import Prediction

if TYPE_CHECKING:
    import numpy as np
    from fastapi import FastAPI

ROOT = Path(__file__).parents[2]
THERE = PurePosixPath("/root")
"""Where Modal puts sources: the repository's root, seen from a container."""

MINUTE, HOUR = 60, 3600

TRAINING_PACKAGES = ("tqdm", "tensorboard", "scikit-learn")
"""Of requirements-dev.txt: what training needs and serving does not."""

SERVING_GPU = "T4"
"""The smallest there is: the network is small, and memory is never short."""

TRAINING_GPU = os.environ.get("AUDIOCLF_TRAINING_GPU", "L4")

GPU_SLEEPS_AFTER = 2 * MINUTE

app = modal.App("audioclf", include_source=False)


def pins(*packages: str) -> list[str]:
    """Lines of requirements-dev.txt."""
    lines = (ROOT / "requirements-dev.txt").read_text().splitlines()
    return [line for line in lines if line.split("==")[0] in packages]


def with_sources(base: modal.Image) -> modal.Image:
    """An image, and over it what changes more often: weights and code. They come last, so that a change to them
    builds nothing anew; they are named one by one, so that nothing comes along by accident."""
    return base.add_local_dir(
        weights_folder(), str(THERE / "weights" / "esc50"), ignore=["*", "!config.json", "!model.safetensors"]
    ).add_local_python_source("audioclf", ignore=["**/__pycache__"])


def images() -> tuple[modal.Image, modal.Image]:
    """For serving, and for training."""
    if not modal.is_local():
        # In a container the image is what is running; what it was made of is not there.
        return modal.Image.debian_slim(), modal.Image.debian_slim()
    base = (
        modal.Image.debian_slim(python_version="3.11")
        .pip_install_from_requirements(str(ROOT / "requirements.txt"))
        .env({"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"})
    )
    return with_sources(base), with_sources(base.pip_install(pins(*TRAINING_PACKAGES)))


serving_image, training_image = images()
token: dict[str, str | None] = {"AUDIOCLF_TOKEN": os.environ.get("AUDIOCLF_TOKEN", "")}


@app.cls(
    image=serving_image,
    gpu=SERVING_GPU,
    cpu=4.0,  # decoding, which the GPU waits for
    memory=4096,
    min_containers=0,  # nothing runs, nothing is paid, until somebody asks
    max_containers=20,
    scaledown_window=GPU_SLEEPS_AFTER,  # a waking takes seconds: worth two minutes for the next one who asks
    timeout=10 * MINUTE,  # an hour of sound takes well under one
    startup_timeout=5 * MINUTE,
    retries=modal.Retries(max_retries=2, initial_delay=1.0),  # a container may be taken away; an answer has no effects
    enable_memory_snapshot=True,
)
@modal.concurrent(max_inputs=16, target_inputs=8)  # they share passes through the network
@no_type_check
class Gpu:
    """The classifier on a GPU."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Imports and weights, kept in the snapshot that later containers start from. No GPU is there yet."""
        self.classifier = Classifier.from_pretrained(device="cpu")

    @modal.enter(snap=False)
    def move(self) -> None:
        """To the device, which no snapshot holds."""
        from .batching import share_passes

        self.classifier = Classifier(self.classifier.checkpoint)
        share_passes(self.classifier)

    @modal.method()
    def wake(self) -> str:
        """Nothing but being there; says on which kind of device."""
        return self.classifier.device.type

    @modal.method()
    def classify(self, waveform: "np.ndarray") -> Prediction:
        """`Classifier.classify` for a waveform that was decoded elsewhere, of any length."""
        return self.classifier.classify(waveform, max_seconds=None)

    @modal.method()
    def row(self, name: str, recording: bytes) -> tuple[str, dict[str, Any]]:
        """One file's row of `classify_folder`."""
        from . import folder

        return name, folder.row(self.classifier, recording)


def gpu() -> Any:
    """Some container's `Gpu`, from wherever this runs; its methods have `remote`, `starmap`, `local`."""
    return Gpu()  # pyright: ignore[reportCallIssue]


@app.cls(
    image=serving_image,
    env=token,
    cpu=2.0,
    memory=2048,
    min_containers=0,  # 1 keeps it awake: no visitor ever waits for a start, and its meter never stops
    max_containers=1,  # Gradio keeps its sessions in memory: a second container would not know a visitor of the first
    scaledown_window=5 * MINUTE,  # after the last tab is closed
    timeout=HOUR,  # a tab holds one request open for as long as it lives
    startup_timeout=2 * MINUTE,
    enable_memory_snapshot=True,
)
@modal.concurrent(max_inputs=200)  # two or three requests for each open tab
@no_type_check
class Page:
    """The page, with the REST API beside it: /visualize finds what /predict has kept, for both are here."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Imports, weights and the page's layout: a snapshot starts in about a second."""
        import gradio
        from fastapi import FastAPI

        from ..checkpoint import load
        from ..ui.page import build_page, launch_settings
        from .beside import beside
        from .standby import StandbyClassifier

        classifier = StandbyClassifier(
            load(weights_folder()),
            wake=lambda: gpu().wake.remote(),
            far=lambda waveform: gpu().classify.remote(waveform),
            sleeps_after_seconds=float(GPU_SLEEPS_AFTER),
        )
        page = build_page(classifier)
        # An empty app around it: its own documentation would hide the API's.
        self.app = gradio.mount_gradio_app(
            FastAPI(openapi_url=None), page, path="/", **launch_settings(), **beside(page, classifier)
        )

    @modal.asgi_app(label="audioclf")
    def web(self) -> "FastAPI":
        """Page and API."""
        return self.app


@app.cls(
    image=serving_image,
    env=token,
    cpu=2.0,
    memory=2048,
    min_containers=0,
    max_containers=20,  # an upper bound to the bill
    scaledown_window=2 * MINUTE,
    timeout=2 * MINUTE,  # an upload may take one
    startup_timeout=2 * MINUTE,
    enable_memory_snapshot=True,
)
@modal.concurrent(max_inputs=32, target_inputs=16)  # they share passes; beyond the target, another container starts
@no_type_check
class Rest:
    """The REST API without what needs a memory, so that any container may answer any request."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Imports and weights."""
        from .api import create_app

        self.app = create_app(Classifier.from_pretrained(device="cpu"))
        routes = self.app.router.routes
        routes[:] = [route for route in routes if getattr(route, "path", "") != "/visualize"]

    @modal.asgi_app(label="audioclf-api")
    def web(self) -> "FastAPI":
        """The API."""
        return self.app


data = modal.Volume.from_name("audioclf-data", create_if_missing=True)
runs = modal.Volume.from_name("audioclf-runs", create_if_missing=True)
DATA, RUNS = Path("/data"), Path("/runs")


@app.function(
    image=training_image,
    gpu=TRAINING_GPU,
    cpu=4.0,
    memory=16384,
    volumes={str(DATA): data.with_mount_options(read_only=True), str(RUNS): runs},
    max_containers=5,
    timeout=24 * HOUR,  # the longest there is; a longer run goes on in the next attempt
    startup_timeout=5 * MINUTE,
    retries=modal.Retries(max_retries=10, initial_delay=1.0, backoff_coefficient=1.0),
    single_use_containers=True,
)
def train_fold(
    recipe: str, test_fold: int, seed: int, epochs: int | None = None, commit: str = "unknown"
) -> dict[str, Any]:
    """One fold on one GPU. Its state lies on the Volume: cut off at any moment, the next attempt goes on from there."""
    from .. import dataset, experiments
    from ..recipes import RECIPES

    fold = experiments.Fold(method=recipe, test_fold=test_fold, seed=seed)
    folder = RUNS / fold.name
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "commit").is_file():  # no git here to ask
        (folder / "commit").write_text(commit)
    result = experiments.run_fold(
        fold,
        dataset.load(DATA / "ESC-50", RECIPES[recipe].mel),
        runs=RUNS,
        results=RUNS / "results",
        epochs=epochs,
    )
    runs.commit()
    return result


@app.local_entrypoint()
def classify_folder(folder: str, out: str = "answers.csv") -> None:
    """Thousands of files, mapped over GPU containers, into a CSV. The same command goes on where it was cut off."""
    from . import folder as folders

    def say(tally: folders.Tally) -> None:
        if tally.answered % 100 == 0:
            print(f"{tally.answered} files, {tally.failed} of them without an answer")

    tally = folders.classify_folder(
        Path(folder), Path(out), lambda files: gpu().row.starmap(files, order_outputs=False), say
    )
    print(f"{out}: {tally.answered} rows more, {tally.failed} of them without an answer; {tally.before} were there.")


@app.local_entrypoint()
def crossval(recipe: str = "small", seed: int = 0, epochs: int = 0, results: str = "results") -> None:
    """The five folds on five GPUs at once: what `train.py crossval` does one after the other."""
    import json

    from .. import experiments, tables

    commit = experiments.commit()
    folds = [(recipe, fold, seed, epochs or None, commit) for fold in experiments.FOLDS]
    folder = Path(results)
    folder.mkdir(parents=True, exist_ok=True)
    for result in train_fold.starmap(folds, order_outputs=False):
        name = experiments.Fold(method=recipe, test_fold=result["test_fold"], seed=seed).name
        (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        print(f"{name}: last epoch {result['last_epoch']['accuracy']:.2%}")
    print(tables.crossval_table(tables.load_results(folder), recipe))
