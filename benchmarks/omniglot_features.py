"""Make an archive for `leo-studio import arrays` of Omniglot, with features that need no training.

    python benchmarks/omniglot_features.py OMNIGLOT_FOLDER OUT.npz

The folder holds `omniglot28_bits.npz` and `split/{train,val,test}.json`. The features are those of
the built-in glyphs: histograms of gradient orientations.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from engine.data.glyphs import features


def main(folder: Path, out: Path) -> None:
    with np.load(folder / "omniglot28_bits.npz") as file:
        bits = np.unpackbits(file["images_packed"], axis=1)[:, :784].reshape(-1, 28, 28, 1)
        labels, class_names = file["labels"], [str(name) for name in file["class_names"]]
    split_of: dict[str, str] = {}
    for split in ("train", "val", "test"):
        text = (folder / "split" / f"{split}.json").read_text(encoding="utf-8")
        split_of |= {name: split for name in _character_names(json.loads(text))}
    images = (255 * bits).astype(np.uint8)
    splits = np.array([split_of[_normalised(class_names[label])] for label in labels])
    np.savez(
        out,
        embeddings=features(images),
        labels=labels,
        class_names=np.array(class_names),
        split=splits,
        images=images,
    )
    print(f"{out}: {len(labels)} examples, {dict(Counter(splits.tolist()))}")


def _character_names(value: object, prefix: str = "") -> list[str]:
    """Flatten {"images_background": {"Alphabet": ["character01", ...]}} or a list of paths."""
    if isinstance(value, dict):
        return [
            name
            for key, inner in value.items()
            for name in _character_names(inner, f"{prefix}{key}/")
        ]
    assert isinstance(value, list)
    return [_normalised(f"{prefix}{name}") for name in value]


def _normalised(name: str) -> str:
    """Keep the alphabet and the character of a path."""
    return "/".join(name.strip("/").split("/")[-2:])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
