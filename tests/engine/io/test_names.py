"""Tests of what is said about names that a person has mistyped."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.requirements import no_such_split
from engine.errors import BadInput
from engine.export.formats import FORMATS
from engine.io.names import nearest_name, one_of
from engine.runs.library import Library


@pytest.mark.parametrize(
    ("name", "meant"), [("onxn", "onnx"), ("ONNX", "onnx"), ("bundel", "bundle"), ("zip", None)]
)
def test_the_nearest_name_is_found_whatever_its_case(name: str, meant: str | None) -> None:
    assert nearest_name(name, FORMATS) == meant


def test_all_names_are_listed_also_where_one_is_meant() -> None:
    assert one_of("tets", ["val", "test"]) == "did you mean test? There are val, test."
    assert one_of("x", ["val", "test"]) == "choose one of val, test."


def test_mistyped_presets_runs_stores_and_splits_are_asked_back(tmp_path: Path) -> None:
    library = Library(tmp_path)
    (library.runs / "night-20260101-120000").mkdir(parents=True)
    (library.runs / "night-20260101-120000" / "run.json").write_text("{}")
    library.stores.mkdir(exist_ok=True)
    (library.stores / "groceries.h5").touch()
    mistakes: tuple[tuple[Callable[[str], Path], str, str], ...] = (
        (library.experiment_path, "glyphs-5way-1shott", "mean glyphs-5way-1shot?"),
        (library.run_folder, "nihgt-20260101-120000", "mean night-20260101-120000? See"),
        (library.existing_store, "grocreies", "mean groceries? "),
        (library.existing_store, "glyhps", "mean glyphs? "),
    )
    for find, name, meant in mistakes:
        with pytest.raises(BadInput) as caught:
            find(name)
        assert meant in str(caught.value)
    assert no_such_split("toy.h5", "tets", ["train", "test"]).endswith("test: did you mean test?")
