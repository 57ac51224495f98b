import copy
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from audioclf import internals
from audioclf.classifier import Classifier
from audioclf.resnet import ResNet
from audioclf.what_if import Change, hide, logits, what_if, with_noise

from .conftest import tone
from .networks import KINDS, random_classifier


@pytest.fixture(params=KINDS)
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return random_classifier(KINDS[request.param])


@pytest.fixture
def clip() -> np.ndarray:
    return (tone(700, 2.0) + np.random.default_rng(0).normal(0, 0.05, 32_000)).astype(np.float32)


def test_everything_off_is_the_first_answer_bit_for_bit(classifier, clip):
    before = classifier.probabilities([clip])[0]
    what_if(classifier, clip, Change(muted=(("stage1", 0),), without_shortcuts=("stage2",), noise_db=0.0))
    assert (what_if(classifier, clip, Change()) == before).all()
    assert (classifier.probabilities([clip])[0] == before).all()


@pytest.mark.parametrize("stage", ResNet.STAGES)
def test_muting_a_channel_is_zeroing_it_in_the_network(classifier, clip, stage):
    channel = int(internals.strongest_first(internals.activations(classifier, clip)[stage])[0])

    def zero(module, inputs, output):
        output[:, channel] = 0.0
        return output

    broken = Classifier(copy.deepcopy(classifier.checkpoint), "cpu")
    broken.model.network.get_submodule(stage).register_forward_hook(zero)
    muted = what_if(classifier, clip, Change(muted=((stage, channel),)))
    assert (muted == broken.probabilities([clip])[0]).all()
    assert (muted != classifier.probabilities([clip])[0]).any()


def test_muting_a_channel_is_taking_its_weights_away(classifier, clip):
    broken = copy.deepcopy(classifier.model)
    with torch.no_grad():
        first = broken.network.stage3[0]
        first.conv1.weight[:, 3] = 0.0
        if first.shortcut is not None:
            first.shortcut[0].weight[:, 3] = 0.0
        after = broken(classifier.pad([clip]))
    np.testing.assert_allclose(
        what_if(classifier, clip, Change(muted=(("stage2", 3),))), classifier.calibrated(after)[0], rtol=1e-5
    )


@pytest.mark.parametrize("stage", ResNet.STAGES[1:])
def test_without_shortcuts_only_the_residuals_are_left(classifier, clip, stage):
    broken = Classifier(copy.deepcopy(classifier.checkpoint), "cpu")
    for block in broken.model.network.get_submodule(stage):
        block.shortcut = None
    expected = broken.probabilities([clip])[0]
    assert (what_if(classifier, clip, Change(without_shortcuts=(stage,))) == expected).all()


def test_a_hidden_stretch_and_a_hidden_band_are_zero_and_nothing_else(tiny_classifier):
    log_mel = torch.rand(1, 32, 251) + 1
    change = Change(hidden_seconds=(1.0, 2.0), hidden_hz=(300.0, 1_000.0))
    hidden = hide(tiny_classifier, log_mel, change)[0] == 0
    band_hz = tiny_classifier.model.front_end.band_hz()
    band = (band_hz >= 300) & (band_hz <= 1_000)
    assert hidden[:, 50:101].all()
    assert hidden[band].all()
    rest = hidden[~band]
    assert not rest[:, :50].any()
    assert not rest[:, 101:].any()
    assert torch.equal(hide(tiny_classifier, log_mel, Change()), log_mel)


def test_noise_is_as_much_louder_as_asked_and_the_same_each_time():
    clip = tone(440, 2.0)
    for noise_db in (-20.0, 0.0, 10.0):
        added = with_noise(clip, noise_db) - clip
        measured = 20 * np.log10(np.sqrt(np.mean(added**2)) / np.sqrt(np.mean(clip**2)))
        assert measured == pytest.approx(noise_db, abs=0.2)
    assert (with_noise(clip, 0.0) == with_noise(clip, 0.0)).all()


def test_visitors_do_not_disturb_each_other(clip):
    classifier = random_classifier(KINDS["18"])
    changes = [Change(), Change(muted=(("stem", 0), ("stem", 1))), Change(without_shortcuts=("stage1", "stage2"))] * 4
    alone = [what_if(classifier, clip, change) for change in changes]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda change: what_if(classifier, clip, change), changes))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


def test_the_logits_of_no_change_are_the_networks(classifier, clip):
    with torch.inference_mode():
        log_mel = classifier.model.front_end(classifier.pad([clip]))
        assert torch.equal(logits(classifier.model.network, log_mel, Change()), classifier.model.network(log_mel))
