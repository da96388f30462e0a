"""Records of an import of pictures: what a look found, and what a person chose; no torch."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.config.names import name_like
from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.picture_choices import Views

if TYPE_CHECKING:
    from engine.images.looking import PictureLook


@dataclass(frozen=True, slots=True)
class EncoderEntry:
    """An encoder that may be chosen.

    Attributes
    ----------
    name
        As an import takes it; "" where a path is to be given.
    title
        What people choose.
    note
        A sentence on what it has seen.
    wants
        Which path is to be given.
    trains
        Where there is none yet: the preset of the pre-training that makes one of these pictures.
    kept_side
        Height and width in pixels of the pictures that it learns from.
    """

    name: str
    title: str
    note: str
    wants: Literal["", "file", "folder"] = ""
    trains: str = ""
    kept_side: int = 0


@dataclass(frozen=True, slots=True)
class FoundPictures:
    """Pictures that a look found, and what can make embeddings of them.

    Attributes
    ----------
    look
        Their classes and some of them.
    encoders
        What may be chosen; the first one is meant unless `missing` says something.
    missing
        How to get the usual encoder; "" where it is installed.
    """

    look: "PictureLook"
    encoders: tuple[EncoderEntry, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """How pictures are to become a store.

    Attributes
    ----------
    encoder
        A name, or the path of a file or a folder; "" where none is chosen yet.
    trains, kept_side
        See `EncoderEntry`.
    views
        How many crops make an embedding.
    splits
        How classes are divided.
    """

    encoder: str = ""
    trains: str = ""
    kept_side: int = 0
    views: Views = "center"
    splits: SplitChoice = DRAWN


def picture_store_name(name: str, kept_side: int) -> str:
    """Return what a store of pictures is called, such as "omniglot_full_png-32px"."""
    return f"{name_like(name)}-{kept_side}px"
