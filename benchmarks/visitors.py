"""Many visitors at once: ten classify for a minute through the page's own API, then eight listen live.

python -m benchmarks.visitors [--weights weights/esc50] [--seconds 60] [--visitors 10] [--listeners 8]
"""

import argparse
import base64
import concurrent.futures
import contextlib
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import psutil
from gradio_client import Client, handle_file

from audioclf import audio, memory
from audioclf.classifier import Classifier
from audioclf.examples import EXAMPLES, SAMPLE_RATE
from audioclf.labels import describe
from audioclf.prediction import Prediction

from .load import ROOT, free_port

MICROPHONE_HZ = 48_000
ROUNDING = 1
"""Per cent: the page rounds, and a pass shared with others differs in the last digits."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with a sound of their own, who knows what they must be told.

    Attributes:
        name: Of the file.
        waveform: At the examples' sample rate.
        prediction: What the classifier says of it, alone.
        heard: The same as a microphone gives it, 16-bit at MICROPHONE_HZ.
        live: What the classifier says of that.
    """

    name: str
    waveform: np.ndarray
    prediction: Prediction
    heard: np.ndarray
    live: Prediction

    def complaint(self, card: str) -> str | None:
        """What is wrong with the card the visitor was shown; None if nothing is."""
        said = re.findall(r'<th scope="row">(.*?)</th>.*?class="number">\D*(\d+) %', card, re.DOTALL)
        expected = [(describe(ranked.label).title, 100 * ranked.probability) for ranked in self.prediction.top[:5]]
        if self.name not in html.unescape(card):
            return f"{self.name} was shown another recording's name"
        told = {html.unescape(title): float(percent) for title, percent in said}
        if not told or any(abs(told.get(title, -9) - percent) > ROUNDING for title, percent in expected[:1]):
            return f"{self.name} was told {told}, not {expected}"
        return None

    def live_right(self, top: dict) -> bool:
        """Whether the first of a live answer to the whole sound is what it must be."""
        expected = self.live.top[0]
        return top["label"] == expected.label and abs(top["probability"] - expected.probability) < 0.01


@dataclass
class Crowd:
    """What came of it.

    Attributes:
        seconds: How long it went on.
        latencies_seconds: Of right answers.
        complaints: Failures and wrong answers, in words.
        late: Answers to a live visitor that took longer than the second they were about.
    """

    seconds: float = 0.0
    latencies_seconds: list[float] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    late: int = 0

    def told(self) -> str:
        p50, p95 = np.percentile(self.latencies_seconds or [np.nan], (50, 95))
        return (
            f"{len(self.latencies_seconds)} right answers in {self.seconds:.0f} s, {len(self.complaints)} failed or "
            f"mixed up; {1000 * p50:.0f} ms (median), {1000 * p95:.0f} ms (95 %)"
        )


def visitors(classifier: Classifier, count: int) -> list[Visitor]:
    """Each with another sound."""
    found = []
    for number, example in enumerate(EXAMPLES[:count]):
        recording = audio.encode_wav(example.waveform(), SAMPLE_RATE)
        heard = audio.decode(recording, MICROPHONE_HZ)
        found.append(
            Visitor(
                name=f"visitor-{number}-{example.name}.wav",
                waveform=example.waveform(),
                prediction=classifier.classify(recording),
                heard=np.rint(32767 * heard).astype("<i2"),
                live=classifier.classify(audio.encode_wav(heard, MICROPHONE_HZ)),
            )
        )
    return found


def classify(url: str, crowd: list[Visitor], seconds: float) -> Crowd:
    """Everybody asks again as soon as they are answered, for `seconds`.

    Args:
        url: Of the page.
        crowd: All at once, each with a session of their own.
        seconds: How long.
    """
    done = Crowd()

    def visit(visitor: Visitor) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / visitor.name
            file.write_bytes(audio.encode_wav(visitor.waveform, SAMPLE_RATE))
            client = Client(url, verbose=False, analytics_enabled=False)
            asked = 0.0
            # Connecting may have taken all the time; everybody asks once at least.
            while not asked or time.perf_counter() < end:
                asked = time.perf_counter()
                try:
                    card = client.predict([handle_file(file)], api_name="/listen")[0]
                    complaint = visitor.complaint(card) or replay_complaint(url, visitor, card)
                except Exception as error:  # whatever it is, it is what this looks for
                    complaint = f"{visitor.name}: {error!r}"
                if complaint:
                    done.complaints.append(complaint)
                else:
                    done.latencies_seconds.append(time.perf_counter() - asked)
            client.close()

    started = time.perf_counter()
    end = started + seconds
    with concurrent.futures.ThreadPoolExecutor(len(crowd)) as pool:
        for visit_over in [pool.submit(visit, visitor) for visitor in crowd]:
            visit_over.result()
    done.seconds = time.perf_counter() - started
    return done


