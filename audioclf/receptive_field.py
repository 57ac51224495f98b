"""What each cell of a feature map can see of the log_mel, from the network's own modules. Knows no sound.

   cell 0    cell 1    cell 2                start   first log_mel cell that cell 0 sees
  ┌───────┐                                  size    log_mel cells that each cell sees
  │    ┌──┼────┐                             stride  log_mel cells from one cell to the next
  │    │  │ ┌──┼────┐
──┴────┴──┴─┴──┴────┴──▶ log_mel
"""

from dataclasses import dataclass
from typing import NamedTuple

from torch import nn

from .resnet import ResidualBlock, ResNet


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A row of cells along one axis of the log_mel.

    Attributes:
        start: First log_mel cell that cell 0 sees; below zero where that is padding.
        size: Log_mel cells that one cell sees.
        stride: Log_mel cells from one cell to the next.
    """

    start: int = 0
    size: int = 1
    stride: int = 1

    @property
    def offset(self) -> float:
        """The log_mel cell that cell 0 looks at: the middle of what it sees."""
        return self.start + (self.size - 1) / 2

    def seen(self, cell: int, length: int) -> tuple[int, int]:
        """First log_mel cell that a cell sees, and the one after the last, inside a log_mel that long."""
        first = self.start + cell * self.stride
        return max(first, 0), min(first + self.size, length)

    def behind(self, kernel: int, stride: int, padding: int) -> "Axis":
        """The axis after a convolution over this one."""
        return Axis(
            start=self.start - padding * self.stride,
            size=self.size + (kernel - 1) * self.stride,
            stride=self.stride * stride,
        )

    def joined(self, other: "Axis") -> "Axis":
        """What a sum of two cells sees, one of each."""
        start = min(self.start, other.start)
        return Axis(start=start, size=max(self.start + self.size, other.start + other.size) - start, stride=self.stride)


class ReceptiveField(NamedTuple):
    """What the cells of a feature map see, along both axes."""

    mel: Axis
    frame: Axis


def behind(module: nn.Module, field: ReceptiveField) -> ReceptiveField:
    """The receptive field after a module, given the one before it.

    Raises:
        TypeError: How the module moves cells is not known.
    """
    if isinstance(module, nn.Conv2d):
        shape = zip(field, module.kernel_size, module.stride, module.padding, strict=True)
        return ReceptiveField(*(axis.behind(kernel, stride, int(pad)) for axis, kernel, stride, pad in shape))
    if isinstance(module, nn.BatchNorm2d | nn.ReLU | nn.Identity):
        return field
    if isinstance(module, nn.Sequential):
        for part in module:
            field = behind(part, field)
        return field
    if isinstance(module, ResidualBlock):
        through = behind(module.conv2, behind(module.conv1, field))
        if module.shortcut is None:
            return through
        around = behind(module.shortcut, field)
        return ReceptiveField(*(a.joined(b) for a, b in zip(through, around, strict=True)))
    raise TypeError(f"What {type(module).__name__} sees is not known.")


def receptive_fields(network: ResNet) -> dict[str, ReceptiveField]:
    """What a cell of each stage sees of the log_mel, by the names in `ResNet.STAGES`.

    It is what *can* reach a cell. Within it the middle counts most.

    Source: Araujo et al., 2019, https://distill.pub/2019/computing-receptive-fields/
    """
    fields, field = {}, ReceptiveField(Axis(), Axis())
    for stage in ResNet.STAGES:
        field = fields[stage] = behind(network.get_submodule(stage), field)
    return fields
