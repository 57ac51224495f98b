"""Every network that a config can describe."""

import dataclasses

import pytest
import torch

from audioclf.config import ModelConfig
from audioclf.recipes import RECIPES
from audioclf.resnet import ResidualBlock, ResNet

CONFIGS = {
    "18": ModelConfig(width=8),
    "34": ModelConfig(depth=34, width=4),
    "plain": ModelConfig(width=8, shortcuts=False),
    "mean+max": ModelConfig(width=8, pooling="mean+max", dropout=0.5),
    "coarse": ModelConfig(width=8, strides=((2, 2),) * 5),
}


@pytest.fixture(params=CONFIGS.values(), ids=CONFIGS.keys())
def network(request) -> ResNet:
    return ResNet(request.param).eval()


def test_logits_for_one_clip_and_for_several(network):
    log_mel = torch.randn(3, 64, 101)
    logits = network(log_mel)
    assert logits.shape == (3, 50)
    torch.testing.assert_close(network(log_mel[:1]), logits[:1], rtol=1e-4, atol=1e-5)


def test_a_batch_of_one_trains(network):
    network.train()(torch.randn(1, 64, 101)).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_the_parts_make_the_whole(network):
    log_mel = torch.randn(2, 64, 101)
    stages = network.forward_intermediates(log_mel)
    assert tuple(stages) == ResNet.STAGES
    torch.testing.assert_close(network.forward_features(log_mel), stages["stage4"])
    torch.testing.assert_close(network.forward_head(stages["stage4"]), network(log_mel))
    features = network.forward_head(stages["stage4"], pre_logits=True)
    torch.testing.assert_close(network.linear(features), network(log_mel))
    mels, frames = 64, 101
    for (name, stage), stride, channels in zip(stages.items(), network.config.strides, (1, 1, 2, 4, 8), strict=True):
        mels, frames = -(-mels // stride[0]), -(-frames // stride[1])
        assert stage.shape == (2, channels * network.config.width, mels, frames), name
        assert stage.min() >= 0


def test_a_block_is_its_formula():
    block = ResidualBlock(4, 8, (2, 1)).eval()
    torch.nn.init.normal_(block.bn2.weight)
    x = torch.randn(2, 4, 16, 16)
    inner = torch.relu(block.bn1(block.conv1(x)))
    assert block.shortcut is not None
    torch.testing.assert_close(block(x), torch.relu(block.bn2(block.conv2(inner)) + block.shortcut(x)))


def test_depth_counts_layers_with_weights():
    for depth in (18, 34):
        network = ResNet(ModelConfig(depth=depth, width=4))
        convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d) and m.kernel_size != (1, 1)]
        assert len(convolutions) + 1 == depth


def test_full_width_has_the_known_size():
    """ResNet-18 for colour pictures has 11,689,512 parameters; ours has one input channel and 50 classes."""
    parameters = sum(p.numel() for p in ResNet(RECIPES["paper"].model).parameters())
    assert parameters == 11_689_512 - 2 * 64 * 49 - 950 * 513


def test_he_initialisation():
    network = ResNet(ModelConfig(width=64))
    weight = network.get_submodule("stage3.1.conv1").weight
    assert weight.std().item() == pytest.approx((2 / (256 * 9)) ** 0.5, rel=0.02)


def test_plain_network_has_no_way_around():
    assert not any("shortcut" in name for name, _ in ResNet(CONFIGS["plain"]).named_parameters())


def test_strides_must_fit_the_stages():
    with pytest.raises(ValueError, match="5 pairs"):
        ResNet(dataclasses.replace(ModelConfig(), strides=((2, 2),)))
