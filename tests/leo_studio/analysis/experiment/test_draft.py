from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    Experiment,
    Kinds,
    classification,
    experiment_from_dict,
    load_experiment,
    setting_values,
    settings,
)
from engine.config.built_in import built_in_presets
from leo_studio.analysis.experiment.draft import Draft, nested
from leo_studio.analysis.experiment.draft_history import History
from leo_studio.analysis.experiment.form_layout import breakable, groups

BASE = experiment_from_dict({"name": "base", "data": {"store": "glyphs"}}, "test")


EVERY = "schedule.validate_every"


def edited(**values: Any) -> Draft:
    draft = Draft.of(BASE)
    for path, value in values.items():
        draft = draft.with_value(path.replace("__", "."), value)
    return draft


def test_a_new_draft_is_its_experiment_and_differs_in_nothing() -> None:
    draft = Draft.of(BASE)

    assert draft.experiment() == BASE
    assert draft.changed == ()
    assert draft.title == "base"


def test_nested_settings_are_those_that_were_flat() -> None:
    assert nested(setting_values(BASE)) == BASE.to_dict()


def test_a_changed_setting_differs_until_it_is_reset() -> None:
    draft = edited(learner__dropout=0.5, task__n_way=7)

    assert draft.changed == ("task.n_way", "learner.dropout")
    assert draft.reset("learner.dropout").changed == ("task.n_way",)
    assert draft.reset_all().experiment() == BASE


def test_a_value_that_is_typed_back_no_longer_differs() -> None:
    assert edited(learner__dropout=0.3).changed == ()


def test_a_wrong_value_is_kept_and_makes_no_experiment() -> None:
    draft = edited(learner__dropout="much")

    assert draft.values["learner.dropout"] == "much"
    assert draft.experiment() is None
    assert list(draft.mistakes()) == ["learner.dropout"]


def test_every_setting_but_the_schema_stands_in_the_form_once() -> None:
    paths = [path for group in groups() for path in group.paths + group.rare]

    assert sorted(paths) == sorted(path for path, _ in settings() if path != "schema")


def test_the_form_is_arranged_for_people() -> None:
    arranged = {group.title: group for group in groups()}

    titles = ["Data", "Task", "Learner", "Optimiser", "Schedule", "Evaluation", "Run"]
    assert list(arranged) == titles
    assert arranged["Task"].rare == ("task.kind",)
    assert arranged["Learner"].paths[3:7] == (
        "learner.inner_steps",
        "learner.inner_lr",
        "learner.finetuning_steps",
        "learner.finetuning_lr",
    )
    assert arranged["Optimiser"].rare == tuple(
        f"optimizer.{name}" for name in ("clip_value", "clip_norm", "clip_all", "decay", "warm_up")
    )
    assert [title for title, group in arranged.items() if group.is_collapsed] == ["Evaluation"]
    assert arranged["Run"].paths == ("name", "run.seed", "run.device")
    assert arranged["Run"].rare == (
        "description",
        "run.cuda_graph",
        "run.tf32",
        "run.compile",
        "run.deterministic",
        "run.threads",
    )


def test_the_form_has_what_the_kind_of_learner_has() -> None:
    arranged = {group.title: group.paths for group in groups(Kinds(learner="ridge"))}

    assert list(arranged) == ["Data", "Task", "Learner", "Evaluation", "Run"]
    assert arranged["Learner"] == ("learner.kind", "learner.penalty", "learner.scale")
    protonet = {group.title: group.paths for group in groups(Kinds(learner="protonet"))}
    assert list(protonet) == list(group.title for group in groups())
    assert protonet["Learner"][1] == "learner.projected_size"


def test_another_kind_comes_with_its_defaults_and_only_it_is_a_difference() -> None:
    draft = edited(learner__l2_weight=0.5, learner__kind="protonet")

    assert draft.values["learner.projected_size"] == 64
    assert draft.values["learner.l2_weight"] == 1e-8
    assert "learner.dropout" not in draft.values
    assert draft.changed == ("learner.kind",)
    assert draft.experiment() == BASE.with_settings({"learner.kind": "protonet"})
    smaller = draft.with_value("learner.projected_size", 8)
    assert smaller.changed == ("learner.kind", "learner.projected_size")
    assert smaller.reset("learner.projected_size") == draft
    assert smaller.reset_all().experiment() == BASE


