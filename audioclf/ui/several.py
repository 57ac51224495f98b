"""Several recordings at once, as a table that sorts. Knows no Gradio."""

from dataclasses import dataclass
from html import escape

from ..labels import describe
from ..prediction import Prediction
from . import strings, verdict
from .answer import duration
from .downloads import table_link

ALL = -1
"""What is opened where it is no row: the table again."""

OPEN = """
element.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) trigger("click", { row: Number(opener.dataset.open) });
});
"""
"""What the answer's place does with a press: tells which row is opened, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One recording of several: its answer, or why there is none.

    Attributes:
        name: Fit to be shown.
        path: Where the page keeps the recording for a while; never shown.
        prediction: The answer.
        error: Why there is none, in a sentence.
    """

    name: str
    path: str
    prediction: Prediction | None = None
    error: str = ""


Rows = tuple[Row, ...]


def table(rows: Rows) -> str:
    """The answers, one row each; a recording's name opens its whole answer."""
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
    body = "".join(_row(number, row) for number, row in enumerate(rows))
    link = table_link(("recording", "label", "probability", "duration_seconds", "error"), cells)
    return f"""
<article class="answer several" data-announce="{escape(said)}" data-sound="">
  <p class="source">{escape(said)}</p>
  <h2>{strings.TABLE.format(count=len(rows))}</h2>
  <table class="sortable"><thead><tr>{headings}</tr></thead><tbody>{body}</tbody></table>
  <p class="hint">{strings.TABLE_HINT}</p>
  <div class="downloads">{link}</div>
</article>"""


def back(rows: Rows) -> str:
    """The way back from one recording's answer to the table."""
    said = strings.BACK_TO_TABLE.format(count=len(rows))
    return f'<button type="button" class="back" data-open="{ALL}"><span aria-hidden="true">← </span>{said}</button>'


def _row(number: int, row: Row) -> str:
    heading = f'<th scope="row" data-value="{escape(row.name.lower())}">'
    if not row.prediction:
        # The script puts it after the letters and before the numbers, by the columns that it has no cells for.
        said = f'<td data-value="~" colspan="{len(strings.TABLE_HEADINGS) - 1}">{escape(row.error)}</td>'
        return f'<tr class="failed">{heading}{escape(row.name)}</th>{said}</tr>'
    found = row.prediction
    title = describe(found.label).title
    return (
        f'<tr>{heading}<button type="button" class="open" data-open="{number}">{escape(row.name)}</button></th>'
        f'<td data-value="{escape(title.lower())}">{escape(title)}</td>'
        f'<td data-value="{found.probability:.6f}">{escape(verdict.percent(found.probability))}</td>'
        f'<td data-value="{found.duration_seconds:.3f}">{duration(found.duration_seconds)}</td></tr>'
    )