def replay_complaint(url: str, visitor: Visitor, card: str) -> str | None:
    """Whether the sound that the card plays is the visitor's own."""
    address = re.search(r'<audio[^>]* src="([^"]*)"', card)
    if not address:
        return f"{visitor.name} was given nothing to play"
    played = audio.decode(httpx.get(url + html.unescape(address[1])).content, SAMPLE_RATE)
    if np.abs(played - visitor.waveform).max() > 2 / 32768:
        return f"{visitor.name} was given another's sound to play"
    return None


def listen(url: str, crowd: list[Visitor], seconds: int, pace_seconds: float = 1.0) -> Crowd:
    """Everybody listens live: a second of samples each second, as assets/live.js sends them.

    Args:
        url: Of the page.
        crowd: All at once.
        seconds: How long; after five of them, what is kept of a visitor is exactly the visitor's sound.
        pace_seconds: How long a second takes.
    """
    config = httpx.get(f"{url}config").json()
    part = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "live")
    done = Crowd()

    def hear(number: int, visitor: Visitor) -> None:
        # Not all in the same instant, as no crowd is.
        begin = started + pace_seconds * number / len(crowd)
        with httpx.Client(base_url=url, timeout=60) as client:
            for second in range(seconds):
                time.sleep(max(0.0, begin + pace_seconds * (second + 1) - time.perf_counter()))
                at = second * MICROPHONE_HZ % len(visitor.heard)
                call = {
                    "visitor": f"{visitor.name}-{os.getpid()}"[-64:],
                    "sample_rate": MICROPHONE_HZ,
                    "start": second * MICROPHONE_HZ,
                    "samples": base64.b64encode(visitor.heard[at : at + MICROPHONE_HZ].tobytes()).decode(),
                }
                body = {"data": call, "component_id": part, "fn_name": "hear", "session_hash": visitor.name}
                asked = time.perf_counter()
                answer = client.post("gradio_api/component_server", json=body)
                took = time.perf_counter() - asked
                told = answer.json() if answer.status_code == 200 else {"error": answer.text[:100]}
                right = "error" not in told and (second != 4 or visitor.live_right(told["top"][0]))
                if not right:
                    done.complaints.append(f"{visitor.name}: {json.dumps(told)[:200]}")
                    continue
                done.latencies_seconds.append(took)
                done.late += took > 1.0

    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(len(crowd)) as pool:
        for over in [pool.submit(hear, number, visitor) for number, visitor in enumerate(crowd)]:
            over.result()
    done.seconds = time.perf_counter() - started
    return done


@contextlib.contextmanager
def page(weights: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The page in a process of its own: its address and the process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"AUDIOCLF_WEIGHTS": str(weights)},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + 180
        while True:
            assert process.poll() is None, f"the page ended with {process.returncode}"
            assert time.monotonic() < deadline, "the page does not answer"
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{url}config", timeout=5).status_code == 200:
                    break
            time.sleep(0.2)
        yield url, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def megabytes(process: psutil.Process) -> float:
    return process.memory_info().rss / 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=ROOT / "weights" / "esc50")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--listeners", type=int, default=8)
    args = parser.parse_args()
    crowd = visitors(Classifier.from_pretrained(args.weights, "cpu"), max(args.visitors, args.listeners))
    with page(args.weights) as (url, process):
        classify(url, crowd[:1], 3)
        listen(url, crowd[:1], 2)
        print(f"Memory after the first visitor: {megabytes(process):.0f} MB")
        for turn in ("First", "Second"):
            done = classify(url, crowd[: args.visitors], args.seconds)
            print(f"{turn} {args.visitors} visitors: {done.told()}; then {megabytes(process):.0f} MB")
            print(*done.complaints[:5], sep="\n", end="\n" if done.complaints else "")
        live = listen(url, crowd[: args.listeners], args.seconds)
        print(f"{args.listeners} live visitors: {live.told()}, {live.late} later than the next second")
        print(*live.complaints[:5], sep="\n", end="\n" if live.complaints else "")
        print(f"Memory at the end: {megabytes(process):.0f} MB")
        time.sleep(memory.EVERY_SECONDS + 5)
        print(f"{memory.EVERY_SECONDS:.0f} s after everybody left: {megabytes(process):.0f} MB")
    return bool(done.complaints or live.complaints)


if __name__ == "__main__":
    sys.exit(main())
