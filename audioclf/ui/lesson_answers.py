"""The lesson's questions and their answers, computed from the network that is loaded. Knows no Gradio.

No answer is written down anywhere: with other weights or another sound the lesson is still right.
"""

import random
from typing import Any

import numpy as np

from .. import examples, internals
from ..labels import describe
from ..resnet import BLOCKS, ResNet
from ..what_if import Change, what_if, with_noise
from . import inside_words, lesson_words
from .cells import brightest, packed, signed, wav_uri
from .inside_answers import Answer, InsideAnswers
from .looks import Look

PICTURES = "ABC"
CONTRASTS = ("siren", "rain", "keyboard_typing")
"""A glide, a hiss and knocks: sounds that look different from each other and from most others."""

FEWER_POINTS = 0.05
"""This much less probability counts as less sure."""

STRONGEST_KERNELS = 6
CUT_STAGE = "stage2"


class LessonAnswers:
    """One method for each thing that the lesson's script asks for.

    Args:
        inside: The answers of the Inside screen, whose memory of clips it shares.
    """

    SCREEN = ("begin", "question", "sound", "noisy")

    def __init__(self, inside: InsideAnswers):
        self.inside = inside
        self.classifier = inside.classifier
        self.begin = inside.begin
        self.sound = inside.sound

    def question(self, step: int, sound: str | None = None) -> Answer:
        """One step: what to look at, what to choose from, what is right and why.

        Args:
            step: From 1.
            sound: An example's name; the step's own where there is no such example.
        """
        words = lesson_words.STEPS[step - 1]
        names = [example.name for example in examples.EXAMPLES]
        name = sound if sound in names else words.sound
        look = self.inside.looks.by_key(f"example:{name}")
        facts = self._facts() | {"sound": look.name}
        body = (self._spectrograms, self._first_layer, self._last_stage, self._shortcuts, self._noise)[step - 1]
        return {
            "step": step,
            "steps": [step.title for step in lesson_words.STEPS],
            "title": words.title,
            "lead": words.lead.format(**facts),
            "ask": words.ask.format(**facts),
            "after": words.after.format(**facts),
            "sound": name,
            "key": look.key,
            "said": f"{describe(self._best(look)[0]).title}, {inside_words.percent(self._best(look)[1])}",
            **body(look),
        }

    def noisy(self, key: str, noise_db: float) -> Answer:
        """The clip with that noise, to be heard."""
        clip = with_noise(self.inside.looks.by_key(key).clip, float(noise_db))
        return {"audio": wav_uri(clip / max(1.0, float(np.abs(clip).max())), self.classifier.sample_rate)}

    def _facts(self) -> dict[str, Any]:
        network, mel = self.classifier.checkpoint.network, self.classifier.mel
        look = self.inside.looks.by_key(f"example:{CONTRASTS[0]}")
        channels, rows, columns = look.activations["stage4"].shape
        return {
            "channels": network.width,
            "seconds": f"{network.stem_kernel * mel.hop_length / mel.sample_rate:.2f}",
            "layers": 2 * sum(BLOCKS[network.depth]),
            "rows": rows,
            "columns": columns,
            "stage": inside_words.STAGE_TITLES[CUT_STAGE].lower(),
            "classes": network.n_classes,
            "channels_last": channels,
        }

    def _best(self, look: Look) -> tuple[str, float]:
        best = int(look.head.probabilities.argmax())
        return self.classifier.labels[best], float(look.head.probabilities[best])

    def _three(self, look: Look) -> list[Look]:
        """The sound among two others, in an order that is the same each time and not always the same."""
        others = [name for name in CONTRASTS if f"example:{name}" != look.key][:2]
        three = [look, *(self.inside.looks.by_key(f"example:{name}") for name in others)]
        random.Random(look.key).shuffle(three)
        return three

    def _which(self, look: Look, draw: Any) -> Answer:
        three = self._three(look)
        return {
            "pictures": [
                {
                    "letter": letter,
                    "name": one.name,
                    "key": one.key,
                    "map": draw(one),
                    "log_mel": _log_mel(one),
                    "said": f"{describe(self._best(one)[0]).title}, {inside_words.percent(self._best(one)[1])}",
                }
                for letter, one in zip(PICTURES, three, strict=False)
            ],
            "options": [{"id": letter, "text": letter} for letter in PICTURES],
            "right": PICTURES[three.index(look)],
        }

    def _spectrograms(self, look: Look) -> Answer:
        return self._which(look, _log_mel)

    def _first_layer(self, look: Look) -> Answer:
        strongest = internals.strongest_first(look.activations["stem"])[:STRONGEST_KERNELS]
        maps = look.activations["stem"][strongest]
        high = brightest(maps)
        return self._which(look, lambda one: _mean(one, "stem")) | {
            "kernels": [
                {
                    "channel": int(channel),
                    "kernel": signed(internals.stem_kernel(self.classifier, int(channel))),
                    "map": packed(look.activations["stem"][channel], 0.0, high),
                }
                for channel in strongest
            ]
        }

    def _last_stage(self, look: Look) -> Answer:
        return self._which(look, lambda one: _mean(one, "stage4")) | {"beside": True}

    def _shortcuts(self, look: Look) -> Answer:
        if not self.classifier.checkpoint.network.shortcuts:
            return {"lead": lesson_words.NO_SHORTCUTS, "options": [], "right": None}
        stages = ResNet.STAGES[1:]
        changes: list[tuple[str, tuple[str, ...]]] = [
            (lesson_words.CUT_ONE.format(title=inside_words.STAGE_TITLES[s]), (s,)) for s in stages
        ]
        changes.append((lesson_words.CUT_ALL, stages))
        rows = [self._row(lesson_words.UNTOUCHED, look.head.probabilities)]
        rows += [
            self._row(title, what_if(self.classifier, look.clip, Change(without_shortcuts=cut)))
            for title, cut in changes
        ]
        asked = rows[1 + stages.index(CUT_STAGE)]
        if asked["label"] != rows[0]["label"]:
            right = "other"
        else:
            right = "less" if rows[0]["probability"] - asked["probability"] >= FEWER_POINTS else "same"
        options = {"same": lesson_words.SAME, "less": lesson_words.LESS, "other": lesson_words.OTHER}
        return {
            "picture": _log_mel(look),
            "options": [{"id": key, "text": text} for key, text in options.items()],
            "right": right,
            "rows": rows,
        }

    def _noise(self, look: Look) -> Answer:
        rows = [self._row(lesson_words.UNTOUCHED, look.head.probabilities)]
        for noise_db, title in lesson_words.NOISES.items():
            after = what_if(self.classifier, look.clip, Change(noise_db=noise_db))
            rows.append(self._row(f"Noise {title}", after) | {"noise_db": noise_db})
        options = [{"id": str(db), "text": f"Noise {title}"} for db, title in lesson_words.NOISES.items()]
        options.append({"id": "never", "text": lesson_words.NEVER})
        first = next((row for row in rows[1:] if row["label"] != rows[0]["label"]), None)
        return {
            "picture": _log_mel(look),
            "options": options,
            "right": str(first["noise_db"]) if first else "never",
            "rows": rows,
        }

    def _row(self, title: str, probabilities: np.ndarray) -> Answer:
        best = int(probabilities.argmax())
        label, probability = self.classifier.labels[best], float(probabilities[best])
        return {
            "title": title,
            "label": label,
            "answer": describe(label).title,
            "probability": probability,
            "said": inside_words.percent(probability),
        }


def _log_mel(look: Look) -> Answer:
    values = look.steps["log_mel"]
    return packed(values, float(np.percentile(values, 1)), float(values.max()))


def _mean(look: Look, stage: str) -> Answer:
    mean = look.activations[stage].mean(axis=0)
    return packed(mean, 0.0, float(mean.max()))