def test_what_was_set_for_a_kind_is_there_when_one_comes_back_to_it() -> None:
    leo = edited(learner__dropout="much", learner__l2_weight=0.5, task__n_way=7)
    protonet = leo.with_value("learner.kind", "protonet").with_value("learner.projected_size", 8)
    back = protonet.with_value("learner.kind", "leo")

    assert back == leo
    again = back.with_value("learner.kind", "ridge").with_value("learner.kind", "protonet")
    assert again == protonet
    assert again.changed == ("task.n_way", "learner.kind", "learner.projected_size")


def test_a_reset_of_the_kind_comes_back_to_what_was_set() -> None:
    protonet = Draft.of(BASE.with_settings({"learner.kind": "protonet"}))
    leo = protonet.with_value("learner.projected_size", 8).with_value("learner.kind", "leo")

    assert leo.changed == ("learner.kind",)
    assert leo.values["learner.dropout"] == 0.3
    assert leo.reset("learner.kind").values["learner.projected_size"] == 8


def test_what_is_of_no_use_is_neither_a_difference_nor_a_mistake_and_is_kept() -> None:
    wrong = edited(schedule__steps="many", task__n_way=7)
    ridge = wrong.with_value("learner.kind", "ridge")

    assert ridge.mistakes() == {}
    assert ridge.changed == ("task.n_way", "learner.kind")
    experiment = ridge.experiment()
    assert experiment is not None
    assert experiment.schedule == BASE.schedule and classification(experiment).n_way == 7
    assert ridge.with_value("learner.kind", "leo") == wrong


def test_kinds_are_undone_and_redone_with_their_settings() -> None:
    history = History(edited(learner__dropout=0.5))
    for kind in ("protonet", "ridge"):
        history.edit("learner.kind", history.draft.with_value("learner.kind", kind), "learner.kind")
        history.seal()
    history.undo()
    assert history.draft.values["learner.kind"] == "protonet"
    history.undo()
    assert history.draft == edited(learner__dropout=0.5)
    history.redo()
    assert history.draft.values["learner.projected_size"] == 64


def test_edits_of_one_setting_that_follow_each_other_are_undone_together() -> None:
    history = History(Draft.of(BASE))
    for typed in ("0", "0.", 0.4, 0.45):
        history.edit(
            "learner.dropout", history.draft.with_value("learner.dropout", typed), "learner.dropout"
        )
    history.undo()

    assert history.draft.experiment() == BASE
    assert history.undo_words is None
    assert history.redo_words == "learner.dropout"
    history.redo()
    assert history.draft.values["learner.dropout"] == 0.45


def test_edits_before_and_after_a_field_was_left_are_undone_apart() -> None:
    history = History(Draft.of(BASE))
    history.edit(
        "learner.dropout", history.draft.with_value("learner.dropout", 0.4), "learner.dropout"
    )
    history.seal()
    history.edit(
        "learner.dropout", history.draft.with_value("learner.dropout", 0.5), "learner.dropout"
    )
    history.undo()

    assert history.draft.values["learner.dropout"] == 0.4


def test_an_edit_that_comes_back_to_where_it_began_leaves_nothing_to_undo() -> None:
    history = History(Draft.of(BASE))
    for value in (0.4, 0.3):
        history.edit(
            "learner.dropout", history.draft.with_value("learner.dropout", value), "learner.dropout"
        )

    assert history.undo_words is None


def test_a_new_edit_forgets_what_could_be_redone() -> None:
    history = History(Draft.of(BASE))
    history.edit("learner.dropout", edited(learner__dropout=0.4), "learner.dropout")
    history.undo()
    history.edit("task.n_way", edited(task__n_way=6), "task.n_way")

    assert history.redo_words is None


