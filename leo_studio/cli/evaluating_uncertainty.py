"""`leo-studio evaluate --uncertainty`: whether uncertainty tells which answers are wrong."""

from functools import partial
from typing import TYPE_CHECKING

from engine.io.generators import finished
from leo_studio.cli.console import percent, print_json, print_table, progress_bar, tell_where_kept

if TYPE_CHECKING:
    from engine.data.store import EmbeddingStore
    from engine.inspection.uncertainty_record import Measured, UncertaintyRecord
    from engine.runs.run import Run


def evaluate_uncertainty(
    run: "Run",
    step: int,
    store: "EmbeddingStore",
    split: str,
    episodes: int,
    device: str | None,
    *,
    as_json: bool,
) -> None:
    """Measure it, print it for people or as JSON, and keep it with the run."""
    from engine.data.requirements import VALIDATION_SPLIT
    from engine.inspection.checkpoint_inspection import load_model, load_split, loaded_checkpoint
    from engine.inspection.uncertainty import keep_uncertainty, measured_uncertainty
    from engine.inspection.uncertainty_record import SAMPLES

    model = load_model(run, step, device)
    test, val = (
        loaded_checkpoint(run, step, name, model, load_split(run, store, name, device))
        for name in (split, VALIDATION_SPLIT)
    )
    steps = measured_uncertainty(test, val, episodes, SAMPLES)
    with progress_bar() as bar:
        shown = bar.add_task(f"{run.name}, step {step}", total=episodes, note="")
        record = finished(steps, lambda done: bar.update(shown, completed=done))
    if as_json:
        print_json(record.model_dump(mode="json", by_alias=True))
    else:
        print_uncertainty(run, record)
    tell_where_kept(partial(keep_uncertainty, run, record), as_json=as_json)


def print_uncertainty(run: "Run", record: "UncertaintyRecord") -> None:
    """Print a record for people."""
    print(f"checkpoint   step {record.checkpoint_step} of {run.name}")
    print(f"episodes     {record.episodes:,} of split {record.split}, {record.samples} codes each")
    print(f"wrong        {percent(record.error)} of all answers")
    print(f"temperature  {record.temperature:.3f}, fitted on val")
    print(
        f"loss         {record.loss:.4f} nats by the means, {record.scaled_loss:.4f} with the "
        f"temperature, {record.sampled_loss:.4f} of the mean of samples"
    )
    print_table(
        ("uncertainty", "AUROC", "against entropy", "risk-coverage"),
        [
            (
                each.name,
                _written(each.auroc),
                _written(each.gain_on_entropy, sign="+"),
                _written(each.risk_coverage),
            )
            for each in record.measures
        ],
    )


def _written(measured: "Measured", sign: str = "") -> str:
    return f"{measured.value:{sign}.4f} ± {measured.ci95:.4f}"
