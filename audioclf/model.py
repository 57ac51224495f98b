"""Front-end and network as one module: waveforms in, logits out. What a checkpoint holds."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .config import MelConfig, ModelConfig
from .mel import LogMel
from .resnet import ResNet


class SoundModel(nn.Module):
    """`LogMel`, then `ResNet`.

    Args:
        mel: The front-end's config.
        model: The network's config.
    """

    def __init__(self, mel: MelConfig, model: ModelConfig):
        super().__init__()
        self.front_end = LogMel(mel)
        # Convolutions read all channels of a cell at once: by hand, a sixth off a batch of eight on two CPU cores.
        self.network = ResNet(model).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]

    def forward(self, waveforms: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch classes"]:
        """Classify.

        Args:
            waveforms: Clips in [-1, 1] at the front-end's sample_rate.

        Returns:
            Logits.
        """
        return self.network(self.front_end(waveforms))