@given(
    st.lists(
        st.one_of(
            st.sampled_from(["undo", "redo"]),
            st.tuples(st.sampled_from(["task.n_way", "run.seed"]), st.integers(2, 5)),
        )
    )
)
def test_undoing_everything_leads_back_to_the_beginning(
    deeds: list[str | tuple[str, int]],
) -> None:
    history = History(Draft.of(BASE))
    for deed in deeds:
        match deed:
            case "undo":
                history.undo()
            case "redo":
                history.redo()
            case (str() as path, int() as value):
                history.edit(path, history.draft.with_value(path, value), path)
    last = history.draft
    steps = 0
    while history.undo_words is not None:
        history.undo()
        steps += 1
    assert history.draft == Draft.of(BASE)
    for _ in range(steps):
        history.redo()
    assert history.draft == last


def test_only_words_too_long_for_a_narrow_panel_are_broken() -> None:
    assert "\u200b" not in breakable("task.k_shot is 5")
    assert breakable("examples_per_class") == "examples_\u200bper_\u200bclass"
    assert breakable("x" * 20) == "x" * 16 + "\u200b" + "x" * 4


def test_a_run_whose_settings_are_loaded_is_what_differences_are_counted_against() -> None:
    run: Experiment = BASE.with_settings({"learner.dropout": 0.5})

    assert Draft.of(run, title="run a").changed == ()
    assert Draft.of(run, BASE).changed == ("learner.dropout",)


def test_another_kind_of_task_comes_with_a_learner_that_suits_it_and_goes_back_whole() -> None:
    sines = load_experiment(built_in_presets() / "sine-line-5shot.yaml")
    draft = Draft.of(BASE.with_settings({"task.n_way": 7}))
    functions = draft.with_value("task.kind", "regression")
    assert functions.kinds == ("regression", "leo_regression")
    experiment = functions.experiment()
    assert experiment is not None and not experiment.task.needs_store
    assert "data.store" not in functions.values
    back = functions.with_value("learner.kind", "leo")
    assert back.kinds == draft.kinds and back.experiment() == draft.experiment()
    # The other way round there is no store to go back to: the built-in one is there for all.
    classes = Draft.of(sines).with_value("learner.kind", "ridge")
    experiment = classes.experiment()
    assert experiment is not None and experiment.data.store == "glyphs"
    again = classes.with_value("task.kind", "regression")
    assert again.experiment() == sines and again.changed == ()


def test_a_file_of_functions_takes_the_place_of_families_until_it_is_gone() -> None:
    base = load_experiment(built_in_presets() / "sine-line-5shot.yaml")
    ticked = Draft.of(base).with_value("task.families", ["varying_sine"])
    assert (ticked.replaced, ticked.remarks) == (frozenset(), {})
    assert ticked.changed == ("task.families",)
    draft = ticked.with_value("task.functions", "damped.csv")
    experiment = draft.experiment()
    assert experiment is not None and draft.mistakes() == {}
    assert experiment.source == "damped.csv"
    assert draft.replaced == {"task.families"} and draft.changed == ("task.functions",)
    known = dict(settings(draft.kinds))
    assert set(draft.remarks) <= known.keys() and draft.replaced <= set(draft.remarks)
    back = draft.with_value("task.functions", "")
    assert back.values == ticked.values and back.experiment() == ticked.experiment()
    assert (back.replaced, back.remarks) == (frozenset(), {})


def test_a_validation_that_comes_only_at_the_end_is_remarked_with_a_remedy() -> None:
    base = load_experiment(built_in_presets() / "glyphs-5way-1shot.yaml")
    draft = Draft.of(base)
    assert EVERY not in draft.remarks
    whole = draft.with_value(EVERY, base.schedule.steps)
    assert EVERY not in whole.remarks  # nothing was meant but one at the end
    short = whole.with_value("schedule.steps", 400)
    remark = short.remarks[EVERY]
    assert "The length is 400" in remark and "one validation" in remark and "choose 40" in remark
    assert EVERY not in short.with_value(EVERY, 40).remarks
    assert EVERY not in short.with_value("schedule.steps", None).remarks  # a half-written number
