"""What each opcode of a pickle does to the machine."""

import pickle  # For the names of its opcodes; nothing of it is called.
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from engine.data.importers.pickles.machine import Machine
from engine.data.importers.pickles.text import decoded, unquoted
from engine.data.importers.untrusted import BoundedStream


def name_line(source: BoundedStream) -> str:
    """Read a line that is a module or a name in it."""
    return source.line().decode("utf-8", "backslashreplace")


def _integer_or_bool(line: bytes) -> int:
    """Return the integer, or before protocol 2 the truth value, that a line of text holds."""
    return line == b"01" if line in (b"00", b"01") else int(line)


def _check_protocol(machine: Machine) -> None:
    version = machine.source.integer(1)
    if version > pickle.HIGHEST_PROTOCOL:
        raise machine.refused(f"is a pickle of protocol {version}, which is not known")


# The instruction set: what each opcode does to the machine.
STEPS: Final[Mapping[bytes, Callable[[Machine], object]]] = MappingProxyType(
    {
        pickle.PROTO: _check_protocol,
        pickle.FRAME: lambda m: m.source.take(8),  # a hint for buffering
        # Constants and numbers
        pickle.NONE: lambda m: m.push(None),
        pickle.NEWTRUE: lambda m: m.push(True),
        pickle.NEWFALSE: lambda m: m.push(False),
        pickle.INT: lambda m: m.push(_integer_or_bool(m.source.line())),
        pickle.LONG: lambda m: m.push(int(m.source.line().rstrip(b"L"))),
        pickle.BININT: lambda m: m.push(m.source.integer(4, signed=True)),
        pickle.BININT1: lambda m: m.push(m.source.integer(1)),
        pickle.BININT2: lambda m: m.push(m.source.integer(2)),
        pickle.LONG1: lambda m: m.push(m.source.integer(m.source.integer(1), signed=True)),
        pickle.LONG4: lambda m: m.push(m.source.integer(m.source.integer(4), signed=True)),
        pickle.FLOAT: lambda m: m.push(float(m.source.line())),
        pickle.BINFLOAT: lambda m: m.push(struct.unpack(">d", m.source.take(8))[0]),
        # Text, and bytes
        pickle.STRING: lambda m: m.push_text(unquoted(m.source.line_pieces())),
        pickle.BINSTRING: lambda m: m.push_latin1(m.source.integer(4)),
        pickle.SHORT_BINSTRING: lambda m: m.push_latin1(m.source.integer(1)),
        pickle.UNICODE: lambda m: m.push_text(
            decoded(m.source.line_pieces(), "raw-unicode-escape")
        ),
        pickle.SHORT_BINUNICODE: lambda m: m.push_utf8(m.source.integer(1)),
        pickle.BINUNICODE: lambda m: m.push_utf8(m.source.integer(4)),
        pickle.BINUNICODE8: lambda m: m.push_utf8(m.source.integer(8)),
        pickle.SHORT_BINBYTES: lambda m: m.push(m.source.take(m.source.integer(1))),
        pickle.BINBYTES: lambda m: m.push(m.source.take(m.source.integer(4))),
        pickle.BINBYTES8: lambda m: m.push(m.source.take(m.source.integer(8))),
        pickle.BYTEARRAY8: lambda m: m.push_bytearray(m.source.integer(8)),
        # Containers
        pickle.EMPTY_LIST: lambda m: m.push([]),
        pickle.EMPTY_TUPLE: lambda m: m.push(()),
        pickle.EMPTY_DICT: lambda m: m.push({}),
        pickle.EMPTY_SET: lambda m: m.push(set()),
        pickle.MARK: Machine.push_mark,
        pickle.LIST: lambda m: m.push(m.pop_mark()),
        pickle.TUPLE: lambda m: m.push(tuple(m.pop_mark())),
        pickle.DICT: lambda m: m.push_dict(m.pop_mark()),
        pickle.TUPLE1: lambda m: m.push_tuple(1),
        pickle.TUPLE2: lambda m: m.push_tuple(2),
        pickle.TUPLE3: lambda m: m.push_tuple(3),
        pickle.APPEND: lambda m: m.extend([m.stack.pop()]),
        pickle.APPENDS: lambda m: m.extend(m.pop_mark()),
        pickle.ADDITEMS: lambda m: m.add(m.pop_mark()),
        pickle.SETITEM: lambda m: m.set_items([m.stack.pop(-2), m.stack.pop()]),
        pickle.SETITEMS: lambda m: m.set_items(m.pop_mark()),
        # The stack and the memo
        pickle.POP: Machine.pop,
        pickle.POP_MARK: Machine.pop_mark,
        pickle.DUP: lambda m: m.push(m.stack[-1]),
        pickle.GET: lambda m: m.push(m.memo[int(m.source.line())]),
        pickle.BINGET: lambda m: m.push(m.memo[m.source.integer(1)]),
        pickle.LONG_BINGET: lambda m: m.push(m.memo[m.source.integer(4)]),
        pickle.PUT: lambda m: m.keep(int(m.source.line())),
        pickle.BINPUT: lambda m: m.keep(m.source.integer(1)),
        pickle.LONG_BINPUT: lambda m: m.keep(m.source.integer(4)),
        pickle.MEMOIZE: lambda m: m.keep(len(m.memo)),
        # Names
        pickle.GLOBAL: lambda m: m.push_known(name_line(m.source), name_line(m.source)),
        pickle.STACK_GLOBAL: Machine.push_known_from_stack,
        pickle.REDUCE: Machine.reduce,
        pickle.BUILD: Machine.build,
    }
)

# Opcodes that are known and have no place in a file of embeddings.
REFUSED: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        pickle.OBJ: "an instance of a class",
        pickle.NEWOBJ: "an instance of a class",
        pickle.NEWOBJ_EX: "an instance of a class",
        pickle.EXT1: "an object from a registry of extensions",
        pickle.EXT2: "an object from a registry of extensions",
        pickle.EXT4: "an object from a registry of extensions",
        pickle.PERSID: "a reference to an object outside the file",
        pickle.BINPERSID: "a reference to an object outside the file",
        pickle.NEXT_BUFFER: "a reference to a buffer outside the file",
        pickle.READONLY_BUFFER: "a reference to a buffer outside the file",
        pickle.FROZENSET: "a frozenset",
    }
)
