"""The real page on a free port, and a real browser whose microphone hears a known tone."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from audioclf import checkpoint
from audioclf.classifier import Classifier
from audioclf.config import MelConfig, ModelConfig
from audioclf.labels import ESC50_LABELS
from audioclf.model import SoundModel

from ..conftest import tone

TONE_HZ = 1_000.0
TONE_RMS = 0.05
"""What the fake microphone hears: quiet and steady, which is what noise suppression takes away."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


class Attentive(Classifier):
    """Remembers what reaches it, for tests to compare with what was sent."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.decoded: list[np.ndarray] = []

    def decode(self, *args: Any, **kwargs: Any) -> np.ndarray:
        waveform = super().decode(*args, **kwargs)
        self.decoded.append(waveform)
        return waveform


@dataclass(frozen=True)
class Server:
    """The running page.

    Attributes:
        url: Of the page, ending in a slash.
        classifier: The one behind it; a tiny network with random weights.
    """

    url: str
    classifier: Attentive


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The page as app.py serves it."""
    import app

    torch.manual_seed(0)
    mel, network = MelConfig(n_mels=32), ModelConfig(width=4)
    model = SoundModel(mel, network).eval()
    classifier = Attentive(checkpoint.Checkpoint(model=model, mel=mel, network=network, labels=ESC50_LABELS), "cpu")
    args = app.arguments(["--host", "127.0.0.1", "--port", str(free_port())])
    served, url, _ = app.serve(classifier, args, prevent_thread_lock=True, quiet=True)
    yield Server(url, classifier)
    served.get_blocks().close(verbose=False)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's chromium, hearing TONE_HZ."""
    executable = shutil.which("chromium")
    if not executable:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and there is no chromium")
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    heard = tmp_path_factory.mktemp("microphone") / "tone.wav"
    # Whole periods, so that the loop has no click.
    soundfile.write(heard, tone(TONE_HZ, 10.0, 48_000, TONE_RMS * 2**0.5), 48_000, subtype="PCM_16")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=[*FLAGS, f"--use-file-for-fake-audio-capture={heard}"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Opens the page as somebody new: `visit(query="", *, phone=False, dark=False, microphone=True)`.

    Each visit's page has `.requests`, every address it asked for, and `.complaints`, every error that its
    scripts raised.
    """
    contexts = []

    def visit(query: str = "", *, phone: bool = False, dark: bool = False, microphone: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            permissions=["microphone"] if microphone else [],
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.set_default_timeout(20_000)
        page.goto(server.url + query)
        page.wait_for_selector("[role=tablist]")
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def desk(visit: Callable[..., Any]) -> Any:
    """The page, just opened, 1280 pixels wide."""
    return visit()


@pytest.fixture
def phone(visit: Callable[..., Any]) -> Any:
    """The page, just opened, 390 pixels wide."""
    return visit(phone=True)


@pytest.fixture
def wav(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recording: `wav(name, waveform, sample_rate=16_000)`."""

    def write(name: str, waveform: np.ndarray, sample_rate: int = 16_000) -> Path:
        soundfile.write(tmp_path / name, waveform, sample_rate, subtype="PCM_16")
        return tmp_path / name

    return write
