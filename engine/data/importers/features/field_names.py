"""What fields and columns are called in files of the field, in small letters; no torch."""

from typing import Final

EMBEDDING_NAMES: Final = (
    "embeddings",
    "embedding",
    "features",
    "feature",
    "feats",
    "feat",
    "vectors",
    "vector",
    "data",
    "x",
)
LABEL_NAMES: Final = ("labels", "label", "targets", "target", "y")
CLASS_NAMES: Final = ("class_names", "label_names", "target_names", "classes")
IMAGE_NAMES: Final = (
    "names",
    "name",
    "image_names",
    "image_name",
    "images",
    "image",
    "filenames",
    "filename",
    "paths",
    "path",
    "keys",
)
SPLIT_NAMES: Final = ("split", "splits")
