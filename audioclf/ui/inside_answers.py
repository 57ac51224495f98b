"""What the Inside screen's script asks for, as JSON. Knows Gradio no more than the mathematics."""

import threading
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from .. import examples, internals, pictures, playback
from ..classifier import Classifier
from ..labels import describe
from ..receptive_field import receptive_fields
from ..resnet import ResNet
from ..what_if import Change, what_if
from . import inside_words as words
from .cells import brightest, outline, packed, signed, thumbnails, wav_uri
from .looks import GoneError, Look, Looks
from .shared import Heard

FIRST_SOUND = "siren"
"""What the screen shows to somebody who gave no recording yet."""

COLOUR_MAPS = {"Viridis": "viridis", "Cividis": "cividis", "Magma": "magma", "Grey": "gray"}
"""All rise evenly in lightness, so they read without colour too."""

HZ_TICKS = (100.0, 300.0, 1_000.0, 3_000.0, 8_000.0)
Answer = dict[str, Any]
_SHARED: "WeakKeyDictionary[Classifier, InsideAnswers]" = WeakKeyDictionary()


class InsideAnswers:
    """One method for each thing a visitor can do.

    Args:
        classifier: The loaded network.
    """

    SCREEN = (
        "begin",
        "road",
        "sound",
        "stage",
        "blocks",
        "channel",
        "exciting",
        "listen",
        "cell",
        "why",
        "broken",
        "file",
    )

    def __init__(self, classifier: Classifier):
        self.classifier = classifier
        self.looks = Looks(classifier)
        self._means: dict[str, np.ndarray] | None = None
        self._measuring = threading.Lock()

    def key_of(self, heard: Heard | None) -> str:
        """What the browser is to call a visitor's recording."""
        return self.looks.at(heard).key if heard else f"example:{FIRST_SOUND}"

    def begin(self) -> Answer:
        """What holds for every sound: colours, axes, the stages' geometry, words."""
        mel, network = self.classifier.mel, self.classifier.model.network
        band_hz = self.classifier.model.front_end.band_hz().numpy()
        fields = receptive_fields(network)
        ticks = [hz for hz in HZ_TICKS if band_hz[0] <= hz <= mel.f_max]
        return {
            "colour_maps": {title: pictures.table(name) for title, name in COLOUR_MAPS.items()},
            "diverging": pictures.table("PuOr_r"),
            "examples": [{"key": f"example:{e.name}", "title": e.title, "emoji": e.emoji} for e in examples.EXAMPLES],
            "mels": mel.n_mels,
            "frames": mel.frames,
            "seconds": mel.clip_seconds,
            "mel_ticks": [
                {"text": f"{hz / 1000:.0f} kHz" if hz >= 1000 else f"{hz:.0f} Hz", "at": self._mel_at(hz)}
                for hz in ticks
            ],
            "linear_ticks": [
                {"text": f"{hz // 1000} kHz", "at": hz / (mel.sample_rate / 2)}
                for hz in range(0, mel.sample_rate // 2 + 1, 2000)
            ],
            "f_min": mel.f_min,
            "f_max": mel.f_max,
            "shortcuts": self.classifier.checkpoint.network.shortcuts,
            "stages": {
                stage: {
                    "title": words.STAGE_TITLES[stage],
                    "mel": {"offset": field.mel.offset, "stride": field.mel.stride},
                    "frame": {"offset": field.frame.offset, "stride": field.frame.stride},
                }
                for stage, field in fields.items()
            },
            "labels": [{"label": label, "title": describe(label).title} for label in self.classifier.labels],
        }

    def _mel_at(self, hz: float) -> float:
        """How far up the log_mel a frequency lies, 0 to 1."""
        band_hz = self.classifier.model.front_end.band_hz().numpy()
        return float((np.interp(hz, band_hz, np.arange(len(band_hz))) + 0.5) / len(band_hz))

    def road(self, key: str) -> Answer:
        """Every stop's picture, shape and words for one sound."""
        try:
            look = self.looks.by_key(key)
        except GoneError:
            return {"gone": words.GONE}
        steps = look.steps
        said = words.front_end(self.classifier.mel) | words.network(
            self.classifier.checkpoint.network, self.classifier.checkpoint.temperature
        )
        amplitude = {name: np.sqrt(steps[name]) for name in ("spectrogram", "mel_power")}
        drawn: dict[str, tuple[str, Answer]] = {
            "waveform": (f"{words.number(len(steps['waveform']))} samples", {"wave": outline(steps["waveform"])}),
        }
        for name in ("spectrogram", "mel_power"):
            picture = packed(amplitude[name], 0.0, float(np.percentile(amplitude[name], 99.8)))
            drawn[name] = (_shape(steps[name]), {"map": picture})
        for name in ("log_power", "log_mel"):
            drawn[name] = (_shape(steps[name]), {"map": packed(steps[name], *_range(steps[name]))})
        for stage, maps in look.activations.items():
            mean = maps.mean(axis=0)
            drawn[stage] = (_shape(maps), {"map": packed(mean, 0.0, float(mean.max()))})
        features, logits = look.head.features, look.head.logits
        drawn["pooling"] = (f"{len(features)} numbers", {"strip": np.round(features, 4).tolist()})
        drawn["linear"] = (f"{len(logits)} logits", {"bars": np.round(logits, 3).tolist()})
        drawn["softmax"] = (f"{len(logits)} probabilities", {"top": self._top(look.head.probabilities, 5)})
        return {
            "key": key,
            "name": look.name,
            "start_seconds": look.start_seconds,
            "duration_seconds": look.duration_seconds,
            "moments": [{"key": moment.key, "title": words.moment(moment.window)} for moment in look.moments],
            "answer": self._top(look.head.probabilities, 1)[0],
            "top": self._top(look.head.probabilities, 8),
            "stops": [
                {
                    "id": name,
                    "title": title,
                    "sentence": sentence,
                    "more": more,
                    "shape": drawn[name][0],
                    "network": name not in steps,
                    **drawn[name][1],
                }
                for name, (title, sentence, more) in said.items()
            ],
        }

    def _top(self, probabilities: np.ndarray, count: int) -> list[Answer]:
        order = np.argsort(-probabilities, kind="stable")[:count]
        labels = self.classifier.labels
        return [
            {
                "label": labels[i],
                "title": describe(labels[i]).title,
                "probability": float(probabilities[i]),
                "said": words.percent(float(probabilities[i])),
            }
            for i in order
        ]

    def sound(self, key: str) -> Answer:
        """The clip, to be played."""
        return {"audio": wav_uri(self.looks.by_key(key).clip, self.classifier.sample_rate)}

    def stage(self, keys: list[str], stage: str) -> Answer:
        """All channels of a stage, for one sound or two: in the first one's order, on one colour scale."""
        looks = [self.looks.by_key(key) for key in keys]
        maps = [look.activations[stage] for look in looks]
        order = internals.strongest_first(maps[0])
        small = [thumbnails(m) for m in maps]
        high = max(brightest(m) for m in small)
        mean_high = max(float(m.mean(axis=0).max()) for m in maps)
        channels, rows, columns = maps[0].shape
        middle = internals.seen_by(self.classifier, stage, rows // 2, columns // 2)
        whole = middle.mels == (0, self.classifier.mel.n_mels)
        seconds = middle.seconds[1] - middle.seconds[0]
        return {
            "stage": stage,
            "order": order.tolist(),
            "rows": rows,
            "columns": columns,
            "high": high,
            "sounds": [
                {
                    "name": look.name,
                    "summary": words.stage_summary(
                        stage, channels, len(internals.silent_channels(m)), seconds, middle.hz, whole
                    ),
                    "dead": internals.silent_channels(m).tolist(),
                    "tiles": packed(s[order], 0.0, high),
                    "average": packed(m.mean(axis=0), 0.0, mean_high),
                }
                for look, m, s in zip(looks, maps, small, strict=True)
            ],
        }

    def blocks(self, key: str, stage: str) -> Answer:
        """What happens inside a stage's residual blocks: the mean size over all channels, one scale a block."""
        look = self.looks.by_key(key)
        found = []
        for index, block in enumerate(internals.blocks(self.classifier, look.activations, stage)):
            parts = {"residual": block.residual, "shortcut": block.shortcut, "output": block.output}
            means = {name: np.abs(part).mean(axis=0) for name, part in parts.items() if part is not None}
            high = max(float(mean.max()) for mean in means.values())
            found.append(
                {
                    "title": f"Block {index + 1}",
                    "parts": [
                        {
                            "title": words.BLOCK_PARTS[name],
                            "size": f"typical size {mean.mean():.2f}",
                            "map": packed(mean, 0.0, high),
                        }
                        for name, mean in means.items()
                    ],
                }
            )
        return {"stage": stage, "blocks": found}

    def channel(self, keys: list[str], stage: str, channel: int) -> Answer:
        """One channel's map, for one sound or two, and its kernel where that can be read."""
        looks = [self.looks.by_key(key) for key in keys]
        maps = [look.activations[stage] for look in looks]
        high = max([brightest(m[channel]) for m in maps if m[channel].any()] or [1.0])
        answer: Answer = {"stage": stage, "channel": channel, "sounds": []}
        for look, m in zip(looks, maps, strict=True):
            rank = internals.strongest_first(m).tolist().index(channel) + 1
            firing = float((m[channel] > 0).mean())
            answer["sounds"].append(
                {
                    "name": look.name,
                    "map": packed(m[channel], 0.0, high),
                    "peak": [int(i) for i in np.unravel_index(m[channel].argmax(), m[channel].shape)],
                    "silent": firing == 0,
                    "summary": words.channel_summary(channel, rank, len(m), firing),
                }
            )
        if stage == "stem":
            kernel = internals.stem_kernel(self.classifier, channel)
            answer |= {"kernel": signed(kernel), "kernel_words": words.KERNEL}
        else:
            before = ResNet.STAGES[ResNet.STAGES.index(stage) - 1]
            answer["kernel_words"] = words.NO_READABLE_KERNEL.format(channels=len(looks[0].activations[before]))
        return answer

    def exciting(self, stage: str, channel: int) -> Answer:
        """The example sounds that excite a channel most; measured once for all channels."""
        with self._measuring:
            if self._means is None:
                waveforms = [example.waveform() for example in examples.EXAMPLES]
                self._means = internals.mean_activations(self.classifier, waveforms)
        means = self._means[stage][:, channel]
        best = [i for i in np.argsort(-means)[:3] if means[i] > 0]
        return {
            "sounds": [
                {
                    "key": f"example:{examples.EXAMPLES[i].name}",
                    "title": examples.EXAMPLES[i].title,
                    "emoji": examples.EXAMPLES[i].emoji,
                    "strength": float(means[i] / means[best[0]]),
                }
                for i in best
            ]
        }

    def listen(self, key: str, stage: str, channel: int) -> Answer:
        """The clip, as loud everywhere as the channel is active there."""
        look = self.looks.by_key(key)
        heard = playback.heard_by(self.classifier, look.clip, stage, look.activations[stage][channel])
        return {"audio": wav_uri(playback.made_audible(heard, look.clip), self.classifier.sample_rate)}

    def cell(self, key: str, stage: str, row: int, column: int) -> Answer:
        """What one cell can see, as a box and as sound."""
        look = self.looks.by_key(key)
        seen = internals.seen_by(self.classifier, stage, row, column)
        sound = playback.made_audible(playback.patch(self.classifier, look.clip, seen), look.clip)
        return {
            "mels": seen.mels,
            "frames": seen.frames,
            "words": words.box(seen.seconds, seen.hz),
            "audio": wav_uri(sound, self.classifier.sample_rate),
        }

    def file(self, key: str, **wanted: Any) -> Answer:
        """A picture or the activations, to be saved: see `inside_files.file_of`."""
        from .inside_files import file_of

        return file_of(self.classifier, self.looks.by_key(key), **wanted)

    def why(self, keys: list[str], labels: list[str]) -> Answer:
        """The class maps of one or two labels for one or two sounds, all on one colour scale."""
        found, between = [], []
        for key in keys:
            last = self.looks.by_key(key).activations["stage4"]
            maps = [internals.class_map(self.classifier, last, label) for label in labels]
            found += maps
            if len(maps) == 2:
                gap = (maps[0].logit - maps[1].logit) / self.classifier.checkpoint.temperature
                between.append(
                    {
                        "words": words.between(labels[0], labels[1], gap),
                        "map": signed(maps[0].cells - maps[1].cells),
                    }
                )
        largest = max(float(np.abs(why.cells).max()) for why in found)
        return {
            "between": between,
            "maps": [
                {
                    "label": why.label,
                    "title": describe(why.label).title,
                    "logit": why.logit,
                    "sum": float(why.cells.sum()),
                    "bias": why.bias,
                    "words": words.why(why.label, float(why.cells.sum()), why.bias, why.logit),
                    "map": signed(why.cells, largest),
                }
                for why in found
            ],
        }

    def broken(self, keys: list[str], change: Answer) -> Answer:
        """The answer after a change, beside the first one, with what changed in words."""
        wanted = Change(
            muted=tuple((str(stage), int(channel)) for stage, channel in change.get("muted", ())),
            hidden_seconds=_pair(change.get("hidden_seconds")),
            hidden_hz=_pair(change.get("hidden_hz")),
            without_shortcuts=tuple(change.get("without_shortcuts", ())),
            noise_db=None if change.get("noise_db") is None else float(change["noise_db"]),
        )
        return {"sounds": [self._broken(self.looks.by_key(key), wanted) for key in keys]}

    def _broken(self, look: Look, change: Change) -> Answer:
        after = what_if(self.classifier, look.clip, change)
        before = look.head.probabilities
        shown = [bar["label"] for bar in self._top(before, 5)]
        shown += [bar["label"] for bar in self._top(after, 2) if bar["label"] not in shown]
        index = {label: i for i, label in enumerate(self.classifier.labels)}
        return {
            "name": look.name,
            "words": words.changed(self._ranked(before), self._ranked(after)),
            "same": bool((after == before).all()),
            "bars": [
                {
                    "label": label,
                    "title": describe(label).title,
                    "before": float(before[index[label]]),
                    "after": float(after[index[label]]),
                    "said": words.percent(float(after[index[label]])),
                }
                for label in shown
            ],
        }

    def _ranked(self, probabilities: np.ndarray) -> list[tuple[str, float]]:
        order = np.argsort(-probabilities, kind="stable")
        return [(self.classifier.labels[i], float(probabilities[i])) for i in order]


def answers_of(classifier: Classifier) -> InsideAnswers:
    """One for each classifier, so that the screens that show its inside share what they remember."""
    return _SHARED.setdefault(classifier, InsideAnswers(classifier))


def _pair(values: Any) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))


def _range(values: np.ndarray) -> tuple[float, float]:
    return float(np.percentile(values, 1)), float(values.max())


def _shape(array: np.ndarray) -> str:
    return " × ".join(str(size) for size in array.shape)
