"""Small networks of every kind the config allows, with weights at random but alive."""

import torch
from torch import nn

from audioclf.checkpoint import Checkpoint
from audioclf.classifier import Classifier
from audioclf.config import MelConfig, ModelConfig
from audioclf.labels import ESC50_LABELS
from audioclf.model import SoundModel

UNEVEN = ((2, 2), (2, 1), (2, 2), (2, 2), (2, 2))
KINDS = {
    "18": ModelConfig(width=4),
    "34": ModelConfig(width=4, depth=34),
    "wider": ModelConfig(width=10),
    "uneven": ModelConfig(width=4, strides=UNEVEN),
    "34-uneven": ModelConfig(width=6, depth=34, strides=UNEVEN),
    "plain": ModelConfig(width=4, shortcuts=False),
    "small-stem": ModelConfig(width=4, stem_kernel=3, strides=((1, 1), (1, 1), (2, 2), (2, 2), (2, 2))),
    "max": ModelConfig(width=4, pooling="mean+max", strides=UNEVEN),
}


def random_classifier(config: ModelConfig, n_mels: int = 32, clip_seconds: float = 2.0) -> Classifier:
    """A classifier whose BatchNorms are random too: freshly made ones hide half of each block behind a zero."""
    torch.manual_seed(1)
    mel = MelConfig(n_mels=n_mels, clip_seconds=clip_seconds)
    model = SoundModel(mel, config).eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.3, 0.3)
                module.running_mean.uniform_(-0.3, 0.3)
                module.running_var.uniform_(0.5, 1.5)
        model.network.linear.weight.normal_(0, 0.3)
        model.network.linear.bias.normal_(0, 0.3)
    return Classifier(Checkpoint(model=model, mel=mel, network=config, labels=ESC50_LABELS), "cpu")
