"""Claims about the built-in dataset; the whole of it is drawn once."""

from hashlib import sha256
from itertools import combinations
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.glyphs import (
    EMBEDDING_DIM,
    HANDS,
    SEED,
    classes_of,
    draw_class,
    features,
    pick,
    uniform,
    write_glyphs,
)
from engine.data.glyphs.chance import uniform_of_each
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore

# Of all images and all embeddings, train then val then test; the same on every machine.
IMAGES_SHA256 = "671fac2d4d2350c9a2a67ad70c6fd54c967698589399646a5c92a04054723f61"
EMBEDDINGS_SHA256 = "1050a739f2517f81cf96f727396c5a7ebf319055d9fdb059a68088d49e93f161"


@pytest.fixture
def store(glyphs_file: Path) -> EmbeddingStore:
    """Return the Glyphs store, written for these tests."""
    return EmbeddingStore(glyphs_file)


def test_drawing_ends_where_nobody_wants_it_and_leaves_no_file(tmp_path: Path) -> None:
    """Whoever is told of progress ends it: at the next class, of 250."""
    told: list[float] = []

    def progress(fraction: float) -> None:
        told.append(fraction)
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_glyphs(tmp_path / "glyphs.h5", progress)
    assert told == [1 / 250, 2 / 250, 3 / 250]
    assert not list(tmp_path.iterdir())


def images_of(store: EmbeddingStore, split: str) -> NDArray[np.uint8]:
    """Return all images of a split, (n, 28, 28, 1)."""
    images = store.images(split, range(store.splits[split].examples))
    assert images is not None
    return images


def embeddings_of(store: EmbeddingStore, split: str) -> NDArray[np.float32]:
    """Return all embeddings of a split, (n, D)."""
    return np.concatenate(list(store.chunks(split)))


def test_images_are_the_same_on_every_machine(store: EmbeddingStore) -> None:
    digest = sha256()
    for split in SPLITS:
        digest.update(images_of(store, split).tobytes())
    assert digest.hexdigest() == IMAGES_SHA256


def test_embeddings_are_the_same_on_every_machine(store: EmbeddingStore) -> None:
    digest = sha256()
    for split in SPLITS:
        digest.update(embeddings_of(store, split).tobytes())
    assert digest.hexdigest() == EMBEDDINGS_SHA256


def test_a_class_drawn_alone_is_the_same_as_in_the_whole(store: EmbeddingStore) -> None:
    rows = slice(7 * HANDS, 8 * HANDS)
    images = draw_class(7)
    np.testing.assert_array_equal(images, images_of(store, "train")[rows])
    np.testing.assert_array_equal(features(images), embeddings_of(store, "train")[rows])


def test_every_split_has_forty_images_of_each_of_its_classes(store: EmbeddingStore) -> None:
    assert {split: store.splits[split].classes for split in SPLITS} == {
        "train": 160,
        "val": 40,
        "test": 50,
    }
    for summary in store.splits.values():
        assert summary.smallest_class == summary.largest_class == HANDS == 40


def test_no_class_is_in_two_splits(store: EmbeddingStore) -> None:
    for one, other in combinations(SPLITS, 2):
        assert not set(store.class_names(one)) & set(store.class_names(other))


def test_an_image_is_named_after_its_class_and_its_hand(store: EmbeddingStore) -> None:
    row = (217 - classes_of("test").start) * HANDS + 5
    assert store.class_names("test")[row // HANDS] == "glyph-217"
    assert store.image_names("test")[row] == "glyph-217/hand-05"


def test_ink_never_touches_the_edge_of_the_frame(store: EmbeddingStore) -> None:
    for split in SPLITS:
        images = images_of(store, split)
        for edge in (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]):
            assert not edge.any()


def test_every_image_shows_a_letter(store: EmbeddingStore) -> None:
    for split in SPLITS:
        inked = np.count_nonzero(images_of(store, split) > 127, axis=(1, 2, 3))
        assert inked.min() > 20  # of 784 pixels
        assert inked.max() < 350


