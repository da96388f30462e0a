"""Which classes are for training, validation and test: read from files of the field, or drawn.

A file of splits is one of

- JSON, `{"train": [CLASS, ...], "val": [...], "test": [...]}`; other keys are ignored,
- CSV with the columns `class` and `split`,
- a folder of `train`, `val` and `test` files, or one of these: JSON, where mappings are levels of a
  class's name (`{"background": {"Korean": ["character01"]}}` is background/Korean/character01), or
  CSV with the columns `filename` and `label` (Ravi and Larochelle 2017).

`validation` and `valid` stand for `val`, `base` for `train` and `novel` for `test`.
"""

import csv
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from engine.data.split_sizes import fewest_classes, why_more
from engine.data.splits import SPLITS
from engine.errors import BadInput
from engine.io.listing import counted, listed, shown
from engine.io.text import read_text

SPLIT_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "train": "train",
        "base": "train",
        "val": "val",
        "valid": "val",
        "validation": "val",
        "test": "test",
        "novel": "test",
    }
)
PROPORTIONS: Final = (64.0, 16.0, 20.0)  # of train, val and test, as miniImageNet has them
_ENDINGS = (".json", ".csv")
_LARGEST_FILE = 64 << 20
_DEEPEST = 16  # levels of a class's name
_CLASS_COLUMNS = ("class", "class_name", "label")
_FORMS = (
    'a JSON file {"train": [class, ...], "val": [...], "test": [...]}, a CSV file with the columns '
    "class and split, or a folder of train, val and test files"
)


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """How classes are divided where the data does not say it.

    Attributes
    ----------
    file
        Says it of each class, and goes before what the data says; see `read_class_splits`.
    proportions, seed
        Of the drawing, where nothing else says it.
    is_drawn
        Whether classes are drawn although the data says how they are divided.
    """

    file: Path | None = None
    proportions: Sequence[float] = PROPORTIONS
    seed: int = 0
    is_drawn: bool = False


DRAWN: Final = SplitChoice()


def splits_by_file(
    class_names: Sequence[str], file: Path
) -> tuple[dict[str, str | None], list[str]]:
    """Return the split of each class by a file, None for those that it leaves out, and notes.

    Raises
    ------
    BadInput
        If it is no such file, or does not fit the classes.
    """
    split_of = splits_of_classes(class_names, read_class_splits(file), file.name)
    left_out = [name for name in class_names if split_of[name] is None]
    notes = [f"Classes are divided as {file.name} says."]
    if left_out:
        notes.append(
            f"{file.name} names no split for {len(left_out):,} of {len(class_names):,} classes, "
            f"which were left out: {listed(left_out)}."
        )
    return split_of, notes


def splits_by_chance(
    class_names: Sequence[str], choice: SplitChoice, what: str
) -> tuple[dict[str, str], str]:
    """Return the split of each class, drawn, and a note on `what`, which is not asked."""
    drawn = draw_class_splits(class_names, choice.proportions, choice.seed)
    counts = Counter(drawn.values())
    shares = "/".join(f"{share:g}" for share in choice.proportions)
    silent = f"{what} does not say which classes are for training, validation and test, so classes"
    why = "Classes" if choice.is_drawn else silent
    return drawn, (
        f"{why} were drawn, {shares} with seed {choice.seed}: "
        f"{', '.join(f'{counts[split]} for {split}' for split in SPLITS)}."
        f"{why_more(choice.proportions, counts)}"
    )


def read_class_splits(path: Path) -> dict[str, str]:
    """Return the split of each class that a file, or a folder of files, names.

    Raises
    ------
    BadInput
        If it is none of those that the module describes, or puts a class into two splits.
    """
    files = _files_in(path) if path.is_dir() else {path: SPLIT_WORDS.get(path.stem.lower(), "")}
    split_of: dict[str, str] = {}
    for file, split in files.items():
        for name, its_split in _classes_in(file, split):
            if not name.strip():
                raise BadInput(f"{file.name} has a class without a name; give it one.")
            first = split_of.setdefault(name, its_split)
            if first != its_split:
                raise BadInput(
                    f'{file.name} puts class "{shown(name)}" into {its_split}, and it is in '
                    f"{first} already; few-shot splits must not share classes, so leave it in one."
                )
    if not split_of:
        raise BadInput(f"{path.name} names no class; give {_FORMS}.")
    return split_of


