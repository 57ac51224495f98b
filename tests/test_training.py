"""Training on a tiny synthetic set: it learns, it survives being cut, and it is the same twice."""

import dataclasses
import json
import math

import pytest
import torch

from audioclf import training
from audioclf.config import AugmentConfig, TrainConfig
from audioclf.dataset import Dataset
from audioclf.model import SoundModel
from audioclf.optimisation import learning_rate, update_average
from audioclf.recipes import RECIPES
from audioclf.training import Trainer

CPU = torch.device("cpu")


def tones(clips: int, samples: int, classes: int = 4) -> Dataset:
    """Each class a chord of its own, in noise."""
    generator = torch.Generator().manual_seed(1)
    time = torch.arange(samples) / 16_000
    class_indices = torch.arange(clips) % classes
    waveforms = 0.02 * torch.randn(clips, samples, generator=generator)
    for row, index in zip(waveforms, class_indices.tolist(), strict=True):
        row += 0.2 * torch.sin(2 * math.pi * 300 * (index + 1) * time)
    return Dataset(
        waveforms=(waveforms * 32767).to(torch.int16),
        class_indices=class_indices,
        folds=torch.ones(clips, dtype=torch.long),
        sources=tuple(map(str, range(clips))),
        recordings=tuple(map(str, range(clips))),
        labels=tuple(f"chord{index}" for index in range(classes)),
    )


def shrink(name: str, **train):
    """A recipe as it is, but for a clip of half a second and a network of a few channels."""
    recipe = RECIPES[name]
    return dataclasses.replace(
        recipe,
        mel=dataclasses.replace(recipe.mel, clip_seconds=0.5, n_mels=32),
        model=dataclasses.replace(recipe.model, width=4, n_classes=4),
        train=dataclasses.replace(recipe.train, batch_size=4, **train),
    )


@pytest.mark.parametrize("name", RECIPES)
def test_a_cut_run_reaches_the_same_weights(name, tmp_path):
    recipe = shrink(name, epochs=3, evaluate_every=1)
    data = tones(10, recipe.mel.clip_samples)

    def trainer(folder=None):
        return Trainer(recipe, data, data, folder=folder, seed=3, device=CPU)

    whole = trainer().fit(progress=False)
    trainer(tmp_path).fit(progress=False, stop_after=1)
    torch.manual_seed(999)
    cut = trainer(tmp_path)
    assert cut.run.epochs == 1
    rest = cut.fit(progress=False)
    for (key, expected), found in zip(whole.model.state_dict().items(), rest.model.state_dict().values(), strict=True):
        assert torch.equal(expected, found), key
    assert rest.last == whole.last
    assert [row["loss"] for row in rest.history] == [row["loss"] for row in whole.history]
    assert json.loads((tmp_path / "history.json").read_text()) == rest.history


def test_another_seed_is_another_run():
    recipe = shrink("small", epochs=1)
    data = tones(8, recipe.mel.clip_samples)
    first, second = (Trainer(recipe, data, seed=seed, device=CPU).fit(progress=False) for seed in (0, 1))
    assert not torch.equal(first.model.network.linear.weight, second.model.network.linear.weight)


def test_it_can_learn_eight_clips_by_heart():
    recipe = shrink(
        "small", epochs=80, evaluate_every=80, ema_decay=None, weight_decay=0.0, label_smoothing=0.0, learning_rate=5e-3
    )
    recipe = dataclasses.replace(recipe, augment=AugmentConfig())
    data = tones(8, recipe.mel.clip_samples)
    run = Trainer(recipe, data, data, device=CPU, bfloat16=False).fit(progress=False)
    assert run.last["accuracy"] == 1.0
    assert run.history[-1]["loss"] < 0.05


def test_a_teachers_answers_are_a_part_of_each_target():
    recipe = dataclasses.replace(shrink("small"), taught_share=0.25)
    data = tones(8, recipe.mel.clip_samples)
    teacher = SoundModel(recipe.mel, recipe.model)
    alone = Trainer(recipe, data, device=CPU, bfloat16=False)
    taught = Trainer(recipe, data, device=CPU, bfloat16=False, teachers=[teacher, teacher])
    # One after the other: both draw from the same generators.
    for (log_mel, plain), (same, targets) in zip(list(alone.batches(0)), list(taught.batches(0)), strict=True):
        torch.testing.assert_close(same, log_mel)
        with torch.no_grad():
            answers = teacher.eval().network(log_mel).softmax(dim=1)
        torch.testing.assert_close(targets, 0.75 * plain + 0.25 * answers)


def test_best_and_last_are_told_apart():
    recipe = shrink("paper", epochs=4, evaluate_every=1)
    data = tones(8, recipe.mel.clip_samples)
    trainer = Trainer(recipe, data, data, device=CPU, bfloat16=False)
    run = trainer.fit(progress=False)
    scores = [row["test_accuracy"] for row in run.history]
    assert run.last["epoch"] == 4 and run.last["accuracy"] == scores[-1]
    assert run.train_accuracy == run.last["accuracy"], "the same clips, and the last epoch's weights, not the best's"
    assert run.best["accuracy"] == max(scores)
    assert run.best["epoch"] == scores.index(max(scores)) + 1
    waveforms, class_indices = training.device_clips(data, CPU)
    kept = training.predict(run.model, waveforms)
    assert (kept.argmax(axis=1) == class_indices.numpy()).mean() == run.best["accuracy"]


def test_curves_and_pictures_are_written(tmp_path):
    recipe = shrink("small", epochs=1)
    data = tones(8, recipe.mel.clip_samples)
    Trainer(recipe, data, data, folder=tmp_path, device=CPU).fit(progress=False, tensorboard=True)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path)).Reload().Tags()
    assert {"loss", "train_accuracy", "test_accuracy", "learning_rate"} <= set(events["scalars"])
    assert events["images"] == ["augmented log_mel"]


def test_averaged_weights_trail_behind():
    new, old = torch.nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    torch.nn.init.constant_(new.weight, 2.0)
    new.num_batches_tracked += 7
    update_average(old, new, 0.9)
    torch.testing.assert_close(old.weight, torch.full((3,), 1.1))
    assert old.num_batches_tracked == 7


def test_cosine_rises_then_falls_to_nothing():
    config = TrainConfig(epochs=10, warmup_share=0.1, learning_rate=1.0)
    rates = [learning_rate(config, step, 10) for step in range(100)]
    assert rates[:11] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.0])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_warm_restarts_come_back_after_longer_and_longer_periods():
    config = TrainConfig(schedule="warm_restarts", restart_epochs=2, restart_factor=2, learning_rate=1.0)
    rates = [learning_rate(config, step, 5) for step in range(70)]
    assert [step for step, rate in enumerate(rates) if rate == 1.0] == [0, 10, 30]
