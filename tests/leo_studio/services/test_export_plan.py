from itertools import pairwise
from pathlib import Path

import pytest

from engine.export.formats import FORMATS
from leo_studio.services.export_plan import file_stem, format_named, renamed, target_of
from leo_studio.services.stages import read_stage, stage_line


@pytest.mark.parametrize(
    ("text", "now", "chosen"),
    [
        ("/a/model.onnx", "bundle", "onnx"),
        ("model.pt2", "bundle", "torch-export"),
        ("model.pt", "onnx", "pytorch"),
        ("model.safetensors", "bundle", "safetensors"),
        ("model.safetensors", "episodes", "episodes"),  # of that format too
        ("e.npz", "safetensors", "episodes"),
        ("model.leo", "onnx", "bundle"),
        ("model.zip", "onnx", "onnx"),
        ("model", "pytorch", "pytorch"),
        ("", "pytorch", "pytorch"),
    ],
)
def test_an_ending_chooses_its_format(text: str, now: str, chosen: str) -> None:
    assert format_named(text, FORMATS, now) == chosen


def test_a_format_that_is_not_offered_is_not_chosen() -> None:
    assert format_named("model.onnx", ("bundle", "episodes"), "bundle") == "bundle"


def test_a_format_gives_a_name_its_ending_and_back() -> None:
    names = ["bundle", "safetensors", "onnx", "pytorch", "torch-export", "bundle"]
    text, said = "/a/v1.2 model.leo", []
    for old, new in pairwise(names):
        text = renamed(text, FORMATS[old], FORMATS[new])
        said.append(Path(text).name)
    assert said == [
        "v1.2 model.safetensors",
        "v1.2 model-onnx",
        "v1.2 model.pt",
        "v1.2 model-torch-export",
        "v1.2 model.leo",
    ]
    assert text == "/a/v1.2 model.leo"


def test_models_of_several_files_go_into_a_folder_without_the_ending() -> None:
    assert target_of("/a/model.onnx", FORMATS["onnx"]) == Path("/a/model")
    assert target_of("/a/model", FORMATS["onnx"]) == Path("/a/model")
    assert target_of("/a/model.onnx", FORMATS["bundle"]) == Path("/a/model.onnx")


def test_a_stage_is_read_as_it_was_told_and_other_lines_are_none() -> None:
    assert read_stage(stage_line(0.25, "Tracing adapt.onnx") + "\n") == (0.25, "Tracing adapt.onnx")
    assert read_stage("leo-studio: no such run") is None
    assert read_stage("stage: soon") is None


def test_a_files_name_is_made_of_a_runs_title() -> None:
    assert file_stem("5-way 1-shot, leaves100, seed 0") == "5-way-1-shot-leaves100-seed-0"
    assert file_stem("../a\\b:c?") == "a-b-c"
    assert file_stem("葉" * 300) == "葉" * 60
    assert file_stem("???") == "model"
