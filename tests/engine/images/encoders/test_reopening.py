"""Claims about encoders that are opened again by a store's record."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.images.encoders import (
    Framing,
    encoder_of,
    open_encoder,
    reopened_encoder,
    why_no_encoder,
)
from engine.images.encoders.encoder import two_pictures
from tests.engine.images.encoders.test_onnx_encoder import write_model

CPU = torch.device("cpu")


def test_an_encoder_is_opened_again_with_what_a_person_said_of_it(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.onnx")
    framing = Framing(mean=(0.1, 0.2, 0.3), std=(0.5,) * 3, crop=0.5, trained_on="pears")
    first = open_encoder(str(path), CPU, framing)
    again = reopened_encoder(first.record, CPU, str(path))
    assert again.record == first.record
    torch.testing.assert_close(again.encode(two_pictures(16)), first.encode(two_pictures(16)))


def test_another_encoder_of_the_same_name_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.onnx")
    record = open_encoder(str(path), CPU).record
    write_model(path, metadata={"note": "trained again"})
    with pytest.raises(BadInput, match="its checksum is another; give the right one"):
        reopened_encoder(record, CPU, str(path))
    with pytest.raises(BadInput, match="its kind is another"):
        reopened_encoder(record, CPU, "pixels")


def test_an_encoder_that_is_gone_is_asked_for(tmp_path: Path) -> None:
    record = open_encoder(str(write_model(tmp_path / "a.onnx")), CPU).record
    with pytest.raises(BadInput, match=r"cannot be opened: There is no encoder at a\.onnx.*--enc"):
        reopened_encoder(record, CPU)


def test_a_store_of_embeddings_alone_says_that_it_cannot(toy_store: EmbeddingStore) -> None:
    assert "does not say how its embeddings were made" in why_no_encoder(toy_store)
    with pytest.raises(BadInput, match="leo-studio import images"):
        encoder_of(toy_store, CPU)


def test_images_of_the_built_in_store_get_the_embeddings_that_it_has(glyphs_file: Path) -> None:
    store = EmbeddingStore(glyphs_file)
    encoder = encoder_of(store, CPU)
    images = store.images("test", range(40))
    assert images is not None
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
    expected = store.embeddings("test", range(40))
    np.testing.assert_array_equal(encoder.encode(pictures).numpy(), expected)
    # Ink on paper is the same letter.
    np.testing.assert_array_equal(encoder.encode(255 - pictures).numpy(), expected)
