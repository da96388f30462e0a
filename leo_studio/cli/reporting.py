"""`leo-studio report`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.io.paths import expanded
from leo_studio.analysis.evaluation.function_scores import headline
from leo_studio.analysis.formats import format_accuracy
from leo_studio.cli.arguments import ReplaceOption, find_run, require_new_file, tell_of_store
from leo_studio.cli.console import progress_bar, remarks
from leo_studio.report.destination import require_page

if TYPE_CHECKING:
    from leo_studio.report.contents import Contents

_EPISODES, _MOST_EPISODES = 1000, 100_000  # as leo_studio.report.contents, which loads torch


def report_command(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Runs; several are put beside each other."),
    ],
    out: Annotated[Path, typer.Option(parser=expanded, metavar="FILE.html", help="The page.")],
    episodes: Annotated[
        int,
        typer.Option(
            min=2,
            max=_MOST_EPISODES,
            help="How many (of functions: tasks) are gone through, and evaluated where no "
            "evaluation was kept.",
        ),
    ] = _EPISODES,
    split: Annotated[
        str | None,
        typer.Option(metavar="train|val|test", help="By default test where there is one."),
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="best|last|STEP", help="Which weights of each run.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Where the runs' store, or their file, is now."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="auto|cpu|cuda[:i]", help="Where to compute.")
    ] = None,
    replace: ReplaceOption = False,
) -> None:
    """Write one page about runs: results, curves, episodes, codes, and how to do it again."""
    require_page(out)  # before torch is loaded, which takes a second
    from leo_studio.report.contents import ReportOptions
    from leo_studio.report.writing import (
        learn_functions,
        require_runs,
        write_function_report,
        write_report,
    )
    from leo_studio.services.library_location import default_library

    require_new_file(out, replace)
    library = default_library()
    runs = [find_run(library, name) for name in names]
    options = ReportOptions(checkpoint, split, episodes, store, device)
    require_runs(runs, options)
    on_functions = learn_functions(runs)
    if not on_functions:
        for each in dict.fromkeys(store or run.experiment.data.store for run in runs):
            tell_of_store(library, each)
    with progress_bar() as bar:
        task = bar.add_task("Reporting", total=1.0, note="")

        def tell(done: float, note: str) -> None:
            bar.update(task, completed=done, note=note)

        on_classes = () if on_functions else write_report(library, runs, out, options, tell)
        others = write_function_report(library, runs, out, options, tell) if on_functions else ()
    for contents in on_classes:
        _print_contents(contents)
    for of_functions in others:
        result = of_functions.result
        of = f"{result.split}, {result.scores.tasks} tasks, step {result.checkpoint_step}"
        print(f"{of_functions.run.name}  {headline(result)}  {of}")
    print(f"{out}  {out.stat().st_size / 1e6:.1f} MB")


def _print_contents(contents: "Contents") -> None:
    """Print what the page says of a run, and what it leaves out."""
    if not contents.has_latent_space:
        remarks.print(
            f"Left out of {contents.run.name}: single episodes and latent codes; it learns by "
            f"{contents.run.experiment.learner.noun()}, without codes.",
        )
    if contents.problem:
        remarks.print(f"Left out of {contents.run.name}: single episodes and latent codes.")
        remarks.print(contents.problem)
    if contents.result is not None:
        result = contents.result
        print(
            f"{contents.run.name}  {format_accuracy(result.accuracy, result.ci95)}  "
            f"{result.split}, {result.episodes} episodes, step {result.step}"
        )
