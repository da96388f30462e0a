"""Fingerprint of a store: a short text that tells whether a run was trained on these contents."""

import hashlib

import numpy as np

from engine.data.store import EmbeddingStore

# Rows of each split that are looked at: two stores that differ rarely agree in all of them, and
# gigabytes need not be read.
_ROWS = 64


def fingerprint(store: EmbeddingStore) -> str:
    """Hash the names of all classes and examples, and some embeddings of every split.

    Raises
    ------
    BadInput
        If the file cannot be read any more.
    """
    digest = hashlib.sha256()
    for name, split in store.splits.items():
        digest.update("\n".join([name, *store.class_names(name)]).encode())
        for names in store.image_name_chunks(name):  # of millions of examples, a part at a time
            digest.update("".join(f"\n{each}" for each in names).encode())
        digest.update(store.class_offsets(name).tobytes())
        rows = np.unique(np.linspace(0, split.examples - 1, _ROWS).astype(np.int64))
        digest.update(store.embeddings(name, rows.tolist()).tobytes())
    return digest.hexdigest()
