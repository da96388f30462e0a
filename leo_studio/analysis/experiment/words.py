"""What the form calls the settings, and how it arranges them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from engine.config import settings


class Words(NamedTuple):
    """What a setting is called, what it counts, and what no value at all means."""

    label: str
    unit: str = ""
    nothing: str = ""  # on the check box of a setting that may be null
    is_counted_singly: bool = False  # arrow keys go by one, however large it is


class Group(NamedTuple):
    """A section of the form."""

    title: str
    paths: tuple[str, ...]
    rare: tuple[str, ...] = ()  # behind "More"
    is_collapsed: bool = False


_LONG: Final = 16  # letters of a word that may have to be broken

GROUPS: Final = (
    Group("Data", ("data.store", "data.train_splits", "data.normalize")),
    Group(
        "Task",
        ("task.n_way", "task.k_shot", "task.queries", "task.examples_per_class"),
        ("task.kind",),
    ),
    Group(
        "LEO",
        (
            "leo.variant",
            "leo.latent_size",
            "leo.inner_steps",
            "leo.inner_lr",
            "leo.finetuning_steps",
            "leo.finetuning_lr",
            "leo.dropout",
            "leo.kl_weight",
            "leo.encoder_penalty_weight",
            "leo.l2_weight",
            "leo.orthogonality_weight",
        ),
    ),
    Group(
        "Optimiser",
        ("optimizer.outer_lr", "optimizer.meta_batch"),
        ("optimizer.clip_value", "optimizer.clip_norm"),
    ),
    Group(
        "Schedule",
        ("schedule.steps", "schedule.validate_every", "schedule.validation_episodes"),
        ("schedule.early_stopping",),
    ),
    Group("Evaluation", ("evaluation.episodes",), is_collapsed=True),
    Group(
        "Run",
        ("name", "run.seed", "run.device"),
        (
            "description",
            "run.cuda_graph",
            "run.tf32",
            "run.compile",
            "run.deterministic",
            "run.threads",
        ),
    ),
)

WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "name": Words("Name"),
        "description": Words("Description"),
        "data.store": Words("Embeddings"),
        "data.train_splits": Words("Train on"),
        "data.normalize": Words("Normalise"),
        "task.kind": Words("Kind"),
        "task.n_way": Words("Ways", "classes"),
        "task.k_shot": Words("Shots", "per class"),
        "task.queries": Words("Queries", "per class"),
        "task.examples_per_class": Words("Evaluation examples", "per class"),
        "leo.variant": Words("Variant"),
        "leo.latent_size": Words("Latent size"),
        "leo.inner_steps": Words("Inner steps"),
        "leo.finetuning_steps": Words("Fine-tuning steps"),
        "leo.inner_lr": Words("Inner learning rate"),
        "leo.finetuning_lr": Words("Fine-tuning learning rate"),
        "leo.dropout": Words("Dropout"),
        "leo.kl_weight": Words("KL weight"),
        "leo.encoder_penalty_weight": Words("Encoder penalty weight"),
        "leo.l2_weight": Words("L2 weight"),
        "leo.orthogonality_weight": Words("Orthogonality weight"),
        "optimizer.outer_lr": Words("Outer learning rate"),
        "optimizer.meta_batch": Words("Meta-batch", "tasks"),
        "optimizer.clip_value": Words("Clip elements", nothing="Off"),
        "optimizer.clip_norm": Words("Clip norms", nothing="Off"),
        "schedule.steps": Words("Length", "outer steps"),
        "schedule.validate_every": Words("Validate every", "outer steps"),
        "schedule.validation_episodes": Words("Validation", "episodes"),
        "schedule.early_stopping": Words("Stop early after", "validations", nothing="Never"),
        "evaluation.episodes": Words("Evaluation", "episodes"),
        "run.seed": Words("Seed", is_counted_singly=True),
        "run.device": Words("Device"),
        "run.cuda_graph": Words("CUDA graph"),
        "run.tf32": Words("TensorFloat-32"),
        "run.compile": Words("Compile"),
        "run.deterministic": Words("Deterministic"),
        "run.threads": Words("CPU threads", nothing="Fastest (1)"),
    }
)


def words(path: str) -> Words:
    """Return what a setting is called; one that this module does not know, by its key."""
    name = path.rpartition(".")[2].replace("_", " ").capitalize()
    return WORDS.get(path, Words(name, nothing="None"))


def groups() -> tuple[Group, ...]:
    """Return the sections; settings that this module does not know yet end theirs, or the last."""
    known = {path for group in GROUPS for path in group.paths + group.rare}
    new = [path for path, _ in settings() if path not in known and path != "schema"]
    places = {group.paths[0].partition(".")[0]: group.title for group in GROUPS}
    return tuple(
        group._replace(
            rare=group.rare
            + tuple(
                path
                for path in new
                if places.get(path.partition(".")[0], GROUPS[-1].title) == group.title
            )
        )
        for group in GROUPS
    )


def breakable(text: str) -> str:
    """Let long words, such as a path, be broken over lines where they must be."""
    return " ".join(_breakable(word) if len(word) > _LONG else word for word in text.split(" "))


def _breakable(word: str) -> str:
    after_signs = re.sub(r"([/\\_.-])", "\\1\u200b", word)
    return re.sub(rf"([^\W_]{{{_LONG}}})(?=[^\W_])", "\\1\u200b", after_signs)
