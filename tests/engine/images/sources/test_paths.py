"""Tests of classes and splits that folders tell."""

from pathlib import PurePosixPath

import pytest

from engine.images.sources.paths import pictures_at


def notes_of(*names: str) -> list[str]:
    return pictures_at([PurePosixPath(name) for name in names], "sets")[1]


def test_several_collections_are_named_and_one_can_be_chosen() -> None:
    pictures, (note,) = pictures_at(
        [PurePosixPath(name) for name in ("a/cat/1.png", "a/dog/1.png", "b/cat/1.png")], "sets"
    )
    assert {each.class_name for each in pictures} == {"a/cat", "a/dog", "b/cat"}
    assert note == (
        'In sets, 2 collections ("a" and "b") are imported together; the names of classes begin '
        'with the collection, such as "a/cat". To import one collection alone, choose its folder.'
    )


@pytest.mark.parametrize(
    "names",
    [
        ("cat/1.png", "dog/1.png"),
        ("a/cat/1.png", "a/dog/1.png"),  # one collection: what all share is no part of a name
        ("train/cat/1.png", "test/dog/1.png"),  # splits
        ("a/cat/1.png", "dog/1.png"),  # a class beside a collection
    ],
)
def test_one_collection_needs_no_note(names: tuple[str, ...]) -> None:
    assert notes_of(*names) == []
