"""The settings of pre-training: a backbone that learns to tell training classes apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from engine.config.declaration import setting
from engine.config.learner_section import KIND, LearnerSection

BackboneName = Literal["conv4", "resnet12", "resnet12-small", "wrn-28-10", "wrn-28-10-s2m2"]
Augmentation = Literal["photo", "character", "none"]
FEATURE_LAYERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "conv4": ("flat", "mean"),
        "resnet12": ("block4", "block3"),
        "resnet12-small": ("block4", "block3"),
        "wrn-28-10": ("layer21", "last"),
        "wrn-28-10-s2m2": ("last", "layer21"),
    }
)
"""The layers of each backbone whose features can be taken; the first is its paper's."""


def _fractions(text: str) -> tuple[float, ...]:
    """Read rising numbers between 0 and 1, parted by commas; raises `ValueError` for others."""
    rule = "it must be rising numbers between 0 and 1, parted by commas, such as 0.6, 0.8"
    try:
        found = tuple(float(part) for part in text.split(",")) if text.strip() else ()
    except ValueError:
        raise ValueError(rule) from None
    if list(found) != sorted(set(found)) or not all(0 < each < 1 for each in found):
        raise ValueError(rule)
    return found


def _checked_fractions(text: str) -> str:
    _fractions(text)
    return text


class Backbone(LearnerSection):
    """A backbone, trained to tell the training classes apart by their pictures.

    Afterwards it is an encoder: what it makes of pictures are embeddings to learn tasks on.
    """

    title: ClassVar[str] = "Backbone"
    reads_pictures: ClassVar[bool] = True
    unused: ClassVar[tuple[str, ...]] = (
        "optimizer",
        "task.queries",
        "run.cuda_graph",
        "run.compile",
    )

    kind: Literal["backbone"] = setting("backbone", KIND, label="Kind of learner")
    backbone: BackboneName = setting("conv4", "The network.", label="Backbone")
    layer: Literal["default", "flat", "mean", "block4", "block3", "layer21", "last"] = setting(
        "default",
        "The layer whose features are embeddings; default is its paper's.",
        label="Layer",
        is_rare=True,
    )
    image_side: int = setting(
        28,
        "Height and width of what the network sees.",
        label="Image side",
        unit="pixels",
        ge=16,
        le=512,
    )
    kept_side: int = setting(
        28,
        "Height and width of the store's pictures; a larger one leaves room for crops, and "
        "validation sees its centre.",
        label="Kept side",
        unit="pixels",
        ge=16,
        le=1024,
    )
    in_channels: Literal[1, 3] = setting(
        3, "1 sees grey pictures, 3 coloured ones.", label="Channels", is_rare=True
    )
    batch: int = setting(
        64, "Pictures in a step.", label="Batch", unit="pictures", scale="log", ge=2, le=65536
    )
    lr: float = setting(
        0.05,
        "Step size of SGD with Nesterov's momentum at the start.",
        label="Learning rate",
        scale="log",
        gt=0,
        le=100,
    )
    momentum: float = setting(
        0.9, "Nesterov's momentum.", label="Momentum", is_rare=True, gt=0, lt=1
    )
    weight_decay: float = setting(
        5e-4, "Weight of the L2 term on all weights.", label="Weight decay", scale="log", ge=0, le=1
    )
    decay: Literal["cosine", "step"] = setting(
        "cosine",
        "How the step size falls: by half a cosine to 0, or by a factor at each milestone.",
        label="Decay",
    )
    milestones: Annotated[str, AfterValidator(_checked_fractions)] = setting(
        "0.6, 0.8",
        "With steps: the parts of training after which the step size falls.",
        label="Milestones",
        is_rare=True,
    )
    decay_factor: float = setting(
        0.1,
        "With steps: what the step size is multiplied with at a milestone.",
        label="Decay factor",
        is_rare=True,
        gt=0,
        lt=1,
    )
    drop_rate: float = setting(
        0.0,
        "Chance that a feature is dropped in training, where the network's paper drops them.",
        label="Dropout",
        ge=0,
        lt=1,
    )
    label_smoothing: float = setting(
        0.0,
        "Part of a label that is shared out among all classes.",
        label="Label smoothing",
        is_rare=True,
        ge=0,
        lt=1,
    )
    augmentation: Augmentation = setting(
        "photo",
        "photo crops, mirrors and changes colours; character turns, shifts and scales a little.",
        label="Augmentation",
    )
    smallest_crop: float = setting(
        0.35,
        "photo: the smallest share of a picture's area that a crop has.",
        label="Smallest crop",
        is_rare=True,
        gt=0,
        le=1,
    )
    colour_jitter: float = setting(
        0.4,
        "photo: how far brightness, contrast and saturation are changed.",
        label="Colour jitter",
        is_rare=True,
        ge=0,
        lt=1,
    )
    affine_strength: float = setting(
        1.0,
        "character: 1 turns by up to 10 degrees, scales and shears by 10 % and shifts by 7 %.",
        label="Affine strength",
        is_rare=True,
        ge=0,
        le=4,
    )
    rotated_classes: bool = setting(
        False,
        "A class turned by 90, 180 or 270 degrees is another class: usual with characters.",
        label="Turned classes",
    )
    rotation_weight: float = setting(
        0.0,
        "Weight of telling by how many quarters a picture was turned (S2M2); 0 for none.",
        label="Rotation loss",
        ge=0,
        le=100,
    )
    mixup_alpha: float = setting(
        0.0,
        "Manifold mixup (S2M2): both numbers of the beta distribution that mixes; 0 for none.",
        label="Mixup",
        symbol="α",
        ge=0,
        le=100,
    )

    @model_validator(mode="after")
    def _fits_its_backbone(self) -> Self:
        layers = FEATURE_LAYERS[self.backbone]
        if self.layer not in ("default", *layers):
            raise ValueError(
                f"learner.layer is {self.layer}, which {self.backbone} does not have; take "
                f"default or one of {', '.join(layers)}."
            )
        if self.kept_side < self.image_side:
            raise ValueError(
                f"learner.kept_side is {self.kept_side} and learner.image_side is "
                f"{self.image_side}; kept_side must be at least as large."
            )
        if self.rotated_classes and self.rotation_weight:
            raise ValueError(
                "learner.rotated_classes and learner.rotation_weight both ask how a picture was "
                "turned; choose one of them."
            )
        return self

    @classmethod
    def noun(cls) -> str:
        """Return what it does, as it stands inside a sentence: "learns by ..."."""
        return "pre-training a backbone"

    def in_effect(self) -> Self:
        """Return the settings with the layer that default stands for."""
        layer = FEATURE_LAYERS[self.backbone][0] if self.layer == "default" else self.layer
        return self.model_copy(update={"layer": layer})

    @property
    def drops_at(self) -> tuple[float, ...]:
        """The parts of training, 0 to 1, after which the step size falls."""
        return _fractions(self.milestones)
