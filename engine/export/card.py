"""The model card: what a trained model is, how well it does, and what it is not for."""

from collections.abc import Iterable

from engine.config import leo_settings
from engine.export.trained import Trained
from engine.runs.metrics import interval_column

_PAPER = "Rusu et al., Meta-Learning with Latent Embedding Optimization, ICLR 2019"


def model_card(trained: Trained) -> str:
    """Return the card in Markdown, with the front matter that model hubs read."""
    run, experiment, task = trained.run, trained.experiment, trained.experiment.task
    store = trained.store
    splits = " and ".join(experiment.data.train_splits)
    leo = leo_settings(experiment)
    sections = [
        "---\nlibrary_name: leo-studio\n"
        "tags: [few-shot-learning, meta-learning, latent-embedding-optimization]\n---\n",
        f"# {run.name}\n",
        f"Latent Embedding Optimization ({_PAPER}), trained for {task.n_way}-way "
        f"{task.k_shot}-shot classification of {trained.model.parameters.embedding_dim}-"
        f"dimensional embeddings; the weights of outer step {trained.checkpoint.step:,}.\n",
        *([_one_line(experiment.description) + "\n"] if experiment.description else []),
        "## Results\n",
        _results(trained),
        "## Training\n",
        _table(
            ("setting", "value"),
            [
                ("store", store.name),
                ("splits trained on", splits),
                ("classes and examples", _split_words(trained)),
                ("store's fingerprint", store.fingerprint or "none (an older run)"),
                ("variant", leo.variant),
                ("latent size", leo.latent_size),
                ("inner steps, fine-tuning steps", _steps(trained)),
                ("outer steps", f"{run.record.step:,} of {run.record.steps:,}"),
                ("meta-batch", experiment.optimizer.meta_batch),
                ("outer step size", experiment.optimizer.outer_lr),
                ("seed", experiment.run.seed),
                ("device", run.record.device or "unknown"),
                ("time", f"{run.record.seconds:,.0f} s"),
            ],
        ),
        "All settings are in `experiment.yaml`, all metrics in `train.csv` and `validation.csv`.\n",
        "## Use\n",
        "```\nleo-studio import bundle FILE.leo\n"
        f"leo-studio evaluate {run.name} --split test\n"
        f"leo-studio export {run.name} --format onnx --out models\n```\n",
        "Embeddings must come from the same network as those of the store"
        + (
            "; they are divided by their Euclidean norms first.\n"
            if trained.is_normalized
            else ".\n"
        ),
        "## Limits\n",
        "- The classifier tells apart the classes of a support set and has no answer for others.\n"
        "- Accuracies are means over episodes of this store's classes; on other embeddings or "
        "classes they say nothing.\n"
        "- Validation chose the checkpoint, so its validation accuracy is optimistic.\n",
        "## Versions\n",
        _table(("what", "version"), run.record.versions.items()),
    ]
    return "\n".join(sections)


def _results(trained: Trained) -> str:
    rows = []
    metrics = trained.checkpoint.metrics
    score = trained.run.scores[0]
    if score.name in metrics:
        count = trained.experiment.schedule.validation_episodes
        ci95 = metrics.get(interval_column(score, trained.run.scores))
        rows.append(("val (validation)", f"{count:,}", score.text(metrics[score.name], ci95)))
    for kept in trained.evaluations:
        measured = kept.scores[score.name]
        rows.append((kept.split, f"{kept.episodes:,}", score.text(measured.value, measured.ci95)))
    if not rows:
        return "These weights were never evaluated.\n"
    heading = f"{score.label}, 95 % interval" if score.has_interval else score.label
    return _table(("split", "episodes", heading), rows)


def _split_words(trained: Trained) -> str:
    return "; ".join(
        f"{name}: {sizes.get('classes', 0):,} and {sizes.get('examples', 0):,}"
        for name, sizes in trained.store.splits.items()
    )


def _steps(trained: Trained) -> str:
    return f"{trained.model.inner_steps}, {trained.model.finetuning_steps}"


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
