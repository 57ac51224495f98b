"""Named recipes: every setting of a training run under one word. Knows no data."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from .config import AugmentConfig, MelConfig, ModelConfig, TrainConfig

FOREST = "random-forest"
"""The one method that is no recipe, but runs and is compared like one."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What it takes, besides data and a seed, to fit the same weights again.

    Attributes:
        teacher: Another recipe, with the same front-end, whose runs on the same training folds teach this one:
            part of each target is the mean of their answers. Distillation, Hinton et al., 2015,
            https://arxiv.org/abs/1503.02531
        teacher_seeds: Of those runs.
        taught_share: How much of each target they make up.
    """

    name: str
    summary: str
    mel: MelConfig
    model: ModelConfig
    augment: AugmentConfig
    train: TrainConfig
    teacher: str | None = None
    teacher_seeds: tuple[int, ...] = ()
    taught_share: float = 0.5

    def with_train(self, **changes: Any) -> "Recipe":
        """The same recipe with other training settings."""
        return dataclasses.replace(self, train=dataclasses.replace(self.train, **changes))


_PAPER = Recipe(
    name="paper",
    summary="The paper's: 22,050 Hz, log(1 + S), Adam, cosine warm restarts, mixup 0.4, two masks.",
    mel=MelConfig(
        sample_rate=22_050,
        n_fft=2048,
        win_length=2048,
        hop_length=512,
        n_mels=128,
        f_min=0.0,
        f_max=8_000.0,
        compression="log1p",
        normalisation="clip",
    ),
    model=ModelConfig(depth=18, width=64),
    augment=AugmentConfig(mixes=("log_mel",), mix_alpha=0.4, time_mask=0.2, frequency_mask=0.2),
    train=TrainConfig(
        epochs=100, batch_size=32, optimizer="adam", schedule="warm_restarts", warmup_share=0.0, keep="best"
    ),
)

_SMALL = Recipe(
    name="small",
    summary="A half-width network for two CPU cores and about an hour; trained on every kind of mix.",
    mel=MelConfig(),
    model=ModelConfig(width=32, strides=((2, 2), (2, 1), (2, 2), (2, 2), (2, 2)), dropout=0.2),
    augment=AugmentConfig(
        roll=True,
        gain_db=6.0,
        flip_polarity=True,
        noise_snr_db=30.0,
        speed=(0.85, 1.2),
        mixes=("waveform", "time", "frequency"),
        mix_off_share=0.08,
        time_mask=0.2,
        frequency_mask=0.2,
    ),
    train=TrainConfig(
        epochs=100,
        batch_size=32,
        learning_rate=1e-3,
        weight_decay=0.03,
        warmup_share=0.05,
        gradient_clip=1.0,
        label_smoothing=0.05,
        ema_decay=0.999,
        evaluate_every=5,
    ),
)

# What the paper compares with: its own settings with one thing left out at a time.
_RESNET = dataclasses.replace(
    _PAPER, name="resnet", summary="The paper's, without augmentation.", augment=AugmentConfig()
)
_PLAIN_AUGMENTED = dataclasses.replace(
    _PAPER,
    name="plain-augmented",
    summary="The paper's, without shortcuts.",
    model=dataclasses.replace(_PAPER.model, shortcuts=False),
)
_PLAIN = dataclasses.replace(
    _PLAIN_AUGMENTED,
    name="plain",
    summary="The paper's, without shortcuts and without augmentation.",
    augment=AugmentConfig(),
)

_BEST = Recipe(
    name="best",
    summary="Full width, long, every kind of mix on every batch; meant for a GPU.",
    mel=_SMALL.mel,
    # As small halves the mel axis once more, for half the sums: by hand, a clip takes 60 ms on a busy core, not 101.
    model=dataclasses.replace(_SMALL.model, width=64),
    augment=dataclasses.replace(_SMALL.augment, speed=(0.8, 1.25)),
    train=dataclasses.replace(_SMALL.train, epochs=500, batch_size=128, evaluate_every=10),
)

_DISTILLED = dataclasses.replace(
    _BEST,
    name="distilled",
    summary="As best, and half of each target is what three networks of that recipe answer on average.",
    teacher="best",
    teacher_seeds=(0, 1, 2),
)


def _half(recipe: Recipe) -> Recipe:
    """The same comparison where there are only two CPU cores: by hand, a sixth of the time a step, and two of the
    schedule's periods, so that it ends where the learning rate does."""
    return dataclasses.replace(
        recipe,
        name=f"{recipe.name}-half",
        summary=f"{recipe.summary} Half width and 30 epochs, for two CPU cores.",
        model=dataclasses.replace(recipe.model, width=_SMALL.model.width, strides=_SMALL.model.strides),
        train=dataclasses.replace(recipe.train, epochs=30),
    )


_COMPARED = (_PLAIN, _PLAIN_AUGMENTED, _RESNET, _PAPER)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (_SMALL, _BEST, _DISTILLED, *_COMPARED, *(_half(recipe) for recipe in _COMPARED))
}
