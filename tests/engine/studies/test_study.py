"""The file of a study: what it holds, and one clear sentence for each mistake."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.studies.catalogue import find_study, study_files
from engine.studies.study import load_study
from tests.engine.studies.conftest import MakeStudy


def test_a_study_is_read_as_it_was_written(make_study: MakeStudy, tmp_path: Path) -> None:
    figures = {"LEO": {"1-shot": [61.76, 0.08]}}
    published = {"source": "Table 1", "comparable": "Nothing is.", "figures": figures}
    study = make_study(published=published, split="val", about="A try")
    path = tmp_path / "copy.yaml"
    path.write_text(study.to_yaml())
    assert load_study(path) == study
    assert study.columns[0].changes == {"task.k_shot": 1}

    more = study.with_parts(seeds=7, set={"learner.kind": "ridge"})
    assert (more.seeds, more.changes, more.rows) == (7, {"learner.kind": "ridge"}, study.rows)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": []}, "rows is []; it must be a list, with at least 1 entry."),
        ({"rows": "x"}, "rows is 'x'; it must be a list, with at least 1 entry."),
        ({"rows": [{"name": "a", "sett": {}}]}, "rows.sett is not a setting; did you mean rows.s"),
        ({"rows": [{"name": "a"}, {"name": "a"}]}, 'rows has "a" twice; name each otherwise.'),
        ({"seeds": 0}, "seeds is 0; it must be at least 1 and at most 1000."),
        ({"split": "train"}, "split is 'train'; it must be one of val, test."),
        ({"against": "Leo"}, 'against names "Leo"; there are "Class mean", "LEO".'),
        ({"rowz": 1}, "rowz is not a setting; did you mean rows?"),
        ({"name": "a b"}, "name is 'a b'; it must be 1 to 100 letters"),
        (
            {"published": {"source": "x", "comparable": "y", "figures": {"LEO": {"9-shot": [1]}}}},
            "published.figures is [1]; it must be a group of names and values.",
        ),
        (
            {
                "published": {
                    "source": "x",
                    "comparable": "y",
                    "figures": {"LEO": {"9-shot": [1, 2]}},
                }
            },
            'published.figures.LEO names "9-shot"; there are "1-shot", "2-shot".',
        ),
        ({"schema": 2}, "has schema 2; this version of LEO Studio reads up to 1"),
    ],
)
def test_a_mistake_is_one_sentence_with_file_and_field(
    make_study: MakeStudy, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        make_study(**changes)
    assert sentence in str(refused.value)
    assert str(tmp_path / "study.yaml") in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_no_study_or_not_there_is_refused(tmp_path: Path) -> None:
    for text, sentence in (("[1]", "is no study"), ("a: [", "is not valid YAML")):
        path = tmp_path / "no.yaml"
        path.write_text(text)
        with pytest.raises(BadInput, match=sentence):
            load_study(path)
    with pytest.raises(BadInput, match="check the path"):
        load_study(tmp_path / "gone.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    with pytest.raises(BadInput, match="save it as UTF-8"):
        load_study(tmp_path / "latin.yaml")


def test_studies_are_found_by_name_or_path(make_study: MakeStudy, tmp_path: Path) -> None:
    study = make_study()
    assert find_study(str(tmp_path / "study.yaml")) == study
    assert all(find_study(name).name == name for name in study_files())
    with pytest.raises(BadInput, match="did you mean table-2-glyphs"):
        find_study("table-2-glyph")
