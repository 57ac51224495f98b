"""A server in a process of its own, and many clients that each know the answer they must get."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
TOLERANCE = 1e-4
"""Between a probability computed alone and in company: rounding only. Different sounds lie further apart."""


@dataclass(frozen=True)
class Sound:
    """A recording, and the probabilities that each label must get."""

    data: bytes
    expected: dict[str, float]

    def matches(self, answer: dict[str, Any]) -> bool:
        told = {entry["label"]: entry["probability"] for entry in answer["top"]}
        return all(abs(self.expected[label] - probability) < TOLERANCE for label, probability in told.items())


@dataclass
class Load:
    """What came of it.

    Attributes:
        seconds: From the first request to the last answer.
        answers: Right ones.
        failures: Other statuses and broken connections, in words.
        mixed_up: Answers to another's sound.
        latencies_seconds: Of the right answers.
    """

    seconds: float = 0.0
    answers: int = 0
    failures: list[str] = field(default_factory=list)
    mixed_up: int = 0
    latencies_seconds: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(weights: Path, port: int) -> subprocess.Popen[bytes]:
    """The REST API alone; `wait_until_up` tells when it answers."""
    command = [sys.executable, "-m", "uvicorn", "audioclf.serving.api:create_app", "--factory", "--port", str(port)]
    return subprocess.Popen(
        [*command, "--log-level", "error", "--no-access-log"],
        cwd=ROOT,
        env=os.environ | {"AUDIOCLF_WEIGHTS": str(weights), "AUDIOCLF_TOKEN": ""},
        stderr=subprocess.DEVNULL,
    )


def wait_until_up(port: int, process: subprocess.Popen[bytes], timeout_seconds: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server does not answer")


@contextmanager
def serving(weights: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server that answers, at the yielded port."""
    port = free_port()
    process = start(weights, port)
    try:
        wait_until_up(port, process)
        yield port, process
    finally:
        process.kill()
        process.wait()


def form(data: bytes) -> tuple[bytes, dict[str, str]]:
    """A multipart body with the recording in it, and its headers."""
    head = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="sound"\r\n\r\n'
    return head + data + b"\r\n--boundary--\r\n", {"Content-Type": "multipart/form-data; boundary=boundary"}


def ask(port: int, data: bytes) -> dict[str, Any]:
    """One answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/predict", *form(data))
    response = connection.getresponse()
    assert response.status == 200, response.status
    return json.loads(response.read())


def drive(port: int, sounds: Sequence[Sound], seconds: float, rss: list[int] | None = None, pid: int = 0) -> Load:
    """One client for each sound, each asking again as soon as it is answered.

    Args:
        port: Where the server listens.
        sounds: One for each client.
        seconds: How long they go on asking.
        rss: Filled with the server's resident bytes, once a second.
        pid: Of that server.
    """
    load, lock = Load(), threading.Lock()
    started = time.perf_counter()

    def client(sound: Sound) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        body, headers = form(sound.data)
        while time.perf_counter() - started < seconds:
            asked = time.perf_counter()
            try:
                connection.request("POST", "/predict", body, headers)
                response = connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with lock:
                    load.failures.append(repr(error))
                time.sleep(0.1)
                continue
            latency = time.perf_counter() - asked
            with lock:
                if response.status != 200:
                    load.failures.append(f"{response.status} {text[:200].decode()}")
                elif not sound.matches(json.loads(text)):
                    load.mixed_up += 1
                else:
                    load.answers += 1
                    load.latencies_seconds.append(latency)

    threads = [threading.Thread(target=client, args=(sound,)) for sound in sounds]
    for thread in threads:
        thread.start()
    if rss is not None:
        process = psutil.Process(pid)
        while time.perf_counter() - started < seconds:
            rss.append(process.memory_info().rss)
            time.sleep(1.0)
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - started
    return load
