"""Where pictures come from: folders, archives, tables and pickles, read as they lie."""

from engine.images.sources.decoding import BrokenPicture, decoded
from engine.images.sources.holding import holds_pictures
from engine.images.sources.loose import loose_pictures
from engine.images.sources.opening import opened_pictures
from engine.images.sources.source import Picture, PictureSource

__all__ = [
    "BrokenPicture",
    "Picture",
    "PictureSource",
    "decoded",
    "holds_pictures",
    "loose_pictures",
    "opened_pictures",
]
