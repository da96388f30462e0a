"""A pickle reader that cannot execute anything, for files of embeddings.

A pickle is a program for a small stack machine, and the standard library's machine calls whatever
the program names. This one has no way to call: a name is looked up in a short table, where it
stands for something that is done here, and any other name is refused. What can come out is arrays
of numbers, truth values, text and objects, NumPy scalars, and Python's plain values and containers.

It reads protocols 0 to 5 as Python 3 writes them and 0 to 2 as Python 2 does. Memory stays at one
copy of the largest array: its bytes are read in pieces into one buffer, which the array then uses
and the memo shares. That is why this is not `pickle.Unpickler` with `find_class` overridden: under
the old protocols it keeps three copies.

Text that Python 2 wrote is read as Latin-1, as LEO's released code reads it.

`machine` holds the machine, `instructions` what each opcode does to it, `text` the encodings.
"""

import pickle  # For the names of its opcodes; nothing of it is called.
import struct
from typing import IO, Final

import numpy as np

from engine.data.importers.pickles.instructions import REFUSED, STEPS, name_line
from engine.data.importers.pickles.machine import SCALARS, Machine
from engine.data.importers.untrusted import BoundedStream
from engine.errors import BadInput
from engine.io.listing import shown

# Every opcode makes at most one object; names of ten million images need two thirds of this.
MOST_OPCODES = 30_000_000
LEAVES: Final = (*SCALARS, bytearray, np.ndarray)


def read_pickle(stream: IO[bytes], name: str, size: int) -> object:
    """Read a pickle of arrays and plain containers without executing anything.

    Parameters
    ----------
    stream
        A buffered binary stream, read from its position onwards; it need not be seekable.
    name
        What to call the file in an error.
    size
        How many bytes the pickle has. Nothing is read beyond them.

    Returns
    -------
    object
        Arrays are read-only where the file kept them as `bytes`.

    Raises
    ------
    BadInput
        If the file asks for anything else than arrays and plain containers, or is damaged.
    """
    source = BoundedStream(stream, name, size)
    machine = Machine(source)
    try:
        value = _run(machine)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, struct.error) as error:
        # A program that takes from an empty stack, recalls what it never kept, and the like.
        raise source.damaged("that is no well-formed pickle") from error
    source.require_end()
    if not _is_plain(value):
        raise machine.refused("holds a stray piece of an array")
    return value


def _run(machine: Machine) -> object:
    """Follow the opcodes to the last one and return what they made."""
    for _ in range(MOST_OPCODES):
        opcode = machine.source.take(1)
        step = STEPS.get(opcode)
        if step is not None:
            step(machine)
        elif opcode == pickle.STOP:
            return machine.stack.pop()
        else:
            raise _unknown(machine, opcode)
    raise machine.refused(f"holds more than {MOST_OPCODES:,} objects")


def _unknown(machine: Machine, opcode: bytes) -> BadInput:
    source = machine.source
    if opcode == pickle.INST:
        return machine.refused(f"asks for {shown(f'{name_line(source)}.{name_line(source)}')}")
    if opcode in REFUSED:
        return machine.refused(f"holds {REFUSED[opcode]}")
    if source.position == 1:
        return BadInput(f"{source.name} is no pickle; check that it is the right file.")
    return source.damaged("that is no well-formed pickle")


def _is_plain(value: object) -> bool:
    """Return whether `value` holds nothing but what this reader promises.

    Tokens for names, unfinished arrays and dtypes are on the machine's stack in passing; a file
    that was put together by hand could leave them in its containers. Keys were checked before.
    """
    waiting, seen = [value], set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        if isinstance(item, np.ndarray) and item.dtype.hasobject:
            seen.add(id(item))
            waiting.extend(item.ravel())
            continue
        if isinstance(item, LEAVES):
            continue
        if not isinstance(item, (list, tuple, set, dict)):
            return False
        seen.add(id(item))
        waiting.extend(item.values() if isinstance(item, dict) else item)
    return True
