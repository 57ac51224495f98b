"""Answers to keep: JSON and CSV, as links that hold their own data. Knows no Gradio."""

import base64
import csv
import io
import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from . import strings
from .shared import Heard
from .timeline import Span


def links(heard: Heard, spans: list[Span]) -> str:
    """What stands under an answer: its data, and a link to it where it is an example."""
    stem = Path(heard.name).stem
    record = {"recording": heard.name, **heard.prediction.to_dict()}
    found = [_link(strings.SAVE_JSON, f"{stem}.json", "application/json", json.dumps(record, indent=1))]
    if spans:
        rows = [
            (f"{s.start_seconds:.2f}", f"{s.end_seconds:.2f}", s.label or "", f"{s.probability:.4f}") for s in spans
        ]
        table = table_text(("start_seconds", "end_seconds", "label", "probability"), rows)
        found.append(_link(strings.SAVE_CSV, f"{stem}.csv", "text/csv", table))
    if heard.example:
        found.append(
            f'<button type="button" class="plain copy-link" data-copied="{strings.COPIED}">{strings.COPY_LINK}</button>'
        )
    return "".join(found)


def table_link(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table of several answers."""
    return _link(strings.SAVE_TABLE, "recordings.csv", "text/csv", table_text(headings, rows))


def table_text(headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """As CSV. A cell that a spreadsheet would take for a formula is quoted: file names are anybody's."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow(
            f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell for cell in row
        )
    return file.getvalue()


def _link(text: str, name: str, kind: str, content: str) -> str:
    data = base64.b64encode(content.encode()).decode()
    return f'<a class="plain" download="{escape(name)}" href="data:{kind};charset=utf-8;base64,{data}">{text}</a>'
