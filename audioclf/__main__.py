"""The command line: python -m audioclf classify FILE…  Knows neither gradio nor matplotlib."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from . import __version__
from .errors import CheckpointError, RecordingError


def classify(arguments: argparse.Namespace) -> int:
    """Answer for every file; a file that fails does not stop the others."""
    from .classifier import Classifier

    classifier = Classifier.from_pretrained(arguments.weights, arguments.device)
    rows: list[dict[str, Any]] = []
    for file in arguments.files:
        try:
            prediction = classifier.classify(file, max_seconds=arguments.max_minutes * 60)
            row = {"recording": file} | prediction.to_dict(arguments.top)
        except RecordingError as error:
            row = {"recording": file, "error": str(error)}
        except OSError as error:
            row = {"recording": file, "error": f"The file can't be read: {error.strerror or error}."}
        rows.append(row)
        if not arguments.json:
            print(_text(row), flush=True)
    if arguments.json:
        print(json.dumps(rows, indent=2))
    return 1 if any("error" in row for row in rows) else 0


def _text(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['recording']}\n  {row['error']}"
    width = 30
    lines = [f"{row['recording']}  ({row['duration_seconds']:.1f} s)"]
    for entry in row["top"]:
        bar = "█" * max(1, round(entry["probability"] * width))
        lines.append(f"  {entry['label']:18} {entry['probability']:6.1%}  {bar}")
    if len(row["windows"]) > 1:
        lines += [
            f"  {w['start_seconds']:7.1f}–{w['end_seconds']:.1f} s  {w['label']} {w['probability']:.0%}"
            for w in row["windows"]
        ]
    return "\n".join(lines)


def info(arguments: argparse.Namespace) -> int:
    """Say what the weights are."""
    from .classifier import Classifier

    loaded = Classifier.from_pretrained(arguments.weights, "cpu").checkpoint
    print(
        json.dumps(
            {
                "version": __version__,
                "parameters": sum(p.numel() for p in loaded.model.parameters()),
                "labels": loaded.labels,
                "mel": loaded.mel.to_dict(),
                "model": loaded.network.to_dict(),
                "temperature": loaded.temperature,
                "provenance": loaded.provenance,
            },
            indent=2,
        )
    )
    return 0


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m audioclf", description="What is that sound?")
    main.add_argument("--version", action="version", version=f"audioclf {__version__}")
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    classifying = commands.add_parser(
        "classify", help="say what is heard in recordings", description="Say what is heard in recordings."
    )
    classifying.set_defaults(run=classify)
    classifying.add_argument("files", nargs="+", metavar="FILE", help="any format: wav, mp3, m4a, ogg, flac, webm…")
    classifying.add_argument("--top", type=int, default=5, metavar="K", help="labels to name (5)")
    classifying.add_argument("--json", action="store_true", help="a list with one object for each file")
    classifying.add_argument(
        "--max-minutes", type=float, default=10.0, metavar="M", help="refuse longer recordings (10)"
    )
    classifying.add_argument("--device", help="cpu, cuda; default: CUDA where there is one")

    telling = commands.add_parser(
        "info", help="say what the weights are, as JSON", description="Say what the weights are, as JSON."
    )
    telling.set_defaults(run=info)
    for command in (classifying, telling):
        command.add_argument(
            "--weights", type=Path, metavar="FOLDER", help="a checkpoint; default: AUDIOCLF_WEIGHTS, or weights/esc50"
        )
    return main


def main(argv: list[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except CheckpointError as error:
        print(f"audioclf: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
