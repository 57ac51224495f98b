"""Shared fixtures: a tiny network with random weights, the shipped weights, and the switch for slow tests."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from audioclf import checkpoint
from audioclf.classifier import Classifier
from audioclf.config import MelConfig, ModelConfig
from audioclf.labels import ESC50_LABELS
from audioclf.model import SoundModel

from .local_hub import local_hub  # noqa: F401 a fixture

ROOT = Path(__file__).parents[1]

# The tests' tensors are tiny: a second thread costs more than it brings, above all on a busy machine.
torch.set_num_threads(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what needs the full ESC-50, or minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--slow"):
        for item in items:
            if "slow" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="slow: add --slow"))


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)
    np.random.seed(0)


@pytest.fixture
def tiny_checkpoint() -> checkpoint.Checkpoint:
    """A narrow network with random weights: everything but the answers is real."""
    mel, network = MelConfig(n_mels=32), ModelConfig(width=4)
    model = SoundModel(mel, network).eval()
    return checkpoint.Checkpoint(model=model, mel=mel, network=network, labels=ESC50_LABELS)


@pytest.fixture
def tiny_classifier(tiny_checkpoint: checkpoint.Checkpoint) -> Classifier:
    return Classifier(tiny_checkpoint, "cpu")


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[str, Classifier]]:
    """Page and REST as app.py serves them, on random weights: their address, and what answers there."""
    import app

    torch.manual_seed(0)
    mel, network = MelConfig(n_mels=32), ModelConfig(width=4)
    loaded = checkpoint.Checkpoint(model=SoundModel(mel, network).eval(), mel=mel, network=network, labels=ESC50_LABELS)
    classifier = Classifier(loaded, "cpu")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    args = app.arguments(["--host", "127.0.0.1", "--port", str(port)])
    launched, url, _ = app.serve(classifier, args, prevent_thread_lock=True, quiet=True)
    yield url.rstrip("/"), classifier
    launched.get_blocks().close(verbose=False)


@pytest.fixture(scope="session")
def shipped() -> Classifier:
    """The classifier that users get."""
    return Classifier.from_pretrained(ROOT / "weights" / "esc50", "cpu")


def tone(hz: float = 440.0, seconds: float = 1.0, sample_rate: int = 16_000, amplitude: float = 0.5) -> np.ndarray:
    """A sine wave."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    return (amplitude * np.sin(2 * np.pi * hz * time)).astype(np.float32)
