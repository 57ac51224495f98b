import numpy as np
import pytest

from audioclf import internals, playback
from audioclf.resnet import ResNet

from .conftest import tone


def level(waveform: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(waveform))))


@pytest.fixture
def clip() -> np.ndarray:
    return (tone(300, 5.0) + tone(3_000, 5.0)).astype(np.float32) / 2


def test_a_mask_of_ones_gives_the_clip_back_and_one_of_zeros_silence(tiny_classifier, clip):
    ones = np.ones((32, 251))
    np.testing.assert_allclose(playback.filtered(tiny_classifier, clip, ones), clip, atol=1e-5)
    assert not playback.filtered(tiny_classifier, clip, 0 * ones).any()
    short = clip[:20_000]
    np.testing.assert_allclose(playback.filtered(tiny_classifier, short, ones), short, atol=1e-5)


def test_a_mask_over_the_low_bands_keeps_the_low_tone(tiny_classifier, clip):
    band_hz = tiny_classifier.model.front_end.band_hz().numpy()
    mask = np.repeat((band_hz < 1_000)[:, None], 251, axis=1).astype(float)
    kept = playback.filtered(tiny_classifier, clip, mask)
    assert level(kept - tone(300, 5.0) / 2) < 0.05 * level(kept)


def test_a_map_lies_over_the_log_mel_where_its_cells_look(tiny_classifier):
    activations = internals.activations(tiny_classifier, tone(440, 5.0))
    for stage in ResNet.STAGES:
        cells = np.zeros(activations[stage].shape[1:])
        row, column = cells.shape[0] // 2, cells.shape[1] // 2
        cells[row, column] = 1.0
        over = playback.laid_over(tiny_classifier, stage, cells)
        assert over.shape == (32, 251)
        box = internals.seen_by(tiny_classifier, stage, row, column)
        peak = np.unravel_index(over.argmax(), over.shape)
        stride = round(251 / cells.shape[1])
        assert over.max() == 1.0
        assert peak[1] == column * stride
        assert not over[:, : box.frames[0]].any()
        assert not over[:, box.frames[1] :].any()


def test_a_channel_that_fires_on_one_tone_lets_that_one_through(tiny_classifier):
    clip = np.concatenate([tone(300, 2.5), tone(3_000, 2.5)])
    channel = np.zeros((16, 126), np.float32)
    band_hz = tiny_classifier.model.front_end.band_hz().numpy()
    channel[np.abs(band_hz[::2] - 3_000).argmin() - 1 :, 63:] = 4.0
    heard = playback.heard_by(tiny_classifier, clip, "stem", channel)
    assert level(heard[:38_000]) < 0.02
    assert level(heard[42_000:]) == pytest.approx(level(clip[42_000:]), rel=0.05)
    assert not playback.heard_by(tiny_classifier, clip, "stem", 0 * channel).any()


def test_a_patch_lasts_as_long_as_its_box_and_holds_its_frequencies(tiny_classifier, clip):
    box = internals.seen_by(tiny_classifier, "stage1", 2, 60)
    assert box.hz[1] < 2_000
    sound = playback.patch(tiny_classifier, clip, box)
    assert len(sound) == pytest.approx((box.seconds[1] - box.seconds[0]) * 16_000, abs=1)
    spectrum = np.abs(np.fft.rfft(sound))
    hz = np.fft.rfftfreq(len(sound), 1 / 16_000)
    assert spectrum[np.abs(hz - 3_000) < 100].max() < 0.05 * spectrum[np.abs(hz - 300) < 100].max()


def test_a_faint_sound_is_made_audible_but_hiss_is_not_made_loud():
    loud = tone(440, 1.0)
    assert np.abs(playback.made_audible(loud / 10, loud)).max() == pytest.approx(np.abs(loud).max())
    assert np.abs(playback.made_audible(loud / 10_000, loud)).max() < 0.01
    assert not playback.made_audible(np.zeros(10, np.float32), loud).any()
