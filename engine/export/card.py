"""The model card: what a trained model is, how well it does, and what it is not for."""

from collections.abc import Iterable

from engine.config import Experiment, Kinds, Regression, counted_sizes, declarations
from engine.evaluation.regression.record import MeasuredScores, RegressionEvaluation
from engine.export.trained import Trained
from engine.learners.catalogue import learner_kind
from engine.learners.function_network import SCALE
from engine.runs.metrics import interval_column

_OF_PICTURES = (
    "It makes embeddings of pictures with: `leo-studio import images PATH --encoder RUN`, or with "
    "its weights, exported as safetensors.\n"
)


def model_card(trained: Trained) -> str:
    """Return the card in Markdown, with the front matter that model hubs read."""
    run, experiment = trained.run, trained.experiment
    is_trained = experiment.learner.is_trained
    said = learner_kind(experiment).description
    weights = (
        f"the weights of outer step {trained.checkpoint.step:,}"
        if is_trained
        else "it needs no training and has no weights"
    )
    sections = [
        f"---\nlibrary_name: leo-studio\ntags: [{', '.join(said.tags)}]\n---\n",
        f"# {_one_line(run.name)}\n",
        f"{said.method}, {'trained ' if is_trained else ''}for {_task_words(trained)}; {weights}."
        "\n",
        *([_one_line(experiment.description) + "\n"] if experiment.description else []),
        "## Results\n",
        _results(trained),
        "## Training\n" if is_trained else "## Settings\n",
        _table(("setting", "value"), _settings(trained)),
        "All settings are in `experiment.yaml`, all metrics in "
        + ("`train.csv` and `validation.csv`.\n" if is_trained else "`validation.csv`.\n"),
        "## Use\n",
        _commands(trained),
        _inputs(trained),
        "## Limits\n",
        _limits(trained),
        "## Versions\n",
        _table(("what", "version"), run.record.versions.items()),
    ]
    return "\n".join(sections)


def _task_words(trained: Trained) -> str:
    """Say what it was trained for: "5-way 1-shot classification of 64-dimensional embeddings"."""
    experiment = trained.experiment
    if isinstance(experiment.task, Regression):
        return f"{experiment.task.words} of functions ({_source_words(trained)})"
    if experiment.learner.reads_pictures:
        return f"{experiment.task.words} classification of pictures"
    dim = trained.store.embedding_dim
    return f"{experiment.task.words} classification of {dim}-dimensional embeddings"


def _inputs(trained: Trained) -> str:
    """Say what has to be given to it."""
    if trained.store.scaling:
        of = {name: f"{number!r}" for name, number in trained.store.scaling.items()}
        return (
            "x and y are in the units of the file that it was trained on. They are scaled by its "
            f"train tasks, x to (x - {of['x_middle']}) / {of['x_unit']} and y to "
            f"(y - {of['y_middle']}) / {of['y_unit']}, and are divided by {SCALE:g} then.\n"
        )
    if isinstance(trained.experiment.task, Regression):
        return f"x and y are of the prior's range, and are divided by {SCALE:g} first.\n"
    if trained.experiment.learner.reads_pictures:
        return _OF_PICTURES
    same = "Embeddings must come from the same network as those of the store"
    said = trained.features.words
    return f"{same}; first they are {said}.\n" if said else f"{same}.\n"


def _settings(trained: Trained) -> list[tuple[str, object]]:
    """Return what the table of settings says; of training only where there was one."""
    run, experiment = trained.run, trained.experiment
    of_store = [*_store_rows(trained), *_learner_rows(trained)]
    of_machine: list[tuple[str, object]] = [("device", run.record.device or "unknown")]
    if not experiment.learner.is_trained:
        return [*of_store, *of_machine]
    return [
        *of_store,
        ("outer steps", f"{run.record.step:,} of {run.record.steps:,}"),
        *_optimizer_rows(experiment),
        ("seed", experiment.run.seed),
        *of_machine,
        ("time", f"{run.record.seconds:,.0f} s"),
    ]


def _store_rows(trained: Trained) -> list[tuple[str, object]]:
    """Return what is said of where its tasks came from."""
    experiment, store = trained.experiment, trained.store
    if isinstance(experiment.task, Regression):
        measured = [
            ("tasks and points", _split_words(trained)),
            ("file's fingerprint", store.fingerprint),
        ]
        return [
            ("functions", _source_words(trained)),
            *(measured if experiment.task.functions else []),
            ("noise", experiment.task.noise),
        ]
    splits = ("splits trained on", " and ".join(experiment.data.train_splits))
    return [
        ("store", store.name),
        *([splits] if experiment.learner.is_trained else []),
        ("classes and examples", _split_words(trained)),
        ("store's fingerprint", store.fingerprint or "none (an older run)"),
    ]


