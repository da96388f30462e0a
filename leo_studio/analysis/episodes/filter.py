"""Filters of episodes: expressions such as `gain < 0 and accuracy > 60%`.

Names stand for columns, and `has("pear")` is true for episodes with a class of that name, or part
of it; so is the name alone, and in a formula a whole name. Shares are fractions of one, or percent
as the table shows them: 0.6, 60 and 60% are the same, and 1 is all of it. Nothing else is
understood, least of all Python.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import BadInput
from engine.inspection.records import EpisodeTable, Provenance
from leo_studio.analysis.episodes.filter_words import (
    as_python,
    whole_word,
    with_any_classes,
    with_quoted_classes,
    with_signs,
)

FIELDS: Final[Mapping[str, Callable[[EpisodeTable], NDArray[Any]]]] = MappingProxyType(
    {
        "number": lambda table: table.numbers,
        "before": lambda table: table.accuracies[:, 0],
        "inner": lambda table: table.accuracies[:, 1],
        "accuracy": lambda table: table.accuracies[:, 2],
        "gain": lambda table: table.gains,
        "loss": lambda table: table.losses[:, 2],
        "uncertainty": lambda table: table.mutual_informations,
        "entropy": lambda table: table.entropies,
        "calibration": lambda table: table.calibration_errors,
        "confident_errors": lambda table: table.confident_errors,
    }
)
SHARES: Final = frozenset(
    {"before", "inner", "accuracy", "gain", "calibration", "confident_errors"}
)
"""Names of what is shown in percent, or in points."""
_Operation = Callable[[Any, Any], Any]
_COMPARISONS: Final[Mapping[type[ast.cmpop], _Operation]] = MappingProxyType(
    {
        ast.Lt: np.less,
        ast.LtE: np.less_equal,
        ast.Gt: np.greater,
        ast.GtE: np.greater_equal,
        ast.Eq: np.equal,
        ast.NotEq: np.not_equal,
    }
)
_ARITHMETIC: Final[Mapping[type[ast.operator], _Operation]] = MappingProxyType(
    {
        ast.Add: np.add,
        ast.Sub: np.subtract,
        ast.Mult: np.multiply,
        ast.Div: np.true_divide,
    }
)
_RESERVED = frozenset(FIELDS) | set(["and", "or", "not", "in", "is", "if", "else", "has", "abs"])
_LONGEST, _LONGEST_WORD = 1000, 40
_UNKNOWN = re.compile(r'there is no "(.*)"', re.DOTALL)
_SIGNS = re.compile(r"[<>=!()\"'*/]")  # whatever has none of them compares nothing: it is a name


def matching(expression: str, table: EpisodeTable) -> NDArray[np.bool_]:
    """Say which rows of a table an expression is true for, (E,); all for an empty one.

    Raises
    ------
    BadInput
        If it is not understood; the sentence says what, and what can be written.
    """
    text = expression.strip()
    if not text:
        return np.ones(len(table.numbers), bool)
    if (of_class := _of_class(text, table)) is not None:
        return of_class
    try:
        return _evaluated(text, table)
    except ValueError as error:
        raise _refused(text, str(error), table) from None


def _evaluated(text: str, table: EpisodeTable) -> NDArray[np.bool_]:
    """Say which rows a formula is true for, (E,).

    Raises
    ------
    ValueError
        If it is not understood.
    """
    if len(text) > _LONGEST:
        raise ValueError("it is too long")
    try:
        tree = ast.parse(_as_python(text, table), mode="eval").body
        with np.errstate(all="ignore"):
            value = _value(tree, table)
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("it is not complete") from None
    if np.asarray(value).dtype != bool:
        raise ValueError("it compares nothing")
    return np.broadcast_to(value, table.numbers.shape)


def _as_python(text: str, table: EpisodeTable) -> str:
    if not table.class_names:
        return as_python(with_any_classes(text, _RESERVED))
    return as_python(with_quoted_classes(text, table.class_names, _RESERVED))


def example_class(class_names: Iterable[str]) -> str:
    """Return a class for examples: the shortest one that can be written in quotes, or a pear."""
    plain = [name for name in class_names if name and not set(name) & set("\"'")]
    return min(plain, key=lambda name: (len(name), name), default="pear")


def example(class_names: Iterable[str]) -> str:
    """Return a filter that shows how they are written, with one of these classes."""
    return f'accuracy < 60 and has("{example_class(class_names)}")'


def is_understood(expression: str) -> bool:
    """Say whether an expression is one, whatever table it will be asked of."""
    no, stages = np.zeros(0), np.zeros((0, 3))
    whole = np.zeros(0, np.int64)
    classes, confusions = np.zeros((0, 1), np.int64), np.zeros((0, 1, 1), np.int32)
    empty = EpisodeTable(
        Provenance("", 0), (), whole, classes, stages, stages, no, no, no, no, confusions
    )
    try:
        matching(expression, empty)
    except BadInput:
        return False
    return True


def _of_class(text: str, table: EpisodeTable) -> NDArray[np.bool_] | None:
    """Say which episodes have a class by a name alone; None where the text is a formula.

    Raises
    ------
    BadInput
        If it is neither a formula nor in the name of a class; where no classes are known, all is.
    """
    if _SIGNS.search(text) or text in FIELDS:
        return None
    wanted = text.casefold()
    if not table.class_names or any(wanted in name.casefold() for name in table.class_names):
        return has_class(table, text)
    if FIELDS.keys() & set(text.split()) or _as_python(text, table) != text:
        return None  # begun, as it seems, or several classes
    raise _refused(text, "no class has that name, and nothing is compared", table)


def _refused(text: str, why: str, table: EpisodeTable) -> BadInput:
    """Return a sentence of two short lines: what is wrong, and what can be written instead."""
    signs = with_signs(text)
    if signs != text:
        try:
            _evaluated(signs, table)
        except ValueError:
            pass
        else:
            return BadInput(f"Words are no signs; write {signs}")
    unknown = _UNKNOWN.fullmatch(why)
    if unknown is not None:
        word = whole_word(text, unknown[1])[:_LONGEST_WORD]
        if any(word.casefold() in name.casefold() for name in table.class_names):
            return BadInput(f'There is no column "{word}"; for a class write has("{word}")')
        why = f'there is no "{word}"'
    return BadInput(f"{why[0].upper()}{why[1:]}. For example: {example(table.class_names)}")


def _value(node: ast.expr, table: EpisodeTable) -> Any:
    match node:
        case ast.BoolOp(op=op, values=values):
            parts = [_truth(each, table) for each in values]
            combine = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return combine.reduce(np.broadcast_arrays(*parts))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_truth(operand, table)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, table)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            adds = isinstance(op, ast.Add | ast.Sub)
            one, other = _numbers((left, right), table) if adds else _apart((left, right), table)
            return _ARITHMETIC[type(op)](one, other)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = _numbers((left, *others), table)
            compared = [_COMPARISONS.get(type(each)) for each in ops]
            if None in compared:
                raise ValueError("numbers are compared with <, <=, >, >=, == and !=")
            results = [
                compare(one, other)
                for compare, one, other in zip(compared, sides, sides[1:], strict=False)
                if compare is not None
            ]
            return np.logical_and.reduce(np.broadcast_arrays(*results))
        case ast.Name(id=name):
            if name not in FIELDS:
                raise ValueError(f'there is no "{name}"')
            return FIELDS[name](table)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return np.float64(number)
        case ast.Call(func=ast.Name(id="has"), args=[ast.Constant(value=str(name))], keywords=[]):
            return has_class(table, name)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return np.abs(_number(argument, table))
    raise ValueError(f'"{ast.unparse(node)[:40]}" means nothing here')


def _truth(node: ast.expr, table: EpisodeTable) -> NDArray[np.bool_]:
    value = np.asarray(_value(node, table))
    if value.dtype != bool:
        raise ValueError(f'"{ast.unparse(node)[:40]}" is a number, not a comparison')
    return value


def _number(node: ast.expr, table: EpisodeTable) -> NDArray[Any]:
    value = np.asarray(_value(node, table))
    if value.dtype == bool:
        raise ValueError(f'"{ast.unparse(node)[:40]}" is a comparison, not a number')
    return value


def _apart(nodes: Sequence[ast.expr], table: EpisodeTable) -> list[NDArray[Any]]:
    return [_number(node, table) for node in nodes]


def _numbers(nodes: Sequence[ast.expr], table: EpisodeTable) -> list[NDArray[Any]]:
    """Return numbers that are compared or added: those beside a share may be percent."""
    values = _apart(nodes, table)
    if not any(_is_share(node) for node in nodes):
        return values
    return [
        value / 100 if _is_written(node) and abs(value) > 1 else value
        for node, value in zip(nodes, values, strict=True)
    ]


def _is_share(node: ast.expr) -> bool:
    """Say whether something is a share, or a sum or difference of shares."""
    match node:
        case ast.Name(id=name):
            return name in SHARES
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _is_share(operand)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _is_share(left) or _is_share(right)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return _is_share(argument)
    return False


def _is_written(node: ast.expr) -> bool:
    """Say whether something is a number as it was typed, without a % behind it."""
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant)


def has_class(table: EpisodeTable, name: str) -> NDArray[np.bool_]:
    """Say which episodes have a class of that name, or part of it, (E,)."""
    wanted = name.casefold()
    found = [place for place, each in enumerate(table.class_names) if wanted in each.casefold()]
    return np.asarray(np.isin(table.classes, found).any(1), bool)


def classes_text(table: EpisodeTable, row: int) -> str:
    """Return the names of an episode's classes."""
    return ", ".join(table.class_names[label] for label in table.classes[row].tolist())
