"""Conv-4: four convolutions of 64 maps (Vinyals et al. 2016, section 4; Snell et al. 2017)."""

from torch import Tensor, nn

from engine.images.backbones.backbone import (
    Backbone,
    BackboneSettings,
    ConvNorm,
    mean_over_space,
)

WIDTH = 64


class Conv4(Backbone):
    """Four times: convolution, batch normalisation, ReLU, maximum of 2 by 2.

    Features are all positions of the last maps, or their average. With a drop rate, features are
    dropped while it is trained.
    """

    def __init__(self, settings: BackboneSettings) -> None:
        super().__init__(settings)
        channels = (settings.in_channels, WIDTH, WIDTH, WIDTH)
        # With a bias, which the normalisation takes away again, as published weights have it.
        self.blocks = nn.ModuleList(
            ConvNorm(nn.Conv2d(before, WIDTH, 3, padding=1)) for before in channels
        )
        self.drop = nn.Dropout(settings.drop_rate)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, (B, D), of normalised images, (B, C, H, W)."""
        maps = images
        for block in self.blocks:
            maps = nn.functional.max_pool2d(block(maps).relu(), 2)
        features = maps.flatten(1) if self.layer == "flat" else mean_over_space(maps)
        dropped: Tensor = self.drop(features)
        return dropped
