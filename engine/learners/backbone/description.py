"""The description of pre-trained backbones in what leaves the studio."""

from engine.learners.description import Description

DESCRIPTION = Description(
    "A backbone trained to tell the training classes apart, and the nearest class mean of its "
    "features (as in Tian et al., Rethinking Few-Shot Image Classification, ECCV 2020)",
    "2003.11539",
    ("few-shot-learning", "image-classification"),
    facts=("backbone", "layer", "in_channels", "image_side", "kept_side"),
    rows=(
        ("backbone", "layer"),
        ("image_side", "kept_side", "in_channels"),
        ("batch", "lr", "momentum", "weight_decay"),
        ("decay", "milestones", "decay_factor"),
        ("augmentation", "drop_rate", "label_smoothing"),
        ("rotated_classes", "rotation_weight", "mixup_alpha"),
    ),
)
