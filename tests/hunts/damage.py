"""Damage to files: one random fault each, in bytes, in values, in archives, in HDF5."""

import io
import json
import random
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml

# Texts and numbers that programs stumble over.
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, -(10**30), 0.5, 1e20, 1e-25, 1e308,
    float("nan"), float("inf"), float("-inf"), "", " ", "nan", "1e999", "\0", "a\nb", "\ufeff", "é",
    "../../x", "/", "~", "[/b]", "<b>", "$x$", "{{x}}", "%s", "x" * 5000, [], {}, [[]], [None], [0],
    {"": 0}, {"kind": "leo"}, [1, "a"], b"bytes",
)  # fmt: skip
_ODD_BYTES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b";", b"\n", b"-1", b"1e999", b"nan", b"{", b"]" * 50,
    b"[" * 5000, b"\xff\xfe", b"\x80" * 8, b"\xff\xff\xff\xff\xff\xff\xff\x7f", b"\0" * 512,
)  # fmt: skip
_ODD_NAMES = ("", "/", "..", "a\\b", "../x", "é", "x" * 300, "train", "manifest.json", ".")


def damage_file(path: Path, chance: random.Random) -> None:
    """Put one fault into a file, of a kind that its format can have."""
    own = {
        ".json": _damage_json,
        ".yaml": _damage_yaml,
        ".zip": _damage_zip,
        ".npz": _damage_zip,
        ".h5": _damage_hdf5,
    }.get(path.suffix)
    if own is not None and chance.random() < 0.7:
        own(path, chance)
    else:
        path.write_bytes(damaged_bytes(path.read_bytes(), chance))


def damage_folder(path: Path, chance: random.Random) -> None:
    """Put one fault into one file of a folder, or take the file away."""
    file = chance.choice(sorted(each for each in path.rglob("*") if each.is_file()))
    match chance.randrange(12):
        case 0:
            file.unlink()
        case 1:
            file.unlink()
            file.mkdir()
        case 2:
            other = chance.choice(sorted(each for each in path.rglob("*") if each.is_file()))
            file.write_bytes(other.read_bytes())
        case 3:
            shutil.copytree(path, path / "copy")
        case 4:
            file.rename(file.with_name(f"{file.name} (1){file.suffix}"))
        case _:
            damage_file(file, chance)


def damaged_bytes(content: bytes, chance: random.Random) -> bytes:
    """Return some bytes with one fault: changed, cut, inserted, doubled, moved."""
    data = bytearray(content)
    if not data:
        return chance.choice(_ODD_BYTES)
    place = chance.randrange(len(data))
    length = min(1 << chance.randrange(10), len(data) - place)
    match chance.randrange(9):
        case 0:
            data[place] ^= 1 << chance.randrange(8)
        case 1:
            data[place : place + length] = chance.randbytes(length)
        case 2:
            del data[place:]
        case 3:
            del data[place : place + length]
        case 4:
            data[place:place] = chance.choice(_ODD_BYTES)
        case 5:
            data[place : place + length] = bytes(length)
        case 6:
            data[place:place] = data[place : place + length]
        case 7:
            data += chance.choice(_ODD_BYTES)
        case _:
            odd = chance.choice(_ODD_BYTES)
            data[place : place + len(odd)] = odd
    return bytes(data)


def damaged_value(value: Any, chance: random.Random) -> Any:
    """Return plain containers with one fault: another value, or a key that is gone or renamed."""
    holders = list(_holders(value))
    if not holders:
        return chance.choice(ODD_VALUES)
    holder = chance.choice(holders)
    key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match chance.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[str(key) + chance.choice(("s", " ", "\0", "A"))] = holder.pop(key)
        case 2 if isinstance(holder, list):
            holder.append(holder[key])
        case _:
            holder[key] = _other_value(holder[key], chance)
    return value


def _holders(value: Any) -> list[Any]:
    """Return all filled lists and dicts in some containers."""
    if not isinstance(value, dict | list) or not value:
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(each for child in inner for each in _holders(child))]


def _other_value(value: Any, chance: random.Random) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and chance.random() < 0.5:
        return chance.choice((-value, value + 1, value * 1000, float(value), str(value), [value]))
    return chance.choice(ODD_VALUES)


def _damage_json(path: Path, chance: random.Random) -> None:
    value = damaged_value(json.loads(path.read_text(encoding="utf-8")), chance)
    path.write_text(json.dumps(value, indent=1, default=str), encoding="utf-8")


def _damage_yaml(path: Path, chance: random.Random) -> None:
    value = damaged_value(yaml.safe_load(path.read_text(encoding="utf-8")), chance)
    path.write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")


