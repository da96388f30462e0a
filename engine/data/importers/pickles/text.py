"""How pickles encode text, decoded piece by piece: it may be the gigabyte of an array's bytes."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

# What Python 2's repr of a string is made of; decoding stops before a token that is cut in two.
REPR_TOKENS: Final = re.compile(rb"(?:[^\\]++|\\x[0-9a-fA-F]{2}|\\[\\'\"nrt])*+")
LONGEST_TOKEN = 4


def decoded(pieces: Iterable[bytes], encoding: str, errors: str = "strict") -> Iterator[str]:
    """Decode pieces of text, which may end within a character."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def unquoted(pieces: Iterable[bytes]) -> Iterator[str]:
    """Decode Python 2's repr of a string, in quotes and with escapes, into Latin-1 text.

    Raises
    ------
    ValueError
        If it is no such repr.
    """
    quote, rest = b"", b""
    for piece in pieces:
        rest += piece
        if not quote:
            quote, rest = rest[:1], rest[1:]
        # The last byte may be the closing quote, so it waits for the next piece.
        tokens = REPR_TOKENS.match(rest, 0, max(len(rest) - 1, 0))
        end = tokens.end() if tokens else 0
        if len(rest) - end > LONGEST_TOKEN:
            raise ValueError("not an escape sequence")
        yield codecs.escape_decode(rest[:end])[0].decode("latin-1")
        rest = rest[end:]
    if rest != quote or quote not in (b"'", b'"'):
        raise ValueError("a string without its quotes")
