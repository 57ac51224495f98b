"""A `Heard` as HTML: the sentence, the bars, the spectrogram with its axes, the timeline. Knows no Gradio."""

import math
from html import escape

import numpy as np

from .. import pictures
from ..config import MelConfig
from ..labels import describe
from . import strings, verdict
from .shared import Heard
from .timeline import Span

FLOOR_DB = -80.0
"""Darkest colour of the spectrogram, dB below the loudest."""

TICKS_HZ = (60.0, 125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0)
TICK_GAP = 0.1
"""Least distance between two labels of the frequency axis, of its length."""

STEPS_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0)
MOST_STEPS = 6


def card(
    heard: Heard,
    spans: list[Span],
    *,
    spectrogram: np.ndarray,
    mel: MelConfig,
    sound_url: str,
    provenance: dict,
) -> str:
    """The whole answer.

    Args:
        heard: The recording and its prediction.
        spans: Its timeline; empty where it fits one window.
        spectrogram: (mels, frames), dB below the loudest.
        mel: What it was computed with.
        sound_url: Where the browser gets the sound to play.
        provenance: Of the checkpoint.
    """
    prediction = heard.prediction
    said = verdict.headline(prediction, spans)
    announcement = f"{said}. {verdict.certainty(prediction, provenance)}"
    meaning = strings.MEANING_TEXT.format(count=len(prediction.top))
    if provenance.get("calibration"):
        meaning += " " + strings.CALIBRATED
    return f"""
<article class="answer" data-announce="{escape(announcement)}" data-sound="{escape(heard.example or "")}">
  <p class="source">{escape(heard.name)} · {duration(prediction.duration_seconds)}</p>
  <h2>{escape(said)}</h2>
  <p class="certainty">{escape(verdict.certainty(prediction, provenance))}</p>
  <details class="meaning"><summary>{strings.MEANING}</summary><p>{escape(meaning)}</p></details>
  {"".join(_note(key, mel) for key in verdict.notes(prediction))}
  {bars(heard)}
  {player(heard, spans, spectrogram, mel, sound_url)}
</article>"""


def _note(key: str, mel: MelConfig) -> str:
    title, text = strings.NOTES[key]
    return f'<p class="note"><strong>{title}</strong> {text.format(seconds=mel.clip_seconds)}</p>'


def bars(heard: Heard) -> str:
    """The five likeliest labels, as a table that reads well without its bars."""
    rows = "".join(
        f'<tr><th scope="row">{escape(describe(ranked.label).title)}</th>'
        f'<td class="bar" aria-hidden="true"><span style="width:{max(100 * ranked.probability, 0.5):.1f}%"></span></td>'
        f'<td class="number">{escape(verdict.percent(ranked.probability))}</td></tr>'
        for ranked in heard.prediction.top[:5]
    )
    return f'<table class="bars"><caption class="unseen">{strings.BARS}</caption><tbody>{rows}</tbody></table>'


def player(heard: Heard, spans: list[Span], spectrogram: np.ndarray, mel: MelConfig, sound_url: str) -> str:
    """The spectrogram between its axes, the timeline under it, and the button that moves a cursor through both."""
    seconds = heard.prediction.duration_seconds
    low, high = hertz(mel.f_min), hertz(mel.f_max)
    alt = strings.SPECTROGRAM_ALT.format(seconds=f"{seconds:.1f}", low=low, high=high)
    return f"""
<div class="player" data-seconds="{seconds:.3f}" data-play="{strings.PLAY}" data-pause="{strings.PAUSE}">
  <figure class="picture">
    <figcaption><strong>{strings.SPECTROGRAM}</strong>: {strings.SPECTROGRAM_HINT}</figcaption>
    <div class="hz" aria-hidden="true">{_hz_axis(mel)}</div>
    <div class="plot"><img alt="{alt}" src="{pictures.data_uri(spectrogram, low=FLOOR_DB, high=0.0)}">
      <span class="cursor"></span></div>
    <div class="scale" aria-hidden="true"><span class="top">0 dB</span>
      <span class="ramp" style="background:{pictures.gradient()}"></span><span>−80</span></div>
    <div class="seconds" aria-hidden="true">{_time_axis(seconds)}</div>
    {_timeline(spans, seconds)}
  </figure>
  <div class="transport">
    <button type="button" class="play" aria-label="{strings.PLAY}"><span class="glyph"></span></button>
    <input type="range" min="0" max="{seconds:.3f}" step="0.01" value="0" aria-label="{strings.POSITION}">
    <span class="clock"><span class="now">{clock(0.0)}</span> / {clock(seconds)}</span>
  </div>
  {_list_of_spans(spans)}
  <audio preload="none" src="{escape(sound_url)}"></audio>
</div>"""