def draw_class_splits(
    class_names: Sequence[str], proportions: Sequence[float] = PROPORTIONS, seed: int = 0
) -> dict[str, str]:
    """Divide classes at random; the same names and seed are divided alike anywhere, in any order.

    Parameters
    ----------
    class_names
        The classes.
    proportions
        Of train, val and test; a split whose share is 0 stays empty, any other has a class at
        least, and five where there are twenty.
    seed
        Another one divides them in another way.

    Raises
    ------
    BadInput
        If the proportions are no shares, or there are fewer classes than splits.
    """
    shares = tuple(proportions)
    if (
        len(shares) != len(SPLITS)
        or not all(math.isfinite(share) and share >= 0 for share in shares)
        or not shares[0] > 0
    ):
        raise BadInput(
            f"The proportions are {'/'.join(f'{share:g}' for share in shares)}; they must be those "
            "of train, val and test, such as 64/16/20: three numbers, none below 0, the first "
            "above."
        )
    names = sorted(set(class_names), key=lambda name: _hash(name, seed))
    parts = sum(share > 0 for share in shares)
    if len(names) < parts:
        raise BadInput(
            f"There are {len(names)} classes, too few to divide into {parts} splits; it takes "
            "one for each, and for episodes many more."
        )
    few = fewest_classes(shares, len(names))
    least = [few if share > 0 else 0 for share in shares]
    val, test = (
        max(own, round(share / sum(shares) * len(names)))
        for own, share in zip(least[1:], shares[1:], strict=True)
    )
    while val + test > len(names) - least[0]:  # rounded up, both: train has some too
        val, test = (val - 1, test) if val > test else (val, test - 1)
    splits = ["val"] * val + ["test"] * test + ["train"] * (len(names) - val - test)
    split_of = dict(zip(names, splits, strict=True))
    return {name: split_of[name] for name in class_names}


def read_proportions(text: str) -> tuple[float, ...]:
    """Return the three numbers of a text such as "64/16/20"; raises `BadInput` if it has others."""
    try:
        shares = tuple(float(part) for part in text.split("/"))
    except ValueError:
        shares = ()
    if len(shares) != len(SPLITS):
        raise BadInput(
            f'The proportions are "{shown(text)}"; they must be those of train, val and test, such '
            "as 64/16/20."
        )
    return shares


def splits_of_classes(
    class_names: Sequence[str], wanted: Mapping[str, str], where: str
) -> dict[str, str | None]:
    """Return the split of each class of the data; None where `wanted` does not name it.

    A class is known by its whole name, or else by the end of its path: "background/Korean/c01"
    stands for "omniglot/images_background/Korean/c01", and "Korean/c01" too where no other class
    ends so.

    Parameters
    ----------
    class_names
        The classes of the data.
    wanted
        The split of each class, as `read_class_splits` returns it.
    where
        What the splits are called in an error.

    Raises
    ------
    BadInput
        If a class of the splits is not in the data, or may be several.
    """
    split_of: dict[str, str | None] = dict.fromkeys(class_names)
    ends = _by_their_ends(class_names)
    unknown = []
    for name, split in wanted.items():
        found = [name] if name in split_of else _ending_like(name, ends)
        if len(found) > 1:
            places = listed([f'"{shown(each)}"' for each in found])
            raise BadInput(
                f'{where}: class "{shown(name)}" may be any of {places}; write the whole name.'
            )
        if not found:
            unknown.append(name)
            continue
        if split_of[found[0]] not in (None, split):
            raise BadInput(
                f'{where} puts class "{shown(found[0])}" into both {split_of[found[0]]} and '
                f"{split}; leave it in one."
            )
        split_of[found[0]] = split
    if unknown:
        raise BadInput(
            f"{where}: {counted(unknown, 'class is', 'classes are')} not in the data, whose "
            f"classes are {listed([shown(each) for each in class_names])}; give the splits of this "
            "data, or leave out what is missing."
        )
    return split_of


def _hash(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode("utf-8", "surrogatepass")).digest()


# Names of classes that are paths


def _parts(name: str) -> tuple[str, ...]:
    parts = [part for part in name.replace("\\", "/").split("/") if part]
    return tuple(part.removeprefix("images_") for part in parts)