def _optimizer_rows(experiment: Experiment) -> list[tuple[str, object]]:
    """Return the outer loop's settings; pre-training has none, and its own among the learner's."""
    if experiment.learner.reads_pictures:
        return []
    optimizer = experiment.optimizer
    return [("meta-batch", optimizer.meta_batch), ("outer step size", optimizer.outer_lr)]


def _learner_rows(trained: Trained) -> list[tuple[str, object]]:
    """Return the learner's own settings, as its description puts them into rows."""
    experiment, learner = trained.experiment, trained.experiment.learner.in_effect()
    every = declarations(Kinds.in_experiment(experiment))
    return [
        (
            ", ".join(every[f"learner.{name}"].label.lower() for name in row),
            ", ".join(str(getattr(learner, name)) for name in row),
        )
        for row in learner_kind(experiment).description.rows
    ]


def _commands(trained: Trained) -> str:
    name, has_programs = trained.run.name, learner_kind(trained.experiment).has_programs
    commands = ["leo-studio import bundle FILE.leo", f"leo-studio evaluate {name} --split test"]
    if has_programs:
        commands.append(f"leo-studio export {name} --format onnx --out models")
    return "\n".join(["```", *commands, "```", ""])


def _limits(trained: Trained) -> str:
    task = trained.experiment.task
    if isinstance(task, Regression) and task.functions:
        return (
            "- It knows functions like those of its file alone, from as many points as in "
            "training, and inputs of the range of its train tasks.\n"
            "- How good the best possible prediction is is not known, so nothing says how near "
            "this comes to it.\n"
        )
    if isinstance(task, Regression):
        return "- It knows functions of its prior alone, from as many points as in training.\n"
    limits = [
        "The classifier tells apart the classes of a support set and has no answer for others.",
        "Accuracies are means over episodes of this store's classes; on other embeddings or "
        "classes they say nothing.",
    ]
    if trained.experiment.learner.is_trained:
        limits.append("Validation chose the checkpoint, so its validation accuracy is optimistic.")
    return "\n".join(f"- {limit}" for limit in limits) + "\n"


def _results(trained: Trained) -> str:
    rows = []
    metrics = trained.checkpoint.metrics
    score = trained.run.scores[0]
    if score.name in metrics:
        count = trained.experiment.schedule.validation_episodes
        ci95 = metrics.get(interval_column(score, trained.run.scores))
        rows.append(("val (validation)", f"{count:,}", score.text(metrics[score.name], ci95)))
    rows += [_regression_row(kept) for kept in trained.regression_evaluations]
    for kept in trained.evaluations:
        measured = kept.scores[score.name]
        rows.append((kept.split, f"{kept.episodes:,}", score.text(measured.value, measured.ci95)))
    if not rows:
        return "These weights were never evaluated.\n"
    heading = f"{score.label}, 95 % interval" if score.has_interval else score.label
    return _table(("split", "episodes", heading), rows)


def _regression_row(kept: RegressionEvaluation) -> tuple[str, str, str]:
    scores = kept.scores
    if isinstance(scores, MeasuredScores):
        words = (
            f"{scores.mean_squared_error:.4g} (median {scores.median_squared_error:.4g}); log "
            f"likelihood {scores.log_likelihood:.3f}; no limit is known of measured functions"
        )
        return kept.split, f"{scores.tasks:,}", words
    words = (
        f"{scores.mean_squared_error:.4g}; risk ratio {scores.risk_ratio:.3f}, log likelihood "
        f"{scores.log_likelihood:.3f} (Bayes-optimal {scores.limit_log_likelihood:.3f})"
    )
    return kept.split, f"{scores.tasks:,}", words


def _source_words(trained: Trained) -> str:
    """Name where functions come from: families, or a file, wherever it lies."""
    experiment = trained.experiment
    return experiment.with_source(trained.store.name).source


def _split_words(trained: Trained) -> str:
    return "; ".join(
        f"{name}: {' and '.join(f'{count:,}' for count in sizes.values())}"
        for name, sizes in counted_sizes(trained.store.splits).items()
    )


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_one_line(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _one_line(text: object) -> str:
    """Return what a person wrote as plain text for one line or cell of Markdown."""
    words = " ".join(str(text).split())
    for sign in "\\`*_[]<>|#":
        words = words.replace(sign, "\\" + sign)
    return words
