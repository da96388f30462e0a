"""`leo-studio analyse`: curvature and coverage along the adaptation of a run (figure 5)."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.inspection.curvature_record import EPISODES
from engine.io.files import deliver
from engine.io.generators import finished
from engine.io.paths import expanded
from leo_studio.analysis.curvature.exported import exported_curvature
from leo_studio.analysis.curvature.rows import (
    COLUMNS,
    Analysed,
    description,
    finding,
    quantities,
    quantities_at,
    spread_text,
    texts_of,
)
from leo_studio.cli.arguments import (
    CheckpointOption,
    DeviceOption,
    JsonOption,
    ReplaceOption,
    RunArgument,
    StoreOption,
    find_checkpoint,
    require_ending,
    require_new_file,
    require_split,
    tell_of_store_of,
)
from leo_studio.cli.console import print_json, print_table, progress_bar, remarks, tell_where_kept

if TYPE_CHECKING:
    from engine.inspection.curvature_record import CurvatureRecord
    from engine.runs.run import Run

_MOST_EPISODES = 100_000
_SIZE = (11.0, 4.2)  # of a figure in inches: three plots beside each other


def analyse_command(
    name: RunArgument,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    episodes: Annotated[
        int, typer.Option(min=1, max=_MOST_EPISODES, help="How many episodes.")
    ] = EPISODES,
    checkpoint: CheckpointOption = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(metavar="RUN", help="Another run beside it; may be given several times."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=expanded,
            metavar="FILE",
            help="Write it to this file: .csv, .parquet, .h5, .png, .svg, .pdf or .py.",
        ),
    ] = None,
    store: StoreOption = None,
    device: DeviceOption = None,
    replace: ReplaceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how the loss bends along adaptation, in latent and weight space, and how far it goes.

    Absolute eigenvalues of the Hessian of the support loss, singular values of the decoder, and
    lengths of steps: figure 5 of the paper, for LEO and its variants, MAML and Meta-SGD.
    """
    from engine.inspection.curvature import require_path
    from leo_studio.figures.drawing import Look
    from leo_studio.figures.saving import FORMATS, save
    from leo_studio.services.library_location import default_library

    if out is not None:
        require_ending(out, (*FORMATS, ".hdf5"))
        require_new_file(out, replace)
    library = default_library()
    found = [find_checkpoint(library, name, checkpoint)]
    found += [find_checkpoint(library, other, None) for other in beside or ()]
    for run, _ in found:  # all of them before anything is computed
        require_path(run)
    measured = []
    for run, step in found:
        record = _measured(run, step, split, episodes, store, device)
        measured.append(Analysed(run.name, record))
        if not as_json:
            print_curvature(record)
            _keep(run, record, as_json=as_json)
    if as_json:
        print_json(_as_dict([each.record for each in measured]))
        for (run, _), each in zip(found, measured, strict=True):
            _keep(run, each.record, as_json=as_json)
    if out is not None:
        look = Look(width=_SIZE[0], height=_SIZE[1])
        exported = exported_curvature(measured)
        deliver(out, lambda path: save(path, exported, look))
        remarks.print(f"Written to {out}", style="dim")


def _measured(
    run: "Run", step: int, split: str, episodes: int, store: str | None, device: str | None
) -> "CurvatureRecord":
    from engine.inspection.curvature import measured_curvature
    from engine.runs.run_store import store_of
    from leo_studio.services.library_location import default_library

    library = default_library()
    tell_of_store_of(library, run, store)
    data = store_of(library, run, store, say=remarks.print)
    require_split(run, data, split)
    steps = measured_curvature(run, step, data, split, episodes, device)
    with progress_bar() as bar:
        shown = bar.add_task(f"{run.name}, step {step}", total=episodes, note="")
        return finished(steps, lambda done: bar.update(shown, completed=done))


def _keep(run: "Run", record: "CurvatureRecord", *, as_json: bool) -> None:
    from engine.inspection.curvature import keep_curvature

    tell_where_kept(partial(keep_curvature, run, record), as_json=as_json)


def _as_dict(records: "list[CurvatureRecord]") -> dict[str, Any]:
    """Return the first record as plain containers, and the others under "beside"."""
    first, *others = (record.model_dump(mode="json", by_alias=True) for record in records)
    return first | ({"beside": others} if others else {})


def print_curvature(record: "CurvatureRecord") -> None:
    """Print a record for people: over the whole adaptation, and along it."""
    print(f"{record.run}: {description(record)}")
    print_table(tuple(COLUMNS), [(each.label, *texts_of(each.box)) for each in quantities(record)])
    print("\nAlong adaptation: medians, and 5 to 95 % in brackets")
    spaces = ("latent", "weights") if record.has_codes else ("weights",)
    columns = [f"{what}, {space}" for what in ("eigenvalues", "step") for space in spaces]
    print_table(
        ("position", *columns), [_position(record, p) for p in range(len(record.positions))]
    )
    print(f"\n{finding(record)}")


def _position(record: "CurvatureRecord", place: int) -> tuple[str, ...]:
    found = {(each.name, each.space): each.box for each in quantities_at(record, place)}
    spaces = ("latent", "weights") if record.has_codes else ("weights",)
    step = "inner step" if place <= record.inner_steps else "fine-tuning step"
    names = ("eigenvalues", step)
    cells = [spread_text(found.get((name, space))) for name in names for space in spaces]
    return record.position_name(place), *cells