def _by_their_ends(class_names: Sequence[str]) -> Mapping[tuple[str, ...], list[str]]:
    """Return the classes by each way to end like them."""
    ends: dict[tuple[str, ...], list[str]] = {}
    for name in class_names:
        parts = _parts(name)[-_DEEPEST:]
        for start in range(len(parts)):
            ends.setdefault(parts[start:], []).append(name)
    return ends


def _ending_like(name: str, ends: Mapping[tuple[str, ...], list[str]]) -> list[str]:
    """Return the classes whose path ends as `name` does, or is the longest end of `name`."""
    parts = _parts(name)[-_DEEPEST:]
    if parts in ends:
        whole = [each for each in ends[parts] if _parts(each) == parts]
        return whole or ends[parts]
    for start in range(1, len(parts)):
        whole = [each for each in ends.get(parts[start:], []) if _parts(each) == parts[start:]]
        if whole:
            return whole
    return []


# What the files hold


def _files_in(folder: Path) -> dict[Path, str]:
    """Return the files of a folder that are named as splits are, and their splits."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        split = SPLIT_WORDS.get(path.stem.lower())
        if split is None or path.suffix.lower() not in _ENDINGS:
            continue
        if split in found:
            raise BadInput(
                f"{folder.name} has {found[split].name} and {path.name} for the split {split}; "
                "leave one of them."
            )
        found[split] = path
    if not found:
        raise BadInput(f"{folder} holds no train, val and test files of classes; give {_FORMS}.")
    return {found[split]: split for split in SPLITS if split in found}


def _classes_in(path: Path, split: str) -> Iterator[tuple[str, str]]:
    """Yield the classes of a file and their splits; `split` is that of its name, "" for none."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise BadInput(f"{path.name} is too large to be a file of splits; give {_FORMS}.")
        text = read_text(path)
        if path.suffix.lower() == ".csv":
            yield from _classes_of_table(text, path.name, split)
        else:
            yield from _classes_of_json(json.loads(text), path.name, split)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError, csv.Error) as error:
        raise BadInput(f"{path.name} is no file of splits; give {_FORMS}.") from error


def _classes_of_json(content: object, where: str, split: str) -> Iterator[tuple[str, str]]:
    named = (
        {key: SPLIT_WORDS.get(key.lower()) for key in content} if isinstance(content, dict) else {}
    )
    if isinstance(content, dict) and any(named.values()):
        for key, its_split in named.items():
            if its_split is not None:
                for name in _names_below(content[key], (), f"{where}: {shown(key)}"):
                    yield name, its_split
    elif split:
        for name in _names_below(content, (), where):
            yield name, split
    else:
        raise BadInput(f"{where} names neither train nor val nor test; give {_FORMS}.")


def _names_below(content: object, above: tuple[str, ...], where: str) -> Iterator[str]:
    """Yield the names in a list, or in lists in mappings, whose keys come before them."""
    if len(above) > _DEEPEST:
        raise BadInput(f"{where} is nested more than {_DEEPEST} deep; give {_FORMS}.")
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _names_below(value, (*above, key), where)
    elif isinstance(content, list):
        for name in content:
            if isinstance(name, bool) or not isinstance(name, str | int):
                raise BadInput(
                    f"{where} holds a {type(name).__name__} where a class's name should be; give "
                    f"{_FORMS}."
                )
            yield "/".join((*above, str(name)))
    else:
        raise BadInput(f"{where} is a {type(content).__name__}; it must be a list of classes.")


def _classes_of_table(text: str, where: str, split: str) -> Iterator[tuple[str, str]]:
    rows = csv.reader(text.splitlines())
    columns = [column.strip().lower() for column in next(rows, [])]
    class_column = next((name for name in _CLASS_COLUMNS if name in columns), None)
    if class_column is None or not ("split" in columns or split):
        raise BadInput(
            f"{where} has the columns {listed([shown(name) for name in columns]) or 'none'}; it "
            f"must have class and split: give {_FORMS}."
        )
    at, split_at = (
        columns.index(class_column),
        columns.index("split") if "split" in columns else None,
    )
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) < len(columns):
            raise BadInput(f"{where}, line {number}, has {len(row)} of {len(columns)} columns.")
        given = split if split_at is None else row[split_at].strip()
        its_split = SPLIT_WORDS.get(given.lower())
        if its_split is None:
            raise BadInput(
                f'{where}, line {number}: split is "{shown(given)}"; it must be train, val or test.'
            )
        yield row[at].strip(), its_split
