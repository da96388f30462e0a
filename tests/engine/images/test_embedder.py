"""Claims about embedding new pictures and drawings as a store's own were."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.glyphs import DOTS, bezier, classes_of, letter
from engine.data.store import EmbeddingStore
from engine.images.drawings import draw_strokes
from engine.images.embedder import Embedder
from engine.images.encoders import Framing, open_encoder
from engine.images.importing import import_pictures
from engine.images.sources import opened_pictures
from tests.engine.images.pictures import write_folders

CPU = torch.device("cpu")


@pytest.mark.parametrize("views", ["center", "mean"])
def test_pictures_of_a_store_get_the_embeddings_that_it_has(tmp_path: Path, views: str) -> None:
    folder = write_folders(tmp_path / "pictures", {f"{n}": 3 for n in range(4)})
    framing = Framing(side=20, crop=0.75, views=views)  # type: ignore[arg-type]
    out = tmp_path / "store.h5"
    import_pictures(folder, out, open_encoder("pixels", CPU, framing), CPU)
    store = EmbeddingStore(out)
    embedder = Embedder.of(store, CPU)
    with opened_pictures(folder) as source:
        by_name = {each.name: source.pixels(n) for n, each in enumerate(source.pictures)}
    for split in store.splits:
        rows = range(store.splits[split].examples)
        pictures = [by_name[name] for name in store.image_names(split)]
        np.testing.assert_allclose(
            embedder.embed(pictures), store.embeddings(split, rows), rtol=1e-6
        )


def test_no_pictures_have_no_embeddings(tmp_path: Path) -> None:
    assert Embedder(open_encoder("pixels", CPU)).embed([]).shape == (0, 196)


def test_a_drawn_letter_looks_like_the_stores_letters(glyphs_file: Path) -> None:
    """Drawn anywhere, in any size, it is nearest to its own class of fifty."""
    store = EmbeddingStore(glyphs_file)
    embedder = Embedder.of(store, CPU)
    means = np.concatenate(list(store.chunks("test"))).reshape(50, 40, -1).mean(axis=1)
    drawn = [
        embedder.drawing([400 * stroke + 37 for stroke in bezier(letter(label), DOTS)])
        for label in classes_of("test")
    ]
    nearest = (embedder.embed(drawn) @ means.T).argmax(axis=1)
    assert (nearest == np.arange(50)).mean() >= 0.9


def test_drawings_do_not_depend_on_place_and_size() -> None:
    strokes = [np.array([(0.0, 0.0), (3.0, 5.0), (6.0, 0.0)]), np.array([(1.0, 2.0), (5.0, 2.0)])]
    moved = [64 * stroke + 512 for stroke in strokes]
    picture = draw_strokes(strokes, 84)
    np.testing.assert_array_equal(picture, draw_strokes(moved, 84))
    assert picture.shape == (84, 84, 3) and picture[0, 0, 0] == 255 and picture.min() == 0


def test_a_dot_is_a_drawing_and_no_stroke_is_a_blank_one(glyphs_file: Path) -> None:
    dot = [np.array([(5.0, 5.0)])]
    embedder = Embedder.of(EmbeddingStore(glyphs_file), CPU)
    assert embedder.drawing(dot).max() > 250 and embedder.drawing([]).max() == 0
    assert draw_strokes(dot, 40).min() == 0 and draw_strokes([], 40).min() == 255