def _damage_zip(path: Path, chance: random.Random) -> None:
    """Damage a member and pack it again, so that its checksum hides what was done."""
    with zipfile.ZipFile(path) as archive:
        members = [(each.filename, archive.read(each)) for each in archive.infolist()]
    at = chance.randrange(len(members))
    name, content = members[at]
    match chance.randrange(8):
        case 0:
            del members[at]
        case 1:
            members[at] = (chance.choice(_ODD_NAMES), content)
        case 2:
            members.append((name, content))
        case 3:
            members.append((chance.choice(_ODD_NAMES), b"more"))
        case 4:
            members[at] = (name, chance.choice(members)[1])
        case _:
            members[at] = (name, _damaged_member(name, content, chance))
    packed = io.BytesIO()
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would mend it
            info.compress_type = method
            with warnings.catch_warnings(action="ignore"):  # of a name that is there twice
                archive.writestr(info, content)
    path.write_bytes(packed.getvalue())


def _damaged_member(name: str, content: bytes, chance: random.Random) -> bytes:
    if name.endswith(".json") and chance.random() < 0.7:
        value = damaged_value(json.loads(content), chance)
        return json.dumps(value, default=str).encode()
    # Most of an array is numbers; what is fragile stands in front.
    front = 256 if name.endswith((".npy", ".pkl", ".safetensors")) and chance.random() < 0.6 else 0
    if front:
        return damaged_bytes(content[:front], chance) + content[front:]
    return damaged_bytes(content, chance)


def _damage_hdf5(path: Path, chance: random.Random) -> None:
    with h5py.File(path, "r+") as file:
        places: list[Any] = [file]
        file.visititems(lambda _, place: places.append(place))
        place = chance.choice(places)
        attributed = [each for each in places if len(each.attrs)]
        if attributed and chance.random() < 0.3:
            _damage_attribute(chance.choice(attributed), chance)
        elif place is not file:
            _damage_member(file, place.name, chance)
        else:
            file.create_group(chance.choice(("train", "val", "more")) + str(chance.random()))


def _damage_attribute(place: Any, chance: random.Random) -> None:
    name = chance.choice(list(place.attrs))
    if chance.random() < 0.2:
        del place.attrs[name]
        return
    odd: tuple[Any, ...] = (
        0, -1, 3, 2**40, 1.5, float("nan"), "", "text", np.zeros(3), np.zeros((0, 2)), b"\xff\xfe",
        np.array(["a", "b"], h5py.string_dtype()), h5py.Empty("f4"),
    )  # fmt: skip
    place.attrs[name] = chance.choice(odd)


def _damage_member(file: h5py.File, name: str, chance: random.Random) -> None:
    """Replace, remove or bend a group or a dataset."""
    place = file[name]
    whole = place[()] if isinstance(place, h5py.Dataset) else None
    numbers = whole if isinstance(whole, np.ndarray) and whole.dtype.kind in "iuf" else None
    replacements: list[Callable[[], Any]] = [
        lambda: h5py.SoftLink(name),  # to itself
        lambda: h5py.ExternalLink("nowhere.h5", "/x"),
        lambda: np.zeros(0, np.float32),
        lambda: np.zeros((2, 0, 3), np.int64),
        lambda: np.float32(1),
        lambda: "a text",
        lambda: h5py.Empty("f4"),
        lambda: np.array([1 + 2j]),
        lambda: np.array(["a", "b", "c"], h5py.string_dtype()),
        lambda: np.array([b"\xff\xfe", b"b"]),
    ]
    if numbers is not None:
        replacements += [lambda: _bent(numbers, chance)] * 12
    del file[name]
    match chance.randrange(8):
        case 0:
            return
        case 1:
            file.create_group(name)
        case _:
            file[name] = chance.choice(replacements)()


def _bent(numbers: Any, chance: random.Random) -> Any:
    """Return numbers of another shape or type, or with one odd number among them."""
    match chance.randrange(8):
        case 0:
            return numbers[:-1]
        case 1:
            return numbers[..., None]
        case 2:
            return numbers.astype(chance.choice(("f2", "f8", "i1", "u8", "S3", ">f4", "bool")))
        case 3:
            return np.concatenate([numbers, numbers])
        case 4:
            return numbers.ravel()
        case _:
            bent = numbers.copy()
            odd = (np.nan, np.inf, 1e38, 1e-40, 0) if bent.dtype.kind == "f" else (-1, 0, 2**30)
            if bent.size:
                value = np.array(chance.choice(odd)).astype(bent.dtype)  # -1 becomes 255
                bent.flat[chance.randrange(bent.size)] = value
            return bent
