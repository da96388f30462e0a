"""Manifold mixup (Verma et al. 2019; Mangla et al. 2020, S2M2): feature maps mixed in between."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from engine.images.backbones.backbone import Backbone
from engine.pretraining.draws import Mixing


@contextmanager
def mixed_inside(backbone: Backbone, mixing: Mixing) -> Iterator[None]:
    """Let a backbone mix the batch with itself, inside the block, where `mixing` says.

    That is what it is given, or the feature maps after one of its stages but the last.
    """
    places = [None, *stages(backbone)[:-1]]
    stage = places[int(mixing.place * len(places))]

    def mixed(maps: Tensor) -> Tensor:
        return mixing.share * maps + (1 - mixing.share) * maps[mixing.partners]

    if stage is None:
        hook = backbone.register_forward_pre_hook(lambda _, given: (mixed(given[0]),))
    else:
        hook = stage.register_forward_hook(lambda _module, _given, maps: mixed(maps))
    try:
        yield
    finally:
        hook.remove()


def stages(backbone: Backbone) -> list[nn.Module]:
    """Return the stages that a backbone goes through, one after the other."""
    groups = (nn.ModuleList, nn.ModuleDict)
    chain = next(each for each in backbone.children() if isinstance(each, groups))
    return list(chain.children())
