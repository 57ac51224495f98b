"""make bench: what a clip, a crowd and an hour cost; as ratios too, because times move with the machine.

Prints Markdown and writes benchmarks/results.json. Wants a quiet machine.
"""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soxr
import torch

from audioclf import audio, checkpoint
from audioclf.classifier import Classifier, default_weights
from audioclf.examples import EXAMPLES
from audioclf.labels import ESC50_LABELS
from audioclf.model import SoundModel
from audioclf.recipes import RECIPES
from audioclf.serving.batching import CLIPS_IN_A_PASS

from . import load

RESULTS = Path(__file__).parent / "results.json"
RECORDER_HZ = 44_100
WARM_UP = 3
CLIENTS = (1, 8, 32)
FULL_WIDTH = "best"
"""The recipe of the network that a GPU trains: the same work around four times the network."""


def recording(index: int) -> bytes:
    """A clip as a recorder writes it, 16 bit at 44.1 kHz; each index another sound."""
    waveform = np.roll(EXAMPLES[index % len(EXAMPLES)].waveform(), 7_919 * index)
    return audio.encode_wav(soxr.resample(waveform, 16_000, RECORDER_HZ), RECORDER_HZ)


def median_ms(function: Callable[[], Any], repeats: int) -> float:
    """Median time of a call, after a few to warm up."""
    times = []
    for _ in range(repeats + WARM_UP):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times[WARM_UP:])


def one_clip(classifier: Classifier, data: bytes, repeats: int) -> dict[str, float]:
    """Where the time goes on one clip's way, ms. The network and its front-end are timed on that way, not in a loop
    of their own, where every cache is warm."""
    times: dict[str, list[float]] = {"front_end": [], "network": []}

    def timed(name: str, module: torch.nn.Module) -> list[Any]:
        started = [0.0]
        before = module.register_forward_pre_hook(lambda *_: started.__setitem__(0, time.perf_counter()))
        after = module.register_forward_hook(lambda *_: times[name].append(time.perf_counter() - started[0]))
        return [before, after]

    hooks = timed("front_end", classifier.model.front_end) + timed("network", classifier.model.network)
    whole = median_ms(lambda: classifier.classify(data), repeats)
    for hook in hooks:
        hook.remove()
    parts = {name: 1000 * statistics.median(found[WARM_UP:]) for name, found in times.items()}
    parts = {"decode": median_ms(lambda: classifier.decode(data), repeats)} | parts
    return parts | {
        "rest": whole - sum(parts.values()),
        "whole": whole,
        "around_to_network": whole / parts["network"] - 1,
    }


def per_second(function: Callable[[], Any], clips: int, seconds: float) -> float:
    """Clips a second, where a call does so many."""
    function()
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        function()
        done += clips
    return done / (time.perf_counter() - started)


def batches(classifier: Classifier, data: bytes, seconds: float) -> dict[str, float]:
    """What the network does on its own with full batches, clips a second."""
    clips = CLIPS_IN_A_PASS[classifier.device.type]
    batch = [classifier.decode(data)] * clips
    with torch.inference_mode():
        log_mel = classifier.model.front_end(classifier.pad(batch))
        network = per_second(lambda: classifier.model.network(log_mel), clips, seconds)
    return {"network": network, "with_front_end": per_second(lambda: classifier.forward(batch), clips, seconds)}


def untrained(folder: Path) -> Path:
    """A full-width network in a folder. Its last layer is large, so that its answers to different sounds differ."""
    recipe = RECIPES[FULL_WIDTH]
    torch.manual_seed(0)
    model = SoundModel(recipe.mel, recipe.model).eval()
    torch.nn.init.normal_(model.network.linear.weight, std=1.0)
    checkpoint.save(
        checkpoint.Checkpoint(model=model, mel=recipe.mel, network=recipe.model, labels=ESC50_LABELS), folder
    )
    return folder


def crowds(weights: Path, seconds: float, crowd_sizes: Sequence[int] = CLIENTS) -> dict[str, Any]:
    """Answers a second over REST, each client with a sound of its own; the network alone before and after."""
    classifier = Classifier.from_pretrained(weights)
    sounds = []
    for index in range(max(crowd_sizes)):
        data = recording(index)
        sounds.append(load.Sound(data, {r.label: r.probability for r in classifier.classify(data).top}))
    results: dict[str, Any] = {}
    with load.serving(weights) as (port, _):
        load.drive(port, sounds[:8], 2.0)
        before = batches(classifier, sounds[0].data, seconds / 4)
        for clients in crowd_sizes:
            result = load.drive(port, sounds[:clients], seconds)
            after = batches(classifier, sounds[0].data, seconds / 4)
            bare = {name: (before[name] + after[name]) / 2 for name in after}
            results[str(clients)] = {
                "per_second": result.per_second,
                "to_network": result.per_second / bare["network"],
                "to_network_with_front_end": result.per_second / bare["with_front_end"],
                "median_ms": 1000 * statistics.median(result.latencies_seconds),
                "p99_ms": 1000 * statistics.quantiles(result.latencies_seconds, n=100)[-1],
                "failures": len(result.failures),
                "mixed_up": result.mixed_up,
                "bare": bare,
            }
            before = after
    return results


