"""Several recordings at once, as a table that sorts. Knows no Gradio."""

from dataclasses import dataclass
from html import escape

from ..classifier import Prediction
from ..labels import describe
from . import strings, verdict
from .answer import duration
from .downloads import table_link


@dataclass(frozen=True, kw_only=True)
class Row:
    """One recording of several: its answer, or why there is none."""

    name: str
    prediction: Prediction | None = None
    error: str = ""


def table(rows: list[Row]) -> str:
    """The answers, one row each."""
    good = sum(row.prediction is not None for row in rows)
    said = strings.TABLE_ANSWERED.format(good=good, count=len(rows))
    headings = "".join(
        f'<th scope="col" aria-sort="none"><button type="button">{heading}</button></th>'
        for heading in strings.TABLE_HEADINGS
    )
    cells = [
        (
            row.name,
            row.prediction.label if row.prediction else "",
            f"{row.prediction.probability:.4f}" if row.prediction else "",
            f"{row.prediction.duration_seconds:.2f}" if row.prediction else "",
            row.error,
        )
        for row in rows
    ]
    link = table_link(("recording", "label", "probability", "duration_seconds", "error"), cells)
    return f"""
<article class="answer several" data-announce="{escape(said)}" data-sound="">
  <p class="source">{escape(said)}</p>
  <h2>{strings.TABLE.format(count=len(rows))}</h2>
  <table class="sortable"><thead><tr>{headings}</tr></thead><tbody>{"".join(map(_row, rows))}</tbody></table>
  <div class="downloads">{link}</div>
</article>"""


def _row(row: Row) -> str:
    name = f'<th scope="row" data-value="{escape(row.name.lower())}">{escape(row.name)}</th>'
    if not row.prediction:
        # One cell over three columns would break the sorting of each.
        return (
            f'<tr class="failed">{name}<td data-value="~">{escape(row.error)}</td><td data-value="-1"></td>'
            '<td data-value="-1"></td></tr>'
        )
    found = row.prediction
    title = describe(found.label).title
    return (
        f'<tr>{name}<td data-value="{escape(title.lower())}">{escape(title)}</td>'
        f'<td data-value="{found.probability:.6f}">{escape(verdict.percent(found.probability))}</td>'
        f'<td data-value="{found.duration_seconds:.3f}">{duration(found.duration_seconds)}</td></tr>'
    )