def _timeline(spans: list[Span], seconds: float) -> str:
    if not spans:
        return ""
    parts = "".join(
        f'<button type="button" class="span{"" if span.label else " unclear"}" {_stretch(span)} '
        f'style="left:{100 * span.start_seconds / seconds:.2f}%;width:{100 * span.seconds / seconds:.2f}%" '
        f'title="{escape(_spoken(span))}" aria-label="{escape(_spoken(span))}">'
        f"<span>{escape(_title(span)) if span.label else ''}</span></button>"
        for span in spans
    )
    return f'<div class="heard-label" aria-hidden="true">{strings.HEARD}</div><div class="heard">{parts}</div>'


def _list_of_spans(spans: list[Span]) -> str:
    """The timeline again as a list: on a phone a short stretch is too narrow to read or to press."""
    if not spans:
        return ""
    rows = "".join(
        f'<li><button type="button" class="listed" {_stretch(span)}><span class="when">{clock(span.start_seconds)} – '
        f'{clock(span.end_seconds)}</span><span class="what">{escape(_title(span))}</span>'
        f'<span class="number">{escape(verdict.percent(span.probability)) if span.label else ""}</span></button></li>'
        for span in spans
    )
    return f'<p class="hint">{strings.HEARD_HINT}</p><ol class="spans">{rows}</ol>'


def _stretch(span: Span) -> str:
    return f'data-start="{span.start_seconds:.3f}" data-end="{span.end_seconds:.3f}"'


def _title(span: Span) -> str:
    if span.label:
        return describe(span.label).title
    return strings.QUIET_SPAN if span.quiet else strings.UNCLEAR


def _spoken(span: Span) -> str:
    said = strings.SPAN.format(
        label=_title(span),
        start=clock(span.start_seconds),
        end=clock(span.end_seconds),
        probability=verdict.percent(span.probability),
    )
    return said if span.label else said.rpartition(",")[0]


def _hz_axis(mel: MelConfig) -> str:
    """Labels where the mel scale has them; the picture's rows are evenly spaced on it."""
    bottom, top = to_mel(mel.f_min), to_mel(mel.f_max)
    labels, last = [], -1.0
    for hz in (*(hz for hz in TICKS_HZ if hz < mel.f_max), mel.f_max):
        place = (to_mel(hz) - bottom) / (top - bottom)
        if place >= 0.02 and place - last >= TICK_GAP:
            labels.append(f'<span style="bottom:{100 * place:.1f}%">{hertz(hz)}</span>')
            last = place
    return "".join(labels)


def _time_axis(seconds: float) -> str:
    step = next((step for step in STEPS_SECONDS if seconds / step <= MOST_STEPS), STEPS_SECONDS[-1])
    ticks = [step * count for count in range(math.floor(seconds / step + 1e-6) + 1)]
    return "".join(
        f'<span style="left:{100 * tick / seconds:.2f}%">{clock(tick) if seconds > 60 else f"{tick:g} s"}</span>'
        for tick in ticks
    )


def to_mel(hz: float) -> float:
    """The mel scale of the front-end, HTK's."""
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def hertz(hz: float) -> str:
    return f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"


def clock(seconds: float) -> str:
    """A place in a recording: 7.5 s, or 1:07."""
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def duration(seconds: float) -> str:
    """How long a recording is, in words."""
    return f"{seconds:.1f} s" if seconds < 60 else f"{clock(seconds)} min"
