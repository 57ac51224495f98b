"""What is told of the loaded weights: as measured, or not at all."""

import dataclasses

import pytest

from audioclf import reference
from audioclf.labels import ESC50_LABELS, LABELS


def with_provenance(loaded, **provenance):
    return dataclasses.replace(loaded, provenance=provenance)


def test_every_sound_is_there_in_five_groups_of_ten(tiny_checkpoint):
    grouped = list(reference.groups(reference.sounds(tiny_checkpoint)))
    assert [(name, len(members)) for name, members in grouped] == [
        (group, 10) for group in dict.fromkeys(label.group for label in LABELS)
    ]
    assert [sound.label.name for _, members in grouped for sound in members] == list(ESC50_LABELS)


def test_a_measured_sound(tiny_checkpoint):
    row = {"clips": 8, "accuracy": 0.625, "mistaken_for": {"cat": 1, "crow": 2}}
    dog, rooster, *_ = reference.sounds(with_provenance(tiny_checkpoint, per_class={"dog": row}))
    assert (dog.accuracy, dog.clips, dog.right) == (0.625, 8, 5)
    assert [(label.title, count) for label, count in dog.mistaken_for] == [("Crow", 2), ("Cat", 1)]
    assert (rooster.accuracy, rooster.clips, rooster.right, rooster.mistaken_for) == (None, None, None, ())


def test_a_sound_without_test_recordings_has_no_accuracy(tiny_checkpoint):
    row = {"clips": 0, "accuracy": None, "mistaken_for": {}}
    assert reference.sounds(with_provenance(tiny_checkpoint, per_class={"dog": row}))[0].right is None


def test_nothing_measured_is_nothing_told(tiny_checkpoint):
    whole = reference.whole(tiny_checkpoint)
    assert whole.accuracy is whole.top3 is whole.calibration_error is whole.clips is whole.fold is None
    assert whole.parameters == sum(parameter.numel() for parameter in tiny_checkpoint.model.parameters())


@pytest.mark.parametrize(("fold", "says_nothing"), [(4, False), (1, True)])
def test_figures_from_a_training_fold_are_told_as_such(tiny_checkpoint, fold, says_nothing):
    loaded = with_provenance(tiny_checkpoint, train_folds=[1, 2, 3, 5], figures={"fold": fold, "accuracy": 0.9})
    assert reference.whole(loaded).trained_on_fold is says_nothing


def test_own_labels_are_one_group(tiny_checkpoint):
    loaded = dataclasses.replace(tiny_checkpoint, labels=("kettle", "front_door"))
    [(group, members)] = reference.groups(reference.sounds(loaded))
    assert group == "Sounds"
    assert [sound.label.title for sound in members] == ["Kettle", "Front door"]
