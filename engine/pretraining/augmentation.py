"""Augmentation of a whole batch at once: one resampling for all moves, one matrix for all colours.

Shapes: B pictures of C channels, k by k pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional

# How bright the channels look (ITU-R BT.601).
_GREY = (0.299, 0.587, 0.114)


def moved(pictures: Tensor, maps: Tensor, side: int) -> Tensor:
    """Return what affine maps make of pictures, (B, C, side, side) from 0 to 1.

    Parameters
    ----------
    pictures
        (B, C, k, k) uint8.
    maps
        (B, 2, 3); see `engine.pretraining.draws.Draws`. What lies beyond an edge is as the edge.
    side
        Height and width of the results.
    """
    channels = pictures.to(torch.float32).div_(255)
    grid = functional.affine_grid(maps, [*channels.shape[:2], side, side], align_corners=False)
    return functional.grid_sample(
        channels, grid, mode="bilinear", padding_mode="border", align_corners=False
    )


def recoloured(channels: Tensor, factors: Tensor) -> Tensor:
    """Change brightness, contrast and saturation of pictures (B, C, k, k) by factors (B, 3).

    In this order, as three steps would; all three are linear, so one matrix does them.
    """
    count = channels.shape[1]
    brightness, contrast, saturation = (each.view(-1, 1, 1) for each in factors.unbind(1))
    grey = channels.new_tensor(_GREY if count == 3 else [1 / count] * count)
    mean = channels.mean((2, 3)) @ grey  # of each picture's grey values
    keeps = torch.eye(count, device=channels.device)
    matrices = brightness * contrast * (saturation * keeps + (1 - saturation) * grey)
    shifts = (1 - contrast) * brightness * mean.view(-1, 1, 1)
    changed = torch.baddbmm(shifts, matrices, channels.flatten(2))
    return changed.clamp_(0, 1).view_as(channels)
