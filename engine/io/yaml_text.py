"""YAML as people write it, with plain types only."""

import re
from typing import Any

import yaml

from engine.errors import BadInput


def parse_yaml(text: str, source: str, *, is_ours: bool = False) -> object:
    """Parse YAML with plain types only; raises `BadInput` naming the line of a mistake.

    `is_ours` says that the text came with the application: then it is read in C, eight times as
    fast, where there is a reader in C.
    """
    try:
        value: object = yaml.load(text, _OurLoader if is_ours else _Loader)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f" in line {error.problem_mark.line + 1}"
        raise BadInput(f"{source} is not valid YAML: {error.problem}{line}; mend it.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())
        raise BadInput(f"{source} is not valid YAML ({problem}); mend it.") from None
    return value


def written_yaml(value: object) -> str:
    """Write plain containers as YAML, their keys in their order, innermost ones on a line."""
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )
    return text


class _UniqueKeys(yaml.constructor.SafeConstructor):
    """YAML as people write it: a key that stands twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                mark = node.value[index][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", mark)
        return super().construct_mapping(node, deep)


# In C where there is one: Python's own forgets to escape some line ends. Reading what others wrote
# is left to Python's, since the one in C crashes on brackets that are nested deep enough.
_Dumper: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})
_Loader: Any = type("_Loader", (_UniqueKeys, yaml.SafeLoader), {})
_OurLoader: Any = type(
    "_OurLoader", (_UniqueKeys, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), {}
)

# YAML 1.1, which pyyaml reads, takes 1e-4 for a text: it asks for a dot and a sign. Who writes has
# to know, and to quote a text that would be read as a number.
for _kind in (_Loader, _OurLoader, _Dumper):
    _kind.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?(\d[\d_]*)(\.[\d_]*)?([eE][-+]?\d+)$"),
        list("-+0123456789"),
    )
