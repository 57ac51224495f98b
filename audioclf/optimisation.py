"""How weights move: the learning rate's schedule, the optimizer, the running average. Knows no data."""

import math

import torch
from torch import nn

from .config import TrainConfig


def learning_rate(config: TrainConfig, step: int, steps_per_epoch: int) -> float:
    """The rate at a step, a pure function so that nothing needs to be remembered.

    Source: Loshchilov & Hutter, 2017, eq. 5, https://arxiv.org/abs/1608.03983
    """
    if config.schedule == "warm_restarts":
        position, period = step / steps_per_epoch, float(config.restart_epochs)
        while position >= period:
            position -= period
            period *= config.restart_factor
        return config.learning_rate * 0.5 * (1 + math.cos(math.pi * position / period))
    total = config.epochs * steps_per_epoch
    warmup = config.warmup_share * total
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(total - warmup, 1)))


def make_optimizer(config: TrainConfig, model: nn.Module) -> torch.optim.Optimizer:
    """The optimizer; biases and BatchNorm scales take no weight decay."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return kind(groups, lr=config.learning_rate, betas=(0.9, 0.999), fused=True)


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the averaged weights and BatchNorm statistics a little towards the current ones."""
    old, new = list(average.state_dict().values()), list(model.state_dict().values())
    floats = [index for index, tensor in enumerate(old) if tensor.is_floating_point()]
    torch._foreach_lerp_([old[i] for i in floats], [new[i] for i in floats], 1 - decay)
    for index, tensor in enumerate(old):
        if not tensor.is_floating_point():
            tensor.copy_(new[index])