def crowds_full_width(seconds: float) -> dict[str, Any]:
    """The largest crowd before a network of full width."""
    with tempfile.TemporaryDirectory() as folder:
        return crowds(untrained(Path(folder)), seconds, CLIENTS[-1:])


def starts(weights: Path, data: bytes) -> dict[str, float]:
    """Seconds: loading the model, and from a process's start to its first answer."""
    started = time.perf_counter()
    Classifier.from_pretrained(weights)
    model = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sound.wav"
        file.write_bytes(data)
        command = [sys.executable, "-m", "audioclf", "classify", "--weights", str(weights), str(file)]
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=load.ROOT)
        command_line = time.perf_counter() - started
    started = time.perf_counter()
    with load.serving(weights) as (port, _):
        load.ask(port, data)
        rest = time.perf_counter() - started
    return {"model_load_seconds": model, "command_line_seconds": command_line, "rest_seconds": rest}


def long_recording(weights: Path, seconds: float) -> dict[str, float]:
    """One long recording in a process of its own: memory above idle, and how much faster than it plays."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "long.wav"
        clip = recording(0)[44:]
        with wave.open(str(file), "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RECORDER_HZ)
            for _ in range(round(seconds / 5)):
                writer.writeframes(clip)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(classify_long, (file, weights))


def classify_long(file: Path, weights: Path) -> dict[str, float]:
    classifier = Classifier.from_pretrained(weights)
    classifier.classify(recording(0))
    process, done = psutil.Process(), threading.Event()
    idle = peak = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.02):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    prediction = classifier.classify(file, max_seconds=None)
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    return {
        "seconds": seconds,
        "duration_seconds": prediction.duration_seconds,
        "times_real_time": prediction.duration_seconds / seconds,
        "idle_mb": idle / 1e6,
        "above_idle_mb": (peak - idle) / 1e6,
    }


def table(results: dict[str, Any]) -> str:
    """The figures with their goals, as Markdown."""
    clip, starting, hour = results["clip_ms"], results["start"], results["long"]
    rows = [
        ("decode, ms", f"{clip['decode']:.1f}", ""),
        ("front-end, ms", f"{clip['front_end']:.1f}", ""),
        ("network, ms", f"{clip['network']:.1f}", ""),
        ("rest, ms", f"{clip['rest']:.1f}", ""),
        ("one clip, all of it, ms", f"{clip['whole']:.1f}", "< 85 (the paper's, warm, on a GPU)"),
        ("all around the network ÷ network", f"{clip['around_to_network']:.2f}", "< 0.5"),
        ("load the model, s", f"{starting['model_load_seconds']:.2f}", ""),
        ("command line, start to answer, s", f"{starting['command_line_seconds']:.1f}", ""),
        ("REST, start to first answer, s", f"{starting['rest_seconds']:.1f}", ""),
    ]
    crowds = [(clients, "", crowd) for clients, crowd in results["crowds"].items()]
    crowds += [(clients, ", full-width network", crowd) for clients, crowd in results["crowds_full_width"].items()]
    for clients, which, crowd in crowds:
        goal = "≥ 80 %, 0 failures" if clients == "32" else ""
        rows.append(
            (
                f"REST, {clients} client{'s' * (clients != '1')}{which}",
                f"{crowd['per_second']:.1f}/s, median {crowd['median_ms']:.0f} ms: {crowd['to_network']:.0%} of the "
                f"network alone in batches, {crowd['to_network_with_front_end']:.0%} of front-end and network; "
                f"{crowd['failures']} failures, {crowd['mixed_up']} mixed up",
                goal,
            )
        )
    minutes = hour["duration_seconds"] / 60
    rows += [
        (f"{minutes:.0f} minutes of recording, above idle, MB", f"{hour['above_idle_mb']:.0f}", "< 300"),
        (f"{minutes:.0f} minutes of recording, times real time", f"{hour['times_real_time']:.0f}", "≥ 100"),
    ]
    lines = ["| | measured | goal |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--weights", type=Path, default=Path(default_weights()), metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=15.0, help="of load for each number of clients")
    parser.add_argument("--long-seconds", type=float, default=3600.0, help="length of the long recording")
    parser.add_argument("--repeats", type=int, default=50, help="of each part of a clip's way")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()

    # As it comes: an environment that limits threads would say nothing of the product.
    classifier = Classifier.from_pretrained(arguments.weights)
    data = recording(0)
    results = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "threads": torch.get_num_threads(),
            "torch": torch.__version__,
            "python": platform.python_version(),
            "device": str(classifier.device),
            "load_before": os.getloadavg()[0],
        },
        "network": classifier.checkpoint.network.to_dict(),
        "clip_ms": one_clip(classifier, data, arguments.repeats),
        "start": starts(arguments.weights, data),
        "crowds": crowds(arguments.weights, arguments.seconds),
        "crowds_full_width": crowds_full_width(arguments.seconds),
        "long": long_recording(arguments.weights, arguments.long_seconds),
    }
    arguments.out.write_text(json.dumps(results, indent=2) + "\n")
    print(table(results))


if __name__ == "__main__":
    main()
