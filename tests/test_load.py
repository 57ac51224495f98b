"""Many visitors at once: no failure, no answer mixed up, no growing memory; and back after being killed."""

import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch

from audioclf import checkpoint
from audioclf.audio import encode_wav
from audioclf.classifier import Classifier
from audioclf.config import MelConfig, ModelConfig
from audioclf.labels import ESC50_LABELS
from audioclf.model import SoundModel
from benchmarks import load

CLIENTS = 32


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A narrow network with random weights, its last layer's larger: answers to different sounds differ."""
    torch.manual_seed(0)
    mel, network = MelConfig(n_mels=32), ModelConfig(width=4)
    model = SoundModel(mel, network).eval()
    torch.nn.init.normal_(model.network.linear.weight, std=10.0)
    folder = tmp_path_factory.mktemp("weights")
    checkpoint.save(checkpoint.Checkpoint(model=model, mel=mel, network=network, labels=ESC50_LABELS), folder)
    return folder


@pytest.fixture(scope="module")
def sounds(weights) -> list[load.Sound]:
    """One for each client, with the answer it gets alone."""
    classifier = Classifier.from_pretrained(weights, "cpu")
    noise = np.random.default_rng(0)
    made = []
    for index in range(CLIENTS):
        time = np.arange(int((1 + 0.1 * index) * 16_000)) / 16_000
        waveform = 0.3 * np.sin(2 * np.pi * 120 * 1.12**index * time) + 0.02 * noise.standard_normal(time.size)
        data = encode_wav(waveform.astype(np.float32), 16_000)
        made.append(load.Sound(data, {r.label: r.probability for r in classifier.classify(data).top}))
    for one, other in combinations(made, 2):
        apart = max(abs(one.expected[label] - other.expected[label]) for label in ESC50_LABELS)
        assert apart > 10 * load.TOLERANCE, "the answers must differ, or a mix-up would go unseen"
    return made


def test_32_clients_then_killed_in_mid_request_then_again(weights, sounds):
    with load.serving(weights) as (port, process):
        result = load.drive(port, sounds, seconds=3.0)
        assert (result.failures, result.mixed_up) == ([], 0)
        assert result.answers >= CLIENTS

        # Recordings are on their way, and each client stops at its first failure.
        answered = threading.Semaphore(0)
        with ThreadPoolExecutor(8) as pool:
            broken = [pool.submit(ask_until_it_breaks, port, sound, answered) for sound in sounds[:8]]
            for _ in range(16):
                assert answered.acquire(timeout=30)
            process.kill()
            process.wait()
            assert all(isinstance(each.result(30), OSError | http.client.HTTPException) for each in broken)

        again = load.start(weights, port)
        try:
            load.wait_until_up(port, again)
            result = load.drive(port, sounds[:4], seconds=0.5)
        finally:
            again.kill()
            again.wait()
        assert (result.failures, result.mixed_up) == ([], 0)
        assert result.answers >= 4


def ask_until_it_breaks(port: int, sound: load.Sound, answered: threading.Semaphore) -> Exception:
    body, headers = load.form(sound.data)
    try:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/predict", body, headers)
            assert sound.matches(json.loads(connection.getresponse().read()))
            answered.release()
    except (OSError, http.client.HTTPException) as error:
        return error


@pytest.mark.slow
def test_a_minute_of_32_clients_and_memory_flat_after_it(weights, sounds):
    with load.serving(weights) as (port, process):
        first = load.drive(port, sounds, seconds=60.0)
        rss: list[int] = []
        second = load.drive(port, sounds, 60.0, rss, process.pid)
    for result in (first, second):
        assert (result.failures, result.mixed_up) == ([], 0)
    early, late = np.median(rss[:10]), np.median(rss[-10:])
    print(f"{first.answers + second.answers} answers, {early / 1e6:.0f} MB after a minute, {late / 1e6:.0f} after two")
    assert late < 1.02 * early + 5e6
