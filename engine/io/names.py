"""Names that a person has mistyped: which one may be meant."""

import difflib
from collections.abc import Iterable


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the one of some names that is almost like another, whatever its case; or None."""
    folded: dict[str, str] = {}
    for each in known:
        folded.setdefault(each.casefold(), each)
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return folded[close[0]] if close else None


def one_of(name: str, known: Iterable[str]) -> str:
    """Say what to choose in the place of a name that is none of those known, as a sentence's end.

    Such as: "did you mean onnx? There are bundle, onnx." or "choose one of bundle, onnx."
    """
    names = list(known)
    listed, meant = ", ".join(names), nearest_name(name, names)
    if meant is None:
        return f"choose one of {listed}."
    return f"did you mean {meant}? There are {listed}."
