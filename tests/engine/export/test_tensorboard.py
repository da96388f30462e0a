"""Event files are read back by TensorBoard's own loader, and say what train.csv says."""

from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.events import StepsTaken
from engine.export.tensorboard import event_file, live_events, save_events
from engine.export.trained import Trained
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train
from tests import second_kind

TAGS = {
    "loss": "training/loss",
    "query_loss": "training/query_loss",
    "query_accuracy": "training/query_accuracy",
    "kl": "penalties/kl",
    "encoder_penalty": "penalties/encoder_penalty",
    "l2": "penalties/l2",
    "orthogonality": "penalties/orthogonality",
    "inner_lr": "learning_rates/inner",
    "finetuning_lr": "learning_rates/finetuning",
    "gradient_norm": "training/gradient_norm",
    "steps_per_second": "speed/steps_per_second",
}


def loaded(path: Path) -> EventAccumulator:
    events = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    return events


def require_metrics_of(run: Run, events: EventAccumulator) -> None:
    """Require every step of the run's metrics, once, with float32's numbers."""
    training, validation = run.training.arrays(), run.validation.arrays()
    expected = {tag: (training["step"], training[name]) for name, tag in TAGS.items()}
    for name in ("accuracy", "ci95", "loss", "calibration_error"):
        expected[f"validation/{name}"] = (validation["step"], validation[name])
    assert set(events.Tags()["scalars"]) == set(expected)
    for tag, (steps, values) in expected.items():
        found = events.Scalars(tag)
        assert [each.step for each in found] == steps.tolist(), tag
        # Written as they happen, times are rounded to float32; out of the CSV file, first to its
        # digits and then to float32, which may be the next one.
        np.testing.assert_array_max_ulp(
            np.array([each.value for each in found], np.float32), values.astype(np.float32), 1
        )


def test_every_step_is_read_back_with_its_numbers_and_its_time(
    toy: Trained, tmp_path: Path
) -> None:
    path = save_events(toy.run, tmp_path, lambda _: None)
    assert path.parent == tmp_path / toy.run.name and "tfevents" in path.name
    events = loaded(path)
    require_metrics_of(toy.run, events)
    times = [each.wall_time for each in events.Scalars("training/loss")]
    passed = np.diff(toy.run.training.arrays()["seconds"])
    np.testing.assert_allclose(np.diff(times), passed, atol=1e-4)


def test_settings_are_there_as_hyper_parameters_and_as_text(toy: Trained, tmp_path: Path) -> None:
    events = loaded(save_events(toy.run, tmp_path, lambda _: None))
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    start = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    assert start.hparams["optimizer.outer_lr"].number_value == pytest.approx(3e-4)
    assert start.hparams["learner.variant"].string_value == "full"
    text = events.Tensors("experiment")[0]
    assert b"latent_size: 5" in text.tensor_proto.string_val[0]


def test_the_file_says_nothing_of_this_machine(toy: Trained, tmp_path: Path) -> None:
    path = save_events(toy.run, tmp_path, lambda _: None)
    everything = path.read_bytes() + str(path.relative_to(tmp_path)).encode()
    assert toy.run.record.host.encode() not in everything
    assert str(toy.run.path.parent).encode() not in everything


def test_live_writing_gives_what_writing_afterwards_gives_also_after_a_resume(
    toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = Run.create(tmp_path / "runs", toy_experiment, store_record(toy_store))
    live = tmp_path / "live"
    for last in (22, None):
        with live_events(run, live) as write_event:
            events = train(toy_experiment, toy_store, run)
            for event in events:
                write_event(event)
                if last is not None and run.record.step >= last:
                    events.close()
                    break
        run = Run(run.path)
        require_metrics_of(run, loaded(event_file(run, live)))
    assert run.status == "finished"


def test_a_step_is_in_the_file_as_soon_as_it_is_told(
    toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    run = Run.create(tmp_path / "runs", toy_experiment, store_record(toy_store))
    with live_events(run, tmp_path) as write_event:
        for event in train(toy_experiment, toy_store, run):
            write_event(event)
            if isinstance(event, StepsTaken):
                written = loaded(event_file(run, tmp_path)).Scalars("training/loss")
                assert written[-1].step == event.step


def test_a_disk_that_fills_up_ends_the_writing_and_not_the_training(
    toy_experiment: Experiment, toy_store: EmbeddingStore, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    run = Run.create(tmp_path / "runs", toy_experiment, store_record(toy_store))
    events = list(train(toy_experiment, toy_store, run))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with live_events(run, tmp_path) as write_event:
            write_event(events[0])
            full = event_file(run, tmp_path).stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (full, limits[1]))
            for event in events[1:]:
                write_event(event)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert event_file(run, tmp_path).stat().st_size == full


def test_a_file_that_was_cut_off_is_read_up_to_there(toy: Trained, tmp_path: Path) -> None:
    path = save_events(toy.run, tmp_path, lambda _: None)
    path.write_bytes(path.read_bytes()[:-2000])
    losses = loaded(path).Scalars("training/loss")
    assert 0 < len(losses) < len(toy.run.training.read())


def test_what_another_learner_and_task_measure_is_written_under_their_tags(
    toy_experiment: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second_kind.take_the_place_of_the_first(monkeypatch)
    run = Run.create(tmp_path / "runs", toy_experiment, StoreRecord(name="toy"))
    run.append_steps(2, np.array([[0.5, 3.0], [0.25, 2.0]], np.float32), 1.5, 4.0)
    run.append_validation(2, second_kind.scored(0.25), is_best=True)
    events = loaded(save_events(run, tmp_path, lambda _: None))
    found = {tag: [each.value for each in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    assert found == {
        "training/mse": [0.5, 0.25],
        "training/gradient_norm": [3.0, 2.0],
        "speed/steps_per_second": [4.0, 4.0],
        "validation/mse": [0.25],
        "validation/ci95": [pytest.approx(0.0125)],
        "validation/spread": [2.0],
        "validation/spread_ci95": [0.5],
    }