def test_no_two_images_are_equal(store: EmbeddingStore) -> None:
    images = {image.tobytes() for split in SPLITS for image in images_of(store, split)}
    assert len(images) == 250 * HANDS


def test_embeddings_have_length_one(store: EmbeddingStore) -> None:
    for split in SPLITS:
        embeddings = embeddings_of(store, split)
        assert embeddings.shape[1] == store.embedding_dim == EMBEDDING_DIM
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, rtol=1e-6)


def test_the_embedding_of_a_blank_image_is_zero() -> None:
    assert not features(np.zeros((1, 28, 28, 1), np.uint8)).any()


def accuracy_of_nearest_support(embeddings: NDArray[np.floating]) -> float:
    """Return the accuracy on 2000 episodes of 5 ways, 1 shot and 15 queries per class.

    With one shot a class mean is its support example, and cosines are all there is to know.
    """
    embeddings = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    cosines = embeddings @ embeddings.T
    random = np.random.default_rng(0)
    correct = 0
    for _ in range(2000):
        classes = random.choice(len(embeddings) // HANDS, 5, replace=False)
        hands = random.permuted(np.tile(np.arange(HANDS), (5, 1)), axis=1)
        rows = classes[:, None] * HANDS + hands
        support, query = rows[:, 0], rows[:, 1:16]
        predicted = cosines[query[..., None], support].argmax(axis=-1)
        correct += int(np.count_nonzero(predicted == np.arange(5)[:, None]))
    return correct / (2000 * 5 * 15)


def test_nearest_class_mean_is_right_more_often_than_not_but_far_from_always(
    store: EmbeddingStore,
) -> None:
    assert 0.50 < accuracy_of_nearest_support(embeddings_of(store, "test")) < 0.80


def test_what_train_classes_say_of_the_hands_helps_on_test_classes(store: EmbeddingStore) -> None:
    train, test = embeddings_of(store, "train"), embeddings_of(store, "test")
    by_class = train.reshape(-1, HANDS, EMBEDDING_DIM)
    within = (by_class - by_class.mean(axis=1, keepdims=True)).reshape(-1, EMBEDDING_DIM)
    variances, directions = np.linalg.eigh(within.T @ within / len(within))
    whitening = directions / np.sqrt(variances + 0.1 * variances.mean())
    whitened = (test - train.mean(axis=0)) @ whitening
    assert accuracy_of_nearest_support(whitened) > accuracy_of_nearest_support(test) + 0.08


def test_chance_is_uniform_and_broadcasts_like_its_keys() -> None:
    numbers = uniform("chance", *np.ogrid[:100, :200])
    assert numbers.shape == (100, 200)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    counts = np.bincount((numbers * 10).astype(int).ravel(), minlength=10)
    assert np.abs(counts - 2000).max() < 200  # five standard deviations


def test_chance_is_splitmix64() -> None:
    """A key of one part is two steps of the published generator, checked in whole numbers."""

    def mix(state: int) -> int:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        state = (state ^ state >> 27) * 0x94D049BB133111EB % 2**64
        return state ^ state >> 31

    assert mix(0) == 0xE220A8397B1DCDAF  # the generator's first number for seed 0
    bits = mix(mix(SEED + crc32(b"slant")) + 5)
    assert uniform("slant", 5).tolist() == [(bits >> 11) / 2**53]


def test_a_pick_is_by_the_number_of_the_same_key() -> None:
    for key in ((), (0,), (249, 1, 2), (-1, 2**40)):
        assert pick(2**50, "chord", *key).tolist() == [int(uniform("chord", *key)[0] * 2**50)]


def test_numbers_of_several_names_are_those_of_each() -> None:
    hands = np.arange(5)
    several = uniform_of_each(("slant", "pen"), 3, hands)
    assert several.shape == (2, 5)
    np.testing.assert_array_equal(several, [uniform(name, 3, hands) for name in ("slant", "pen")])
