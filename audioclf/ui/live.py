"""The Live screen: listens for a minute and says each second what it hears. Knows no sample and no tensor.

    microphone ─ AudioWorklet ─ one request a second ─▶ Listeners ─ answer ─▶ top three, "heard so far"

The browser draws the spectrogram and keeps the minute for replay (assets/live.js); the server keeps the last
clip's length and nothing of it on disk.
"""

import base64
from pathlib import Path
from typing import Any

import gradio as gr

from .. import pictures
from ..errors import RecordingError
from ..labels import describe
from ..listening import Listeners
from ..prediction import Prediction
from . import verdict
from .shared import Shared, layout

LAYOUT = Path(__file__).parent / "assets" / "live.html"

LISTEN_SECONDS = 60
"""Then it stops by itself: nobody is listened to by accident."""

SHOWN = 3

WORDS = {
    "start": "Listen",
    "stop": "Stop",
    "asking": "Asking for the microphone…",
    "idle": "Listens for a minute, answers every second.",
    "listening": "Listening.",
    "left": "{seconds} s left",
    "done": "Stopped after {seconds} seconds.",
    "left_page": "Stopped, because you left this screen.",
    "unplugged": "Stopped: the microphone went away.",
    "replaying": "Stopped, so that it doesn't hear its own replay.",
    "slow": "The answers are late: the connection or the server is busy.",
    "lost": "Stopped: the server doesn't answer. Check the connection and listen again.",
    "insecure": "A browser gives the microphone to secure pages only. Open this page by https, or on the computer "
    "it runs on by http://localhost.",
    "unsupported": "This browser can't give a page its microphone's samples. A newer one can.",
    "denied": "The microphone is blocked for this page. Allow it beside the browser's address bar, then press Listen "
    "again.",
    "missing": "There is no microphone on this device, or it is switched off.",
    "busy": "The microphone is taken by another program, or doesn't start.",
    "garbled": "These are not the samples of a microphone.",
    "now": "Right now",
    "nothing": "Press Listen and make a sound.",
    "waiting": "Listening…",
    "quiet": "Quiet",
    "bars": "The likeliest sounds just now",
    "spectrogram": "The last ten seconds; the answer is about the underlined five",
    "picture": "Spectrogram of the last ten seconds, low sounds at the bottom, drawn as they come in.",
    "ago": "10 s ago",
    "present": "now",
    "heard": "Heard so far",
    "heard_none": "Sounds that it is fairly sure of are collected here, to be played again.",
    "announce": "Heard: {title}, {percent}.",
    "replay": "Play {title}, heard at {from}",
    "replay_stop": "Stop playing {title}",
    "at": "{from} – {to}",
    "privacy": "The sound stays in this browser; the server holds the last five seconds in memory and forgets them "
    "a few seconds after you stop.",
}
"""Every sentence of this screen, ready for translation."""


def build(shared: Shared) -> None:
    """Lay the screen out; nothing runs until its button is pressed.

    Args:
        shared: What all screens have.
    """
    listeners = Listeners(shared.classifier)

    def hear(call: dict[str, Any]) -> dict[str, Any]:
        return answer(listeners, call)

    def forget(call: dict[str, Any]) -> None:
        listeners.forget(str(call.get("visitor")))

    gr.HTML(
        layout(LAYOUT, WORDS),
        elem_id="live",
        apply_default_css=False,
        js_on_load="window.audioclf.live(element, server, props)",
        server_functions=[hear, forget],
        words=WORDS,
        listen_seconds=LISTEN_SECONDS,
        clip_seconds=shared.classifier.mel.clip_seconds,
        f_min=shared.classifier.mel.f_min,
        f_max=shared.classifier.mel.f_max,
        colours=pictures.table("magma"),
    )


def answer(listeners: Listeners, call: dict[str, Any]) -> dict[str, Any]:
    """One second in, what it sounds like out: the server's side of a request.

    Args:
        listeners: Who keeps the visitors' last seconds.
        call: "visitor", "sample_rate", "start" and base64 "samples", as `Listeners.hear` takes them.

    Returns:
        "top", and whether the likeliest of it was "heard"; or "error", in words for a person.
    """
    try:
        samples = base64.b64decode(call["samples"], validate=True)
        prediction = listeners.hear(str(call["visitor"]), int(call["sample_rate"]), int(call["start"]), samples)
    except RecordingError as error:
        return {"error": str(error)}
    except (KeyError, TypeError, ValueError, OverflowError):
        return {"error": WORDS["garbled"]}
    return _told(prediction)


def _told(prediction: Prediction) -> dict[str, Any]:
    quiet = "quiet" in verdict.notes(prediction)
    return {
        "sentence": WORDS["quiet"] if quiet else verdict.headline(prediction, []),
        "heard": not quiet and prediction.probability >= verdict.LIKELY,
        "top": [
            {
                "label": ranked.label,
                "title": describe(ranked.label).title,
                "probability": ranked.probability,
                "percent": verdict.percent(ranked.probability),
            }
            for ranked in prediction.top[:SHOWN]
        ],
    }
