"""From what a visitor gives to what the screen shows. Knows no Gradio and no layout."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from .. import audio, examples, internals
from ..classifier import SLACK_SECONDS, Classifier
from ..errors import RecordingError
from ..prediction import Prediction
from . import answer, downloads, several, strings, verdict
from .shared import Heard
from .timeline import spans


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the screen shows: a card, and where one recording was answered, that and the links to its data.

    Attributes:
        card: HTML.
        heard: The one recording.
        links: To its data, HTML.
        rows: Of several recordings at once, to go back to.
    """

    card: str
    heard: Heard | None = None
    links: str = ""
    rows: several.Rows = ()


class Ear:
    """Listens for the page: recordings in, cards out. Keeps nothing but its own examples.

    Args:
        classifier: What answers.
        publish: Puts a WAV file where the visitor's browser can get it for a while, and returns its address.
    """

    def __init__(self, classifier: Classifier, publish: Callable[[bytes], str]):
        self.classifier = classifier
        self.publish = publish
        self.example = cache(self._example)

    def files(self, paths: list[str]) -> Iterator[Shown]:
        """Answer uploaded files: a card for one, a table for more; signs of progress on the way."""
        try:
            if len(paths) == 1:
                yield from self._one(paths[0])
            else:
                yield from self._several(paths)
        except Exception as error:
            yield excuse(error)

    def named(self, name: str) -> Shown:
        """Answer an example."""
        if name not in (example.name for example in examples.EXAMPLES):
            return Shown(card=failure(strings.NO_SUCH_SOUND.format(name=name[:40])))
        try:
            return self.show(self.example(name))
        except Exception as error:
            return excuse(error)

    def opened(self, rows: several.Rows, number: int) -> Shown:
        """One of several recordings that were answered before, or their table again."""
        if not rows:
            return Shown(card=failure(strings.GONE))
        if not 0 <= number < len(rows):
            return Shown(card=several.table(rows), rows=rows)
        shown = self._reopened(rows[number])
        return replace(shown, card=several.back(rows) + shown.card, rows=rows)

    def show(self, heard: Heard) -> Shown:
        """The answer to one recording, with the data behind it."""
        classifier = self.classifier
        stretches = spans(heard.prediction, heard.waveform, classifier.sample_rate)
        card = answer.card(
            heard,
            stretches,
            spectrogram=internals.spectrogram(classifier, heard.waveform),
            mel=classifier.mel,
            sound_url=self.publish(audio.encode_wav(heard.waveform, classifier.sample_rate)),
            provenance=classifier.checkpoint.provenance,
        )
        return Shown(card=card, heard=heard, links=downloads.links(heard, stretches))

    def picture(self, heard: Heard) -> bytes:
        """The answer as a PNG file to keep. Drawing a figure is slow, so only when it is asked for."""
        from .. import plots

        stretches = spans(heard.prediction, heard.waveform, self.classifier.sample_rate)
        return plots.answer(
            verdict.headline(heard.prediction, stretches),
            heard.name,
            heard.prediction,
            internals.spectrogram(self.classifier, heard.waveform),
            self.classifier.mel,
            footer=strings.TITLE,
        )

    def _example(self, name: str) -> Heard:
        example = examples.by_name(name)
        # By way of a file, as any other recording: the classifier's sample rate need not be the example's.
        waveform = self.classifier.decode(audio.encode_wav(example.waveform(), examples.SAMPLE_RATE))
        return Heard(
            name=example.title, waveform=waveform, prediction=self.classifier.classify(waveform), example=example.name
        )

    def _one(self, path: str) -> Iterator[Shown]:
        waveform = self.classifier.decode(path)
        total = len(waveform) / self.classifier.sample_rate
        prediction = None
        for step in self._classified(waveform):
            if isinstance(step, Prediction):
                prediction = step
            elif total > self.classifier.mel.clip_seconds + SLACK_SECONDS:
                yield Shown(card=progress(step, total))
        assert prediction is not None
        heard = Heard(name=shown_name(path), waveform=waveform, prediction=prediction)
        yield self.show(heard)

    def _several(self, paths: list[str]) -> Iterator[Shown]:
        rows: list[several.Row] = []
        for count, path in enumerate(paths):
            yield Shown(card=progress(float(count), float(len(paths)), of_files=True))
            row = several.Row(name=shown_name(path), path=path)
            try:
                rows.append(replace(row, prediction=self.classifier.classify(path)))
            except RecordingError as error:
                rows.append(replace(row, error=str(error)))
        yield self.opened(tuple(rows), several.ALL)

    def _reopened(self, row: several.Row) -> Shown:
        if row.prediction is None:
            return Shown(card=failure(row.error))
        if not Path(row.path).exists():
            return Shown(card=failure(strings.GONE))
        try:
            waveform = self.classifier.decode(row.path)
            return self.show(Heard(name=row.name, waveform=waveform, prediction=row.prediction))
        except Exception as error:
            return excuse(error)

    def _classified(self, waveform: np.ndarray) -> Iterator[float | Prediction]:
        """The seconds heard so far, again and again, then the prediction."""
        told: SimpleQueue[float | None] = SimpleQueue()
        with ThreadPoolExecutor(1) as pool:
            job = pool.submit(self.classifier.classify, waveform, progress=told.put)
            job.add_done_callback(lambda _: told.put(None))
            while (seconds := told.get()) is not None:
                yield seconds
            yield job.result()


def shown_name(path: str) -> str:
    """A file's own name; what the recorder calls its files is said in words."""
    name = Path(path).name
    return strings.OWN_RECORDING if name.startswith("microphone") else name


def excuse(error: Exception) -> Shown:
    """Why there is no answer. What the visitor can't do anything about goes to the log."""
    if isinstance(error, RecordingError):
        return Shown(card=failure(str(error)))
    logging.error("A sound could not be answered", exc_info=error)
    return Shown(card=failure(strings.FAILED))


def failure(sentence: str) -> str:
    """What stands in the answer's place when there is none."""
    return (
        f'<article class="answer failed" data-sound=""><div role="alert"><h2>{strings.NO_ANSWER}</h2>'
        f"<p>{escape(sentence)}</p></div></article>"
    )


def progress(done: float, total: float, of_files: bool = False) -> str:
    """How far a long recording, or a pile of them, has been heard."""
    if of_files:
        said = strings.PROGRESS_FILES.format(done=int(done) + 1, total=int(total))
    else:
        said = strings.PROGRESS.format(done=answer.clock(done), total=answer.clock(total))
    return (
        f'<div class="progress"><h2>{strings.LISTENING}</h2><progress max="{total:.2f}" value="{done:.2f}" '
        f'aria-label="{strings.LISTENING}"></progress><p>{said}</p></div>'
    )
