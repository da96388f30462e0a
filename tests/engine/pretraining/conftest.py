"""A small store of pictures."""

import pytest

from engine.data.store import EmbeddingStore
from tests.pictures_store import write_pictures_store


@pytest.fixture(scope="session")
def pictures_store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingStore:
    return write_pictures_store(tmp_path_factory.mktemp("pictures") / "patterns.h5")
