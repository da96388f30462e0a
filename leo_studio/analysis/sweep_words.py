"""What the window says of sweeps: how they stand, what a start does, and each trial."""

from engine.io.listing import listed
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Trial
from leo_studio.analysis.formats import format_accuracy, format_percentage
from leo_studio.analysis.sweep_tables import (
    accuracy_of,
    final_notes,
    final_table,
    notes,
    short_names,
    state_word,
    value_text,
)
from leo_studio.analysis.work_words import STATE_WORDS, processes_text, reason_text
from leo_studio.services.sweep_records import Importance, SweepView, runs_of_best

FEWEST_WEIGHED = 4  # complete trials, for which the engine says how much settings decide


def state_text(view: SweepView) -> str:
    """Say how a sweep stands: "under way, 12 of 48 trials ended"."""
    words, trials = STATE_WORDS[view.standing], len(view.trials)
    if view.standing in ("new", "done"):
        return f"{words}, {_trials(trials)}"
    return f"{words}, {view.ended:,} of {_trials(trials)} ended"


def about_text(sweep: Sweep) -> str:
    """Say what a sweep is of: the preset, how long a trial is, and how many settings vary."""
    experiment, count = sweep.experiment, len(sweep.parameters)
    length = ""
    if experiment.learner.is_trained:
        length = f", {experiment.schedule.steps:,} steps for a trial"
        length += ", poor ones ended early" if sweep.pruning else ""
    settings = "1 setting varies" if count == 1 else f"{count} settings vary"
    return f"Preset {experiment.name}{length}; {settings}."


def varied_text(sweep: Sweep) -> str:
    """Say which settings vary, a line each, and between what."""
    names = short_names(list(sweep.parameters))
    varied = zip(names, sweep.parameters.values(), strict=True)
    return "\n".join(f"{name}: {parameter.words}" for name, parameter in varied)


def best_text(view: SweepView) -> str:
    """Say which trial is the best so far; "" where none is complete."""
    best, own = view.best, view.trials[0].outcome
    if best is None:
        return ""
    word = "Best" if view.ended == len(view.trials) else "Best so far"
    beside = ""
    if best.number == 0:
        beside = ", the preset's own values"
    elif own is not None and own.value is not None:
        beside = f"; the preset's own values, trial 0: {format_percentage(own.value)}"
    text = f"{word}: trial {best.number}, {format_percentage(best.value)} in validation{beside}."
    table = final_table(view.state)
    tested = next(iter(table.entries.values())) if table is not None else None
    if tested is None or not tested.seeds:
        return text
    return f"{text} Tested: {format_accuracy(tested.accuracy, tested.ci95)}."


def lead(view: SweepView, count: int) -> str:
    """Say what is the best so far, and what a start by so many processes would do."""
    return " ".join(filter(None, (best_text(view), _next_text(view, count))))


def _next_text(view: SweepView, count: int) -> str:
    if view.why_not:
        return reason_text(view.why_not, lacks_store=view.lacks_store)
    if view.standing == "elsewhere":
        return "Another process carries this sweep out; it is shown as its folder tells."
    if view.standing == "under way":
        return _under_way(view)
    left, finals = len(view.trials) - view.ended, runs_of_best(view.state)
    if view.standing == "done":
        return "Every run is over; with more trials it goes on."
    verb = "Start carries" if view.standing == "new" else "Go on carries"
    parts = [_trials(left)] if left else []
    if finals:
        runs = "1 run" if finals == 1 else f"{finals} runs"
        parts.append(f"{'then ' if left else ''}{runs} of the best, which are tested")
    workers = min(count, view.sweep.lag + 1)
    return f"{verb} out {', '.join(parts)}, by {processes_text(workers)} at once."


def hint(sweep: Sweep) -> str:
    """Say what will stand on the page of a sweep that has not begun."""
    first = sweep.random + sweep.lag
    if first < sweep.trials:
        drawn = f"Values are drawn at random until {sweep.random} results are known, and proposed "
        drawn += f"by these (TPE) from trial {first} on."
    else:
        drawn = f"Values are drawn at random: they are proposed by results from trial {first} on, "
        drawn += f"and there are {sweep.trials} trials."
    return (
        f"Trials stand here as they begin, each a run of its own. Trial 0 has the values of "
        f"{sweep.experiment.name}. {drawn}\n\nWhat varies:\n{varied_text(sweep)}"
    )


def _under_way(view: SweepView) -> str:
    numbers = [str(each.number) for each in view.begun if not each.is_over]
    if numbers:
        return f"Under way: trial{'s' if len(numbers) > 1 else ''} {listed(numbers)}."
    if view.ended == len(view.trials) and view.state.finals:
        return "The best is trained anew on train and validation classes, and tested."
    return "Workers begin."


def all_notes(view: SweepView, importance: Importance) -> list[str]:
    """Return what came of a sweep in sentences, as the command prints it."""
    state = view.state
    found = [*notes(state, importance.shares), *final_notes(final_table(state))]
    return found if state.is_whole else [*found, "Not everything is done yet."]


def importance_text(view: SweepView, importance: Importance | None) -> str:
    """Say why it is not known how much settings decide; "" where it is."""
    if view.complete < FEWEST_WEIGHED:
        return (
            f"How much each setting decides is found out from {FEWEST_WEIGHED} complete trials on; "
            f"{_have(view.complete)}."
        )
    if importance is None:
        return "How much each setting decides is being found out ..."
    if importance.problem:
        return importance.problem
    return "" if importance.shares else "All complete trials came to the same accuracy."


def trial_text(view: SweepView, trial: Trial) -> str:
    """Describe a trial in lines: how it stands, and its values."""
    lines = [_head(trial)]
    if trial.number == 0:
        lines[0] += ", the preset's own values"
    paths = list(view.sweep.parameters)
    for name, path in zip(short_names(paths), paths, strict=True):
        lines.append(f"{name} {value_text(trial.values[path])}")
    return "\n".join(lines)


def _head(trial: Trial) -> str:
    accuracy, outcome = accuracy_of(trial), trial.outcome
    if outcome is None:
        return f"Trial {trial.number}, trained to {100 * trial.share_done:.0f} %"
    if outcome.state == "failed":
        return f"Trial {trial.number}, failed at step {outcome.step:,}"
    at = "" if outcome.state == "complete" else f" at step {outcome.step:,}"
    return f"Trial {trial.number}, {state_word(trial)}{at}: {format_percentage(accuracy)}"


def why_no_trial(view: SweepView | None, trial: Trial | None) -> str:
    """Say why no run of a trial can be opened; "" where one can."""
    if view is None:
        return "Open a sweep in the panel Sweeps first."
    return "Choose a trial of a sweep first." if trial is None or trial.run is None else ""


def _have(count: int) -> str:
    return "there is one" if count == 1 else f"there are {count or 'none'}"


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"
