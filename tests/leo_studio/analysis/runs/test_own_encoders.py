"""Which encoders an import may choose beside those from elsewhere."""

from dataclasses import replace
from pathlib import Path

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.images.looking import PictureLook
from leo_studio.analysis.runs.own_encoders import with_own_encoders
from leo_studio.services.pictures import EncoderEntry, FoundPictures
from leo_studio.services.records import PresetEntry, RunEntry

LOOK = PictureLook(16, 96, says_splits=False, samples=())
ELSEWHERE = (EncoderEntry("usual", "Usual", ""), EncoderEntry("pixels", "Pixels", ""))


def preset(name: str, *, is_built_in: bool = True) -> PresetEntry:
    path = built_in_presets() / f"{name}.yaml"
    return PresetEntry(name, path, is_built_in, load_experiment(path))


def run(name: str, preset_name: str, created: str) -> RunEntry:
    experiment = load_experiment(built_in_presets() / f"{preset_name}.yaml")
    return RunEntry(
        Path("/runs") / name,
        shown_title=name,
        experiment=experiment,
        created=created,
        store="fruit-32px",
        checkpoints=(6000,),
    )


def test_runs_that_learned_come_after_the_usual_one_and_trainings_last() -> None:
    runs = [
        run("older", "pretrain-omniglot-conv4", "2026-01-01T00:00:00+00:00"),
        run("newer", "pretrain-grocery-resnet12", "2026-01-02T00:00:00+00:00"),
        run("leo", "glyphs-5way-1shot", "2026-01-03T00:00:00+00:00"),
        replace(run("new", "pretrain-omniglot-conv4", "2026-01-04T00:00:00+00:00"), checkpoints=()),
        replace(run("bad", "pretrain-omniglot-conv4", "2026-01-05T00:00:00+00:00"), problem="no"),
    ]
    presets = [
        preset("glyphs-5way-1shot"),
        preset("pretrain-omniglot-conv4"),
        preset("pretrain-grocery-resnet12", is_built_in=False),
    ]
    found = with_own_encoders(FoundPictures(LOOK, ELSEWHERE), runs, presets).encoders
    assert [entry.title for entry in found] == [
        "Usual",
        "Trained here: newer",
        "Trained here: older",
        "Pixels",
        "None yet: train one (pretrain-omniglot-conv4)",
    ]
    assert found[1].name == "/runs/newer" and "fruit-32px alone" in found[1].note
    assert (found[-1].trains, found[-1].kept_side) == ("pretrain-omniglot-conv4", 32)
    assert not found[-1].name


def test_where_the_usual_one_is_missing_runs_come_first() -> None:
    runs = [run("own", "pretrain-omniglot-conv4", "2026-01-01T00:00:00+00:00")]
    found = with_own_encoders(FoundPictures(LOOK, ELSEWHERE[1:], "install it"), runs, [])
    assert [entry.title for entry in found.encoders] == ["Trained here: own", "Pixels"]
    assert found.missing == "install it"
