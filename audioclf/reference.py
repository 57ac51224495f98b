"""What can be said of the loaded weights: each sound with its measured accuracy, and the whole. Knows no page.

Everything comes from the checkpoint. What was not measured is None, never a guess.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .checkpoint import Checkpoint
from .labels import Label, describe


@dataclass(frozen=True, kw_only=True)
class Sound:
    """One label, and how well it is told from the others.

    Attributes:
        label: Its names and its group.
        clips: Test recordings of it; None where nothing was measured.
        accuracy: Share of them that got the right answer, 0 to 1; None where nothing was measured.
        mistaken_for: What the others got instead, most frequent first, and how often.
    """

    label: Label
    clips: int | None = None
    accuracy: float | None = None
    mistaken_for: tuple[tuple[Label, int], ...] = ()

    @property
    def right(self) -> int | None:
        """How many of `clips` got the right answer."""
        return None if self.clips is None or self.accuracy is None else round(self.accuracy * self.clips)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The weights as one.

    Attributes:
        parameters: Numbers that were learnt.
        architecture: As people say it.
        accuracy: Share of right answers on the test fold, 0 to 1.
        top3: Share of recordings with the right answer among the first three.
        calibration_error: Mean distance between a probability and the share of right answers, 0 to 1.
        clips: Recordings that the three above rest on.
        fold: Where they come from.
        train_folds: What the weights learnt from.
        trained_on_fold: Whether `fold` is one of those, so that the figures say nothing.
        chosen_on_fold: Whether the epoch was chosen by its accuracy there, so that they are too high.
        recipe: Name of the training's settings.
        epochs: Passes over the training recordings.
        folds: Share of right answers on each of the five folds, trained without it by the same recipe; empty where
            that was not measured.
    """

    parameters: int
    architecture: str
    accuracy: float | None
    top3: float | None
    calibration_error: float | None
    clips: int | None
    fold: int | None
    train_folds: tuple[int, ...]
    trained_on_fold: bool
    chosen_on_fold: bool
    recipe: str | None
    epochs: int | None
    folds: tuple[float, ...]


def sounds(loaded: Checkpoint) -> list[Sound]:
    """Every label, in the order of the network's outputs."""
    measured = loaded.provenance.get("per_class") or {}
    return [_sound(name, measured.get(name) or {}) for name in loaded.labels]


def _sound(name: str, row: dict[str, Any]) -> Sound:
    return Sound(
        label=describe(name),
        clips=row.get("clips"),
        accuracy=row.get("accuracy"),
        mistaken_for=tuple(
            (describe(other), count)
            for other, count in sorted((row.get("mistaken_for") or {}).items(), key=lambda item: -item[1])
        ),
    )


def groups(listed: list[Sound]) -> Iterator[tuple[str, list[Sound]]]:
    """The sounds by their group, in the order in which the groups first appear."""
    order = list(dict.fromkeys(sound.label.group for sound in listed))
    ordered = sorted(listed, key=lambda sound: order.index(sound.label.group))
    for name, members in groupby(ordered, key=lambda sound: sound.label.group):
        yield name, list(members)


def whole(loaded: Checkpoint) -> Whole:
    """The figures of the weights as one."""
    provenance = loaded.provenance
    figures = provenance.get("figures") or {}
    fold, train_folds = figures.get("fold"), tuple(provenance.get("train_folds") or ())
    return Whole(
        parameters=sum(parameter.numel() for parameter in loaded.model.parameters()),
        architecture=f"ResNet-{loaded.network.depth}",
        accuracy=figures.get("accuracy"),
        top3=figures.get("top3"),
        calibration_error=figures.get("calibration_error"),
        clips=figures.get("clips"),
        fold=fold,
        train_folds=train_folds,
        trained_on_fold=fold in train_folds,
        chosen_on_fold=provenance.get("kept_epoch") == "best",
        recipe=provenance.get("recipe"),
        epochs=provenance.get("epochs"),
        folds=tuple((provenance.get("cross_validation") or {}).get("folds") or ()),
    )
