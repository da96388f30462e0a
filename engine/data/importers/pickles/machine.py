"""The stack machine that a pickle is a program for, without the power to call anything."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType, NoneType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.pickles.text import decoded
from engine.data.importers.untrusted import PIECE, BoundedStream, array_over, joined
from engine.errors import BadInput
from engine.io.listing import shown

SCALARS: Final = (str, bytes, int, float, bool, NoneType, np.generic)
# Array types: truth values, integers, floats, complex numbers, bytes and text of fixed width; and
# of objects, which are whatever else may be in a file.
PLAIN_DTYPE: Final = re.compile(r"[biufc]\d{1,2}|[SU]\d{1,7}|O[48]?")


class _Known(Enum):
    """What a file may name. The name is only a token: nothing is imported for it."""

    RECONSTRUCT = auto()
    FROM_BUFFER = auto()
    SCALAR = auto()
    NDARRAY = auto()
    DTYPE = auto()
    ENCODE = auto()
    BYTES = auto()
    BYTEARRAY = auto()
    SET = auto()
    DEFAULT_DICT = auto()
    LIST = auto()


_KNOWN: Final[Mapping[tuple[str, str], _Known]] = MappingProxyType(
    {
        ("numpy.core.multiarray", "_reconstruct"): _Known.RECONSTRUCT,
        ("numpy._core.multiarray", "_reconstruct"): _Known.RECONSTRUCT,
        ("numpy.core.multiarray", "scalar"): _Known.SCALAR,
        ("numpy._core.multiarray", "scalar"): _Known.SCALAR,
        ("numpy.core.numeric", "_frombuffer"): _Known.FROM_BUFFER,
        ("numpy._core.numeric", "_frombuffer"): _Known.FROM_BUFFER,
        ("numpy", "ndarray"): _Known.NDARRAY,
        ("numpy", "dtype"): _Known.DTYPE,
        # Python 3 writes bytes under protocols 0 to 2 as encode(text, "latin1").
        ("_codecs", "encode"): _Known.ENCODE,
        ("__builtin__", "bytes"): _Known.BYTES,
        ("__builtin__", "bytearray"): _Known.BYTEARRAY,
        ("builtins", "bytearray"): _Known.BYTEARRAY,
        ("__builtin__", "set"): _Known.SET,
        ("builtins", "set"): _Known.SET,
        # What gathers the vectors of each class, defaultdict(list): read as a plain dict.
        ("collections", "defaultdict"): _Known.DEFAULT_DICT,
        ("__builtin__", "list"): _Known.LIST,
        ("builtins", "list"): _Known.LIST,
    }
)


@dataclass(slots=True)
class _Draft:
    """An array or a dtype that has been begun; a BUILD opcode completes it.

    The file may keep it in the memo before that, so the completed one replaces it there.
    """

    dtype: np.dtype[Any] | None  # None where it is an array
    memo_keys: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Latin1:
    """Text that is really the bytes of an array, and stays bytes: it may be a gigabyte."""

    data: bytes


class Machine:
    """The stack machine: a stack, the stacks set aside at each mark, and the memo."""

    def __init__(self, source: BoundedStream) -> None:
        self.source = source
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.spent = 0

    def refused(self, what: str) -> BadInput:
        """Return the error for a pickle that holds what no file of embeddings needs."""
        return BadInput(
            f"{self.source.name} {what}; a file of embeddings holds only arrays and plain "
            "containers, so it was not read; get it from its authors again."
        )

    # The stack and the memo

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self.stack.append(value)

    def push_mark(self) -> None:
        """Begin a stack of its own for what follows."""
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Any]:
        """Return everything since the last mark."""
        items = self.stack
        self.stack = self.below.pop()
        return items

    def pop(self) -> None:
        """Drop the top of the stack, or the mark that is there."""
        if self.stack:
            self.stack.pop()
        else:
            self.pop_mark()

    def keep(self, key: int) -> None:
        """Put the top of the stack into the memo."""
        if key < 0:
            raise ValueError("negative memo key")
        self.memo[key] = self.stack[-1]
        if isinstance(self.stack[-1], _Draft):
            self.stack[-1].memo_keys.append(key)

    # Text

    def push_utf8(self, size: int) -> None:
        """Push text of `size` bytes in UTF-8."""
        if size <= PIECE:
            self.push(str(self.source.take(size), "utf-8", "surrogatepass"))
        else:
            self.push_text(decoded(self.source.pieces(size), "utf-8", "surrogatepass"))

    def push_latin1(self, size: int) -> None:
        """Push Python 2 text of `size` bytes."""
        self.push_text(decoded(self.source.pieces(size), "latin-1"))

    def push_bytearray(self, size: int) -> None:
        """Push a bytearray of `size` bytes."""
        data = bytearray()
        for piece in self.source.pieces(size):
            data += piece
        self.push(data)

    def push_text(self, pieces: Iterator[str]) -> None:
        """Push text that may be long: as bytes where an array waits for them."""
        if not self._feeds_array():
            self.push("".join(pieces))
            return
        data = joined(piece.encode("latin-1") for piece in pieces)
        self.push(_Latin1(data) if len(data) > PIECE else data.decode("latin-1"))

    def _feeds_array(self) -> bool:
        """Return whether the next text is the argument of `encode`, or ends an array's state."""
        match self.stack:
            case [int(), tuple(), np.dtype(), int()]:  # the state as Python 2 writes it
                return True
            case []:  # a mark stands between
                return bool(self.below and self.below[-1]) and self.below[-1][-1] is _Known.ENCODE
            case [*_, top]:
                return top is _Known.ENCODE
        return False

    # Containers

    def extend(self, items: Iterable[Any]) -> None:
        """Append to the list on top of the stack."""
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError("not a list")
        target.extend(items)

    def add(self, items: list[Any]) -> None:
        """Add to the set on top of the stack."""
        target = self.stack[-1]
        if not isinstance(target, set):
            raise TypeError("not a set")
        target.update(map(self._key, items))

    def set_items(self, items: list[Any]) -> None:
        """Set keys to values, which alternate in `items`, in the dict on top of the stack."""
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise TypeError("not a dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[self._key(key)] = value

    def push_dict(self, items: list[Any]) -> None:
        """Push a new dict of keys and values, which alternate in `items`."""
        self.push({})
        self.set_items(items)

    def push_tuple(self, size: int) -> None:
        """Replace the `size` values on top of the stack by a tuple of them."""
        items = tuple(self.stack[-size:])
        if len(items) < size:
            raise IndexError("too few values")
        self.stack[-size:] = [items]

    def _key(self, key: Any) -> Any:
        """Return `key`, a scalar or a flat tuple: to hash a deep one can overflow or never end."""
        if not all(isinstance(part, SCALARS) for part in (key if type(key) is tuple else (key,))):
            raise self.refused(f"has a {type(key).__name__.strip('_')} as a key")
        return key

    # Names and what is done with them

    def push_known(self, module: str, name: str) -> None:
        """Push the token that a name stands for."""
        token = _KNOWN.get((module, name))
        if token is None:
            raise self.refused(f"asks for {shown(f'{module}.{name}')}")
        self.push(token)

    def push_known_from_stack(self) -> None:
        """Push the token for the module and the name on top of the stack."""
        name, module = self.stack.pop(), self.stack.pop()
        if not (isinstance(module, str) and isinstance(name, str)):
            raise TypeError("a name is not text")
        self.push_known(module, name)

    def reduce(self) -> None:
        """Do what a known name and its arguments stand for."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, _Known):
            raise TypeError("not a name")
        match function, arguments:
            case _Known.RECONSTRUCT, (_Known(), tuple(), str() | bytes()):
                self.push(_Draft(None))
            case _Known.DTYPE, (str(code), int(), int()):
                if not PLAIN_DTYPE.fullmatch(code):
                    raise self.refused(f"holds an array of type {shown(code)}")
                self.push(_Draft(np.dtype(code)))
            case _Known.SCALAR, (np.dtype() as dtype, data):
                self.push(self._array(data, dtype, ())[()] if dtype.itemsize else dtype.type())
            case _Known.FROM_BUFFER, (data, np.dtype() as dtype, tuple(shape), str(order), *axes):
                array = self._array(data, dtype, shape, fortran_order=order == "F")
                self.push(array.transpose(axes[0]) if axes else array)
            case _Known.ENCODE | _Known.BYTEARRAY, (str() | _Latin1() as text, str(encoding)):
                if encoding not in ("latin1", "latin-1"):
                    raise self.refused(f"holds text encoded as {shown(encoding)}")
                data = self._payload(text)
                self.push(data if function is _Known.ENCODE else bytearray(data))
            case _Known.BYTEARRAY, (bytes(data),):
                self.push(bytearray(self._payload(data)))
            case _Known.BYTEARRAY | _Known.BYTES, ():
                self.push(b"" if function is _Known.BYTES else bytearray())
            case _Known.SET, (list(items),):
                self._spend(len(items))
                self.push(set(map(self._key, items)))
            case _Known.DEFAULT_DICT, (_Known.LIST,):
                self.push({})
            case _:
                raise self.refused("puts a call together in a way that no array needs")

    def build(self) -> None:
        """Complete the array or dtype below the top of the stack with the state on top."""
        state, draft = self.stack.pop(), self.stack.pop()
        match draft, state:
            case _Draft(dtype=None), (int(), tuple(shape), np.dtype() as dtype, int(fortran), data):
                built: object = self._array(data, dtype, shape, fortran_order=bool(fortran))
            case _Draft(dtype=np.dtype() as dtype), (int(), str(order), None, None, None, *_):
                built = dtype.newbyteorder(">" if order == ">" else "<")
            case _:
                raise self.refused("holds something else than plain arrays")
        for key in draft.memo_keys:
            if self.memo[key] is draft:
                self.memo[key] = built
        self.push(built)

    def _array(
        self,
        data: object,
        dtype: np.dtype[Any],
        shape: tuple[Any, ...],
        *,
        fortran_order: bool = False,
    ) -> NDArray[Any]:
        if dtype.hasobject:
            return self._array_of_objects(data, shape)
        payload = self._payload(data)
        return array_over(payload, dtype, shape, fortran_order=fortran_order, name=self.source.name)

    def _array_of_objects(self, data: object, shape: tuple[Any, ...]) -> NDArray[Any]:
        """Return an array of what a list holds, which `read_pickle` looks at in the end.

        The last index runs first, whatever the order in memory was.
        """
        if not isinstance(data, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise self.refused("holds something else than plain arrays")
        if len(shape) > 32 or math.prod(shape) != len(data):
            raise self.source.damaged(f"{len(data):,} objects do not make an array of {shape}")
        self._spend(len(data))
        array = np.empty(len(data), np.object_)
        # One by one: NumPy would look for arrays among what is assigned as a whole.
        for place, item in enumerate(data):
            array[place] = item
        return array.reshape(shape)

    def _payload(self, data: object) -> bytes | bytearray:
        """Return what a call is to make an array or bytes of."""
        match data:
            case bytes() | bytearray():
                payload = data
            case _Latin1(data=kept):
                payload = kept
            case str():  # Python 2, or short
                payload = data.encode("latin-1")
            case _:
                raise TypeError("not bytes")
        self._spend(len(payload))
        return payload

    def _spend(self, count: int) -> None:
        """Count what calls are given, which in an honest file it holds and passes on twice at most.

        A file that recalls one argument for a million calls would fill any memory.
        """
        self.spent += count
        if self.spent > 4 * self.source.size:
            raise self.refused("makes many copies of a few bytes")
