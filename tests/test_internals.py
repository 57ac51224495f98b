import numpy as np
import pytest
import torch

from audioclf import internals
from audioclf.classifier import Classifier
from audioclf.resnet import ResNet

from .conftest import tone
from .networks import KINDS, random_classifier


@pytest.fixture(params=KINDS)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return random_classifier(KINDS[request.param])


@pytest.fixture
def clip() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 0.05, 32_000).astype(np.float32)
    noise[8_000:24_000] += tone(900)
    return noise


def test_the_last_front_end_step_is_what_the_network_is_given(tiny_classifier, clip):
    steps = internals.front_end_steps(tiny_classifier, clip)
    with torch.inference_mode():
        given = tiny_classifier.model.front_end(tiny_classifier.pad([clip]))[0]
    assert torch.equal(torch.from_numpy(steps["log_mel"]), given)
    assert steps["spectrogram"].shape == (513, 251)
    assert steps["mel_power"].shape == steps["log_power"].shape == steps["log_mel"].shape == (32, 251)


def test_activations_are_the_networks_own(classifier, clip):
    activations = internals.activations(classifier, clip)
    assert list(activations) == list(ResNet.STAGES)
    answer = internals.head(classifier, activations["stage4"])
    np.testing.assert_array_equal(answer.probabilities, classifier.probabilities([clip])[0])
    assert all((maps >= 0).all() for maps in activations.values())


def test_a_later_start_is_a_later_clip(tiny_classifier, clip):
    late = internals.activations(tiny_classifier, clip, start_seconds=0.5)
    np.testing.assert_array_equal(late["stem"], internals.activations(tiny_classifier, clip[8_000:])["stem"])


def test_channels_come_strongest_first_and_the_silent_ones_are_counted():
    stage = np.zeros((5, 4, 6), np.float32)
    stage[1, 2, 3], stage[3], stage[4, 0, 0] = 9.0, 0.5, 1.0
    assert list(internals.strongest_first(stage)) == [3, 1, 4, 0, 2]
    assert list(internals.silent_channels(stage)) == [0, 2]


def test_a_blocks_parts_add_up_to_its_output_and_the_last_ones_to_the_stage(classifier, clip):
    activations = internals.activations(classifier, clip)
    for stage in ResNet.STAGES[1:]:
        blocks = internals.blocks(classifier, activations, stage)
        for block in blocks:
            total = block.residual if block.shortcut is None else block.residual + block.shortcut
            np.testing.assert_array_equal(block.output, np.maximum(total, 0))
            assert (block.shortcut is not None) == classifier.checkpoint.network.shortcuts
        np.testing.assert_allclose(blocks[-1].output, activations[stage], atol=1e-5)


def test_the_stems_kernels_are_its_weights(classifier):
    side = classifier.checkpoint.network.stem_kernel
    kernel = internals.stem_kernel(classifier, 2)
    assert kernel.shape == (side, side)
    np.testing.assert_array_equal(kernel, classifier.model.state_dict()["network.stem.0.weight"][2, 0].numpy())


def test_the_class_maps_cells_sum_to_the_logit(classifier, clip):
    activations = internals.activations(classifier, clip)
    with torch.inference_mode():
        logits = classifier.model(classifier.pad([clip]))[0].double().numpy()
    for index, label in enumerate(classifier.labels):
        why = internals.class_map(classifier, activations["stage4"], label)
        assert why.cells.shape == activations["stage4"].shape[1:]
        assert abs(why.cells.sum() + why.bias - logits[index]) < 1e-4
        assert why.logit == pytest.approx(logits[index], abs=1e-5)


def test_a_maximum_held_by_several_cells_is_shared_between_them():
    classifier = random_classifier(KINDS["max"])
    maps = np.zeros((32, 2, 8), np.float32)
    maps[0, 0, 1] = maps[0, 1, 3] = 2.0
    why = internals.class_map(classifier, maps, "dog")
    assert why.cells[0, 1] == why.cells[1, 3] != 0
    assert abs(why.cells.sum() + why.bias - why.logit) < 1e-5


def test_a_box_in_seconds_and_hertz(tiny_classifier):
    first = internals.seen_by(tiny_classifier, "stem", 0, 0)
    assert first.mels == (0, 4)
    assert first.frames == (0, 4)
    assert first.seconds == (0.0, pytest.approx((3 * 320 + 512) / 16_000))
    edges_hz = tiny_classifier.model.front_end.band_edges_hz().tolist()
    assert first.hz == (edges_hz[0], edges_hz[5])
    middle = internals.seen_by(tiny_classifier, "stem", 8, 50)
    assert middle.frames == (97, 104)
    assert middle.seconds == (pytest.approx((97 * 320 - 512) / 16_000), pytest.approx((103 * 320 + 512) / 16_000))
    last = internals.seen_by(tiny_classifier, "stage4", 1, 15)
    assert last.seconds[1] == 5.0
    assert last.hz[1] == pytest.approx(8_000, rel=1e-4)


def test_samples_outside_a_box_do_not_reach_its_frames(tiny_classifier):
    box = internals.seen_by(tiny_classifier, "stage1", 4, 60)
    clip = np.random.default_rng(0).normal(0, 0.1, 80_000).astype(np.float32)
    changed = clip.copy()
    first, last = (round(seconds * 16_000) for seconds in box.seconds)
    changed[:first] = changed[last:] = 0.0
    frames = slice(*box.frames)
    before, after = (internals.front_end_steps(tiny_classifier, c)["mel_power"][:, frames] for c in (clip, changed))
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-6)


def test_mean_activations_say_which_recording_excites_a_channel(tiny_classifier, clip):
    quiet = np.zeros(8_000, np.float32)
    means = internals.mean_activations(tiny_classifier, [clip, quiet])
    assert means["stage2"].shape == (2, 8)
    expected = internals.activations(tiny_classifier, clip)["stage2"].mean(axis=(1, 2))
    np.testing.assert_array_equal(means["stage2"][0], expected)
