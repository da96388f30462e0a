"""Wide residual network WRN-28-10 (Zagoruyko and Komodakis 2016), as LEO and S2M2 take it.

Layers are counted as in Rusu et al. 2019: one for the first convolution and two for each block, so
that layer 21 is the end of the second block of the third group.
"""

from torch import Tensor, nn
from torch.nn import functional

from engine.images.backbones.backbone import (
    Backbone,
    BackboneSettings,
    ConvNorm,
    conv1x1,
    conv3x3,
    mean_over_space,
)

WIDTHS = (16, 160, 320, 640)
BLOCKS_OF_GROUP = 4


class WideResNet(Backbone):
    """Three groups of four blocks, each with norms and ReLU before its convolutions.

    Parameters
    ----------
    settings
        Its layer "layer21" gives the average of that layer's sums, "last" that of the last block
        after the last normalisation and ReLU. The drop rate is of numbers between the two
        convolutions of a block.
    strides
        Steps of the groups' first convolutions: (2, 2, 2) halves images three times.
    """

    def __init__(self, settings: BackboneSettings, strides: tuple[int, int, int]) -> None:
        super().__init__(settings)
        self.stem = conv3x3(settings.in_channels, WIDTHS[0])
        self.groups = nn.ModuleDict(
            {
                str(n): _group(WIDTHS[n - 1], WIDTHS[n], strides[n - 1], settings.drop_rate)
                for n in (1, 2, 3)
            }
        )
        self.norm = nn.BatchNorm2d(WIDTHS[3])

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (B, D), of normalised images, (B, C, H, W)."""
        maps = self.groups["2"](self.groups["1"](self.stem(images)))
        for place, block in enumerate(self.groups["3"].children()):
            maps = block(maps)
            if self.layer == "layer21" and place == 1:
                return mean_over_space(maps)
        return mean_over_space(functional.relu(self.norm(maps), inplace=True))


class PreActivationBlock(nn.Module):
    """Two convolutions, each after a norm and ReLU, beside the identity.

    Where the number of maps changes, a convolution of 1 by 1 takes the place of the identity.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, drop_rate: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.conv1 = ConvNorm(conv3x3(in_channels, out_channels, stride))
        self.drop = nn.Dropout(drop_rate)
        self.conv2 = conv3x3(out_channels, out_channels)
        changes = in_channels != out_channels
        self.shortcut = conv1x1(in_channels, out_channels, stride) if changes else None

    def forward(self, maps: Tensor) -> Tensor:
        """Return the sum of the maps, or their shortcut, and of what the convolutions add."""
        activated = functional.relu(self.norm(maps), inplace=True)
        residual = self.drop(functional.relu(self.conv1(activated), inplace=True))
        beside = maps if self.shortcut is None else self.shortcut(activated)
        summed: Tensor = beside + self.conv2(residual)
        return summed


def _group(in_channels: int, out_channels: int, stride: int, drop_rate: float) -> nn.Sequential:
    """Return the blocks of one group; the first changes the number of maps and their size."""
    first = PreActivationBlock(in_channels, out_channels, stride, drop_rate)
    others = (
        PreActivationBlock(out_channels, out_channels, 1, drop_rate)
        for _ in range(BLOCKS_OF_GROUP - 1)
    )
    return nn.Sequential(first, *others)
