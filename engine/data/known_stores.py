"""Stores that presets name, and how a person gets them."""

import re

from engine.data.built_in import BUILT_IN_STORE


def how_to_get(store: str) -> str:
    """Say how a store comes into the library, by its name."""
    if store == BUILT_IN_STORE:
        return "It is made when a glyphs preset is first trained."
    if store in ("miniImageNet", "tieredImageNet"):
        return "Import the released embeddings with: leo-studio import deepmind embeddings.zip"
    if store == "omniglot_full_png":
        return (
            "Train an encoder on the pictures first: leo-studio pretrain pretrain-omniglot-conv4 "
            "--images omniglot_full_png.zip --splits split/"
        )
    if store == "grocery_84":
        return "Make it of the pictures with: leo-studio import images grocery_84.zip"
    if re.search(r"-\d+px$", store):
        return "Its pictures are decoded with: leo-studio pretrain PRESET --images PATH"
    return "Import one with leo-studio import, or give the path of an .h5 file."
