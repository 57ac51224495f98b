"""The residual network: log_mel in, logits out. Knows no sound, no labels and no training."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .config import ModelConfig

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Residual blocks in the four stages. Source: He et al., 2015, table 1, https://arxiv.org/abs/1512.03385"""


class ResidualBlock(nn.Module):
    """Two convolutions and a way around them.

        x ─┬─ conv ─ BN ─ ReLU ─ conv ─ BN ─(+)─ ReLU ─▶ y
           └──────────── shortcut ───────────┘

    The shortcut is the identity, or a 1×1 convolution with BatchNorm where the shape changes.

    Args:
        in_channels: Channels of x.
        out_channels: Channels of y.
        stride: (mel, frame) stride of the first convolution.
        shortcut: False leaves the way around out: a plain block.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: tuple[int, int], shortcut: bool = True):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut: nn.Module | None = None
        if shortcut and (stride != (1, 1) or in_channels != out_channels):
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )
        elif shortcut:
            self.shortcut = nn.Identity()

    def residual(self, x: Float[Tensor, "batch in mels frames"]) -> Float[Tensor, "batch out mels2 frames2"]:
        """What the block adds to its shortcut: BN(conv(ReLU(BN(conv(x)))))."""
        return self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))

    def forward(self, x: Float[Tensor, "batch in mels frames"]) -> Float[Tensor, "batch out mels2 frames2"]:
        residual = self.residual(x)
        return torch.relu(residual if self.shortcut is None else residual + self.shortcut(x))


class ResNet(nn.Module):
    """Initial convolution, four residual stages of rising width, global pooling, linear layer.

        log_mel ─ stem ─ stage1 ─ stage2 ─ stage3 ─ stage4 ─ pooling ─ dropout ─ linear ─▶ logits
                  width   width   2·width  4·width  8·width

    Args:
        config: Depth, width, strides and the rest.

    Source:
        He et al., 2015, https://arxiv.org/abs/1512.03385, with one input channel and no max pooling.
    """

    STAGES = ("stem", "stage1", "stage2", "stage3", "stage4")

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        if len(config.strides) != len(self.STAGES):
            raise ValueError(f"strides needs {len(self.STAGES)} pairs, for {', '.join(self.STAGES)}.")
        stem_stride, *stage_strides = config.strides
        self.stem = nn.Sequential(
            nn.Conv2d(1, config.width, config.stem_kernel, stem_stride, padding=config.stem_kernel // 2, bias=False),
            nn.BatchNorm2d(config.width),
            nn.ReLU(),
        )
        channels = config.width
        for index, (blocks, stride) in enumerate(zip(BLOCKS[config.depth], stage_strides, strict=True)):
            stage = nn.Sequential()
            for block in range(blocks):
                width = config.width * 2**index
                stage.append(ResidualBlock(channels, width, stride if block == 0 else (1, 1), config.shortcuts))
                channels = width
            self.add_module(self.STAGES[index + 1], stage)
        self.features = channels * (2 if config.pooling == "mean+max" else 1)
        self.dropout = nn.Dropout(config.dropout)
        self.linear = nn.Linear(self.features, config.n_classes)
        self._initialise()

    def _initialise(self) -> None:
        """He initialisation, and a zero last scale in each block so that training starts near identity.

        Source: He et al., 2015, https://arxiv.org/abs/1502.01852; Goyal et al., 2017, §5.1.
        """
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if self.config.shortcuts:
            for module in self.modules():
                if isinstance(module, ResidualBlock):
                    nn.init.zeros_(module.bn2.weight)
        nn.init.normal_(self.linear.weight, std=0.01)
        nn.init.zeros_(self.linear.bias)

    def forward_intermediates(
        self, log_mel: Float[Tensor, "batch mels frames"]
    ) -> dict[str, Float[Tensor, "batch _ _ _"]]:
        """Every stage's activations, by the names in `STAGES`, in their order.

        Each is (batch, channels, mels / stride so far, frames / stride so far), after its last ReLU.
        """
        x = log_mel.unsqueeze(1)
        activations = {}
        for name in self.STAGES:
            x = self.get_submodule(name)(x)
            activations[name] = x
        return activations

    def forward_features(
        self, log_mel: Float[Tensor, "batch mels frames"]
    ) -> Float[Tensor, "batch channels mels2 frames2"]:
        """The last stage's activations."""
        return self.forward_intermediates(log_mel)[self.STAGES[-1]]

    def forward_head(
        self, activations: Float[Tensor, "batch channels mels frames"], pre_logits: bool = False
    ) -> Float[Tensor, "batch _"]:
        """Pool the last stage's activations and weigh them into logits.

        Args:
            activations: From `forward_features`.
            pre_logits: Return the pooled features instead.
        """
        features = activations.mean(dim=(-2, -1))
        if self.config.pooling == "mean+max":
            features = torch.cat([features, activations.amax(dim=(-2, -1))], dim=1)
        return features if pre_logits else self.linear(self.dropout(features))

    def forward(self, log_mel: Float[Tensor, "batch mels frames"]) -> Float[Tensor, "batch classes"]:
        """Classify.

        Args:
            log_mel: From `LogMel`.

        Returns:
            Logits: the softmax comes after.
        """
        return self.forward_head(self.forward_features(log_mel))
