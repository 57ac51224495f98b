"""A folder of recordings into one CSV, by whoever answers; cut off, it goes on where it was. Knows no Modal."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..classifier import Classifier
from ..errors import RecordingError

COLUMNS: tuple[str, ...] = (
    "file",
    "label",
    "probability",
    "duration_seconds",
    "second",
    "second_probability",
    "third",
    "third_probability",
    "error",
)

Answers = Callable[[Iterable[tuple[str, bytes]]], Iterable[tuple[str, dict[str, Any]]]]
"""(name, recording) in; (name, row) out, in any order. `row` of this module makes the rows."""


@dataclass
class Tally:
    """What came of a folder."""

    before: int = 0
    answered: int = 0
    failed: int = 0


def row(classifier: Classifier, recording: bytes) -> dict[str, Any]:
    """One recording's answer, or why there is none, as the CSV has it."""
    try:
        told = classifier.classify(recording, max_seconds=None).to_dict(top=3)
    except RecordingError as error:
        return {"error": str(error)}
    first, *others = told["top"]
    answer = {"label": first["label"], "probability": round(first["probability"], 4)}
    answer["duration_seconds"] = told["duration_seconds"]
    for place, other in zip(("second", "third"), others, strict=False):
        answer |= {place: other["label"], f"{place}_probability": round(other["probability"], 4)}
    return answer


def classify_folder(
    folder: Path, table: Path, answers: Answers, progress: Callable[[Tally], None] = lambda tally: None
) -> Tally:
    """Append a row for every file under `folder` that has none yet.

    Args:
        folder: Searched in depth; hidden files and folders are left out.
        table: A CSV, made where it is missing. Each row is written as it comes.
        answers: Who answers.
        progress: Told after each row.
    """
    rows = _whole_rows(table)
    done = {found["file"] for found in rows}
    tally = Tally(before=len(done))
    _rewrite(table, rows)
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        for name, answer in answers(_unread(folder, done, table)):
            writer.writerow({"file": name} | answer)
            file.flush()
            tally.answered += 1
            tally.failed += "error" in answer
            progress(tally)
    return tally


def _unread(folder: Path, done: set[str], table: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and name not in done and path.resolve() != table.resolve():
            yield name, path.read_bytes()


def _whole_rows(table: Path) -> list[dict[str, str]]:
    """The rows of an earlier run, without a last one that was cut off in the middle."""
    if not table.is_file():
        return []
    text = table.read_bytes().decode("utf-8", errors="replace")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if rows and tuple(rows[0]) != COLUMNS:
        raise ValueError(f"{table} is another kind of table: name a file that is not there yet.")
    return rows[:-1] if rows and not text.endswith("\n") else rows


def _rewrite(table: Path, rows: list[dict[str, str]]) -> None:
    fresh = table.with_name(f".{table.name}.part")
    with fresh.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    os.replace(fresh, table)
