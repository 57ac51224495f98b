import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from audioclf.receptive_field import Axis, receptive_fields
from audioclf.resnet import ResNet

from .networks import KINDS

SHAPE = (16, 260)
"""Long enough for the boxes of the first three stages of the shallow networks to end inside it."""


def all_paths_open(network: ResNet) -> ResNet:
    """The network with positive weights: no ReLU closes, and no two paths cancel."""
    network = copy.deepcopy(network).double().eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.abs_().add_(0.01)
                module.weight.div_(module.weight.sum() / module.out_channels)
            if isinstance(module, nn.BatchNorm2d):
                module.weight.fill_(1.0)
                module.bias.fill_(0.1)
    return network


@pytest.mark.parametrize("kind", KINDS)
def test_a_cells_gradient_is_zero_outside_its_box_and_nowhere_inside(kind):
    network = all_paths_open(ResNet(replace(KINDS[kind], width=2)))
    fields = receptive_fields(network)
    log_mel = torch.ones(1, *SHAPE, dtype=torch.float64, requires_grad=True)
    for stage, maps in network.forward_intermediates(log_mel).items():
        rows, columns = maps.shape[2:]
        for row, column in ((0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)):
            (gradient,) = torch.autograd.grad(maps[0, 0, row, column], log_mel, retain_graph=True)
            inside = torch.zeros(SHAPE, dtype=torch.bool)
            field = fields[stage]
            inside[slice(*field.mel.seen(row, SHAPE[0])), slice(*field.frame.seen(column, SHAPE[1]))] = True
            assert torch.equal(gradient[0] > 0, inside), (stage, row, column)
            assert not gradient[0][~inside].any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_looks_at_the_middle_of_what_it_sees(kind):
    for field in receptive_fields(ResNet(KINDS[kind])).values():
        # Every kernel is odd and evenly padded, so the maps stay over the log_mel.
        assert field.mel.offset == field.frame.offset == 0


def test_the_sizes_of_resnet_18_by_hand():
    fields = receptive_fields(ResNet(KINDS["18"]))
    assert fields["stem"].frame == Axis(start=-3, size=7, stride=2)
    # Four 3x3 kernels at stride 2, each reaching 2 cells of the stem further.
    assert fields["stage1"].frame == Axis(start=-3 - 4 * 2, size=7 + 4 * 2 * 2, stride=2)


def test_the_stride_is_the_product_of_the_strides_so_far():
    fields = receptive_fields(ResNet(KINDS["uneven"]))
    assert [field.mel.stride for field in fields.values()] == [2, 4, 8, 16, 32]
    assert [field.frame.stride for field in fields.values()] == [2, 2, 4, 8, 16]


def test_an_unknown_module_is_an_error_and_no_guess():
    network = ResNet(KINDS["18"])
    network.stem.append(nn.MaxPool2d(2))
    with pytest.raises(TypeError, match="MaxPool2d"):
        receptive_fields(network)
