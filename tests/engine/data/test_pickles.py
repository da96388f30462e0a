"""The pickle reader gives back what ordinary files hold, and nothing that it reads can act."""

import base64
import io
import os
import pickle
import struct
import subprocess
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings
from numpy.typing import NDArray

from engine.data.importers.pickles import read_pickle
from engine.data.importers.untrusted import PIECE
from engine.errors import BadInput

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)

# Written by Python 2.7.18 and NumPy 1.16.6 with cPickle, protocols 0, 1 and 2, of
# {"embeddings": np.asfortranarray(np.array([[0.5, 1, -2], [3, 4, 5]], ">f4")),
#  "labels": np.array([0, 1]), "keys": np.array(["0-a-a_1.jpg", "1-b-b_2.jpg"]),
#  "note": u"\xfc", "s": "it's\xff", "set": {7}}
PYTHON_2 = (
    """
    KGRwMQpTJ3NldCcKcDIKY19fYnVpbHRpbl9fCnNldApwMwooKGxwNApJNwphdFJwNQpzUydlbWJlZGRpbmdzJwpwNgpj
    bnVtcHkuY29yZS5tdWx0aWFycmF5Cl9yZWNvbnN0cnVjdApwNwooY251bXB5Cm5kYXJyYXkKcDgKKEkwCnRTJ2InCnRS
    cDkKKEkxCihJMgpJMwp0Y251bXB5CmR0eXBlCnAxMAooUydmNCcKSTAKSTEKdFJwMTEKKEkzClMnPicKTk5OSS0xCkkt
    MQpJMAp0YkkwMQpTJz9ceDAwXHgwMFx4MDBAQFx4MDBceDAwP1x4ODBceDAwXHgwMEBceDgwXHgwMFx4MDBceGMwXHgw
    MFx4MDBceDAwQFx4YTBceDAwXHgwMCcKdGJzUydrZXlzJwpwMTIKZzcKKGc4CihJMAp0UydiJwp0UnAxMwooSTEKKEky
    CnRnMTAKKFMnUzExJwpJMApJMQp0UnAxNAooSTMKUyd8JwpOTk5JMTEKSTEKSTAKdGJJMDAKUycwLWEtYV8xLmpwZzEt
    Yi1iXzIuanBnJwp0YnNTJ2xhYmVscycKcDE1Cmc3CihnOAooSTAKdFMnYicKdFJwMTYKKEkxCihJMgp0ZzEwCihTJ2k4
    JwpJMApJMQp0UnAxNwooSTMKUyc8JwpOTk5JLTEKSS0xCkkwCnRiSTAwClMnXHgwMFx4MDBceDAwXHgwMFx4MDBceDAw
    XHgwMFx4MDBceDAxXHgwMFx4MDBceDAwXHgwMFx4MDBceDAwXHgwMCcKdGJzUydub3RlJwpwMTgKVvwKc1MncycKUyJp
    dCdzXHhmZiIKcDE5CnMu
    """,
    """
    fXEBKFUDc2V0cQJjX19idWlsdGluX18Kc2V0CnEDKF1xBEsHYXRScQVVCmVtYmVkZGluZ3NxBmNudW1weS5jb3JlLm11
    bHRpYXJyYXkKX3JlY29uc3RydWN0CnEHKGNudW1weQpuZGFycmF5CnEIKEsAdFUBYnRScQkoSwEoSwJLA3RjbnVtcHkK
    ZHR5cGUKcQooVQJmNEsASwF0UnELKEsDVQE+Tk5OSv////9K/////0sAdGJJMDEKVRg/AAAAQEAAAD+AAABAgAAAwAAA
    AECgAAB0YlUEa2V5c3EMaAcoaAgoSwB0VQFidFJxDShLAShLAnRoCihVA1MxMUsASwF0UnEOKEsDVQF8Tk5OSwtLAUsA
    dGJJMDAKVRYwLWEtYV8xLmpwZzEtYi1iXzIuanBndGJVBmxhYmVsc3EPaAcoaAgoSwB0VQFidFJxEChLAShLAnRoCihV
    Amk4SwBLAXRScREoSwNVATxOTk5K/////0r/////SwB0YkkwMApVEAAAAAAAAAAAAQAAAAAAAAB0YlUEbm90ZXESWAIA
    AADDvFUBc1UFaXQnc/9xE3Uu
    """,
    """
    gAJ9cQEoVQNzZXRxAmNfX2J1aWx0aW5fXwpzZXQKcQNdcQRLB2GFUnEFVQplbWJlZGRpbmdzcQZjbnVtcHkuY29yZS5t
    dWx0aWFycmF5Cl9yZWNvbnN0cnVjdApxB2NudW1weQpuZGFycmF5CnEISwCFVQFih1JxCShLAUsCSwOGY251bXB5CmR0
    eXBlCnEKVQJmNEsASwGHUnELKEsDVQE+Tk5OSv////9K/////0sAdGKIVRg/AAAAQEAAAD+AAABAgAAAwAAAAECgAAB0
    YlUEa2V5c3EMaAdoCEsAhVUBYodScQ0oSwFLAoVoClUDUzExSwBLAYdScQ4oSwNVAXxOTk5LC0sBSwB0YolVFjAtYS1h
    XzEuanBnMS1iLWJfMi5qcGd0YlUGbGFiZWxzcQ9oB2gISwCFVQFih1JxEChLAUsChWgKVQJpOEsASwGHUnERKEsDVQE8
    Tk5OSv////9K/////0sAdGKJVRAAAAAAAAAAAAEAAAAAAAAAdGJVBG5vdGVxElgCAAAAw7xVAXNVBWl0J3P/cRN1Lg==
    """,
)


def read(data: bytes) -> Any:
    return read_pickle(io.BytesIO(data), "x.pkl", len(data))


def refusal(data: bytes) -> str:
    """Return the sentence with which a pickle is refused."""
    with pytest.raises(BadInput) as caught:
        read(data)
    sentence = str(caught.value)
    assert sentence.startswith("x.pkl ")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    return sentence


def assert_same(one: object, other: object) -> None:
    assert type(one) is type(other)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, dict) and isinstance(other, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    else:
        assert one == other


# What ordinary files hold

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**300), 2**300)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
HASHABLE = SCALARS | st.tuples(SCALARS, SCALARS)
PLAIN = st.recursive(
    SCALARS | st.binary().map(bytearray) | st.sets(HASHABLE, max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=5)
    ),
    max_leaves=20,
)


@given(PLAIN, st.sampled_from(PROTOCOLS))
@settings(max_examples=150, deadline=None)
def test_plain_values_come_back_equal(value: object, protocol: int) -> None:
    assert_same(read(pickle.dumps(value, protocol)), value)


ARRAYS: dict[str, NDArray[Any]] = {
    "float32": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "big-endian": np.arange(6, dtype=">i4").reshape(2, 3),
    "Fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "permuted": np.arange(24).reshape(2, 3, 4).transpose(1, 0, 2),
    "strided": np.arange(20)[::-3],
    "truth": np.array([True, False]),
    "complex": np.array([1j, 2]),
    "bytes": np.array([b"ab", b"\xff", b""]),
    "text": np.array(["ü", "\U0001f600x", ""]),
    "half": np.ones((2, 2), np.float16),
    "empty": np.zeros((0, 4)),
    "one number": np.array(3),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_come_back_equal(name: str, protocol: int) -> None:
    assert_same(read(pickle.dumps(ARRAYS[name], protocol)), ARRAYS[name])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_numpy_scalars_come_back_equal(protocol: int) -> None:
    scalars = [np.float32(1.5), np.int64(-3), np.True_, np.str_("ü"), np.bytes_(b"a"), np.str_("")]
    assert_same(read(pickle.dumps(scalars, protocol)), scalars)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_python_pickler_is_understood_as_well_as_the_c_one(protocol: int) -> None:
    content = {"a": ARRAYS["float32"], "b": b"\x00\xff", "c": [ARRAYS["text"]] * 2}
    stream = io.BytesIO()
    pickle._Pickler(stream, protocol).dump(content)
    assert_same(read(stream.getvalue()), content)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_one_array_in_two_places_stays_one(protocol: int) -> None:
    array = np.arange(3)
    one, other = read(pickle.dumps([array, array], protocol))
    assert one is other


def test_a_list_that_holds_itself_is_read() -> None:
    loop: list[Any] = []
    loop.append(loop)
    copy = read(pickle.dumps(loop))
    assert copy[0] is copy


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_payloads_of_several_pieces_come_back_equal(protocol: int) -> None:
    random = np.random.default_rng(0)
    content = {
        "array": random.standard_normal(PIECE).astype(np.float32).reshape(-1, 256),
        "bytes": random.bytes(PIECE + 7),
        "bytearray": bytearray(random.bytes(PIECE + 7)),
        "text": "ü\\☃\n" * PIECE,
    }
    assert_same(read(pickle.dumps(content, protocol)), content)


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_large_array_is_not_copied_from_its_payload(protocol: int) -> None:
    array = read(pickle.dumps(np.ones(PIECE), protocol))
    assert isinstance(array.base, bytes)
    assert not array.flags.writeable


# Files of Python 2


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_files_of_python_2_are_read_with_text_as_latin_1(protocol: int) -> None:
    content = read(base64.b64decode(PYTHON_2[protocol]))
    assert content["embeddings"].tolist() == [[0.5, 1, -2], [3, 4, 5]]
    assert content["embeddings"].flags.f_contiguous
    assert content["labels"].tolist() == [0, 1]
    assert content["keys"].tolist() == [b"0-a-a_1.jpg", b"1-b-b_2.jpg"]
    assert {key: content[key] for key in ("note", "s", "set")} == {
        "note": "ü",
        "s": "it's\xff",
        "set": {7},
    }


def python_2_array(array: NDArray[Any], protocol: int) -> bytes:
    """Write a one-dimensional array as Python 2 does."""
    data = array.tobytes()
    text = b"S" + repr(data)[1:].encode() + b"\n"
    if protocol:
        text = b"T" + struct.pack("<i", len(data)) + data
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
        b"(I1\n(I%d\ntcnumpy\ndtype\n(S'%s'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\n"
        % (len(array), array.dtype.str[1:].encode())
    ) + (text + b"tb.")


@pytest.mark.parametrize("protocol", [0, 1])
def test_payloads_of_python_2_may_span_pieces(protocol: int) -> None:
    # At every offset from the end of a piece, an escape sequence is cut in two.
    for shift in range(5):
        array = np.frombuffer(b"a" * shift + bytes(range(256)) * 3000, np.uint8)
        assert_same(read(python_2_array(array, protocol)), array)


# Files that were made to do harm

TOUCH = "touch marker"


class Harm:
    """Calls `function` when it is unpickled."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.call


HARMFUL: dict[str, Any] = {
    "posix.system": Harm(os.system, TOUCH),
    "builtins.eval": Harm(eval, "open('marker', 'w')"),
    "builtins.exec": Harm(exec, "open('marker', 'w')"),
    "subprocess.Popen": [{"a": Harm(subprocess.Popen, TOUCH)}],
    "builtins.getattr": Harm(getattr, Harm(__import__, "os"), "system"),
    "functools.partial": partial(os.system, TOUCH),
    "collections.OrderedDict": OrderedDict(a=1),
    "numpy.ma.core._mareconstruct": np.ma.masked_array([1], [True]),
    "an array of posix.system": np.array([Harm(os.system, TOUCH)], object),
    "type V8": np.zeros(2, [("a", "f4"), ("b", "i4")]),
    "type M8": np.array(["2026-01-01"], "datetime64[D]"),
    "frozenset": frozenset({1}),
}


@pytest.mark.parametrize("what", HARMFUL)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_whatever_is_not_plain_is_named_and_never_called(
    what: str, protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sentence = refusal(pickle.dumps(HARMFUL[what], protocol))
    assert what.split(".")[-1] in sentence.replace("__builtin__", "builtins")
    assert list(tmp_path.iterdir()) == []


# An array of one object; what it holds is to be filled in.
OBJECTS = (
    b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\nt"
    b"cnumpy\ndtype\n(VO8\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntbI00\n%stb."
)
HAND_WRITTEN = {
    b"cos\nsystem\n(S'touch marker'\ntR.": "asks for os.system;",
    b"(S'touch marker'\nios\nsystem\n.": "asks for os.system;",
    b"(cos\nsystem\nS'touch marker'\no.": "asks for os.system;",
    b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0ctouch marker\x85R.": "asks for os.system;",
    # A name that is known serves only for what arrays need of it.
    b"cnumpy\nndarray\n(I5\ntR.": "puts a call together",
    b"c_codecs\nencode\n(Va\nVrot13\ntR.": "encoded as rot13",
    b"cnumpy\ndtype\n(VO8\nI0\nI1\ntR.": "a stray piece of an array",
    # Arrays of objects: of a name, of a begun array, of fewer objects than it says, of no list.
    OBJECTS % b"(lcnumpy\nndarray\na": "a stray piece of an array",
    OBJECTS % b"(lcnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntRa": (
        "a stray piece of an array"
    ),
    OBJECTS % b"(lI1\naI2\na": "2 objects do not make an array of (1,)",
    OBJECTS % b"S'x'\n": "holds something else than plain arrays",
    b"cnumpy\ndtype\n(Vf4,O8\nI0\nI1\ntR.": "an array of type f4,O8",
    b"cnumpy\nndarray\n(dVa\nI1\nsb.": "something else than plain arrays",
    b"cnumpy\nndarray\n)\x81.": "an instance of a class",
    b"(cnumpy\nndarray\no.": "an instance of a class",
    b"cnumpy\nndarray\n.": "a stray piece",
    b"(cnumpy\nndarray\nl.": "a stray piece",
    b"cnumpy\ndtype\n(Vf4\nI0\nI1\ntR.": "a stray piece",
    b"Pelsewhere\n.": "outside the file",
    b"I1\nQ.": "outside the file",
    b"\x82\x01.": "registry of extensions",
    b"\x97.": "buffer outside the file",
    b"\x80\x06N.": "protocol 6",
    # Keys that take for ever, or the whole stack, to hash.
    b"}" + b")" + b"\x85" * 100_000 + b"Ns.": "a tuple as a key",
    b"}" + b")" + b"2\x86" * 100 + b"Ns.": "a tuple as a key",
    b"}]Ns.": "a list as a key",
    # Nonsense
    b"": "damaged",
    b"<!DOCTYPE html>": "no pickle",
    b"version https://git-lfs.github.com/spec/v1\n": "no pickle",
    b".": "damaged",
    b"N": "damaged",
    b"0.": "damaged",
    b"NN.trailing": "damaged",
    b"h\x05.": "damaged",
    b"Na.": "damaged",
    b"(]N1e.": "damaged",
    b"}(NNNu.": "damaged",
    b"I12a\n.": "damaged",
    b"I" + b"9" * 5000 + b"\n.": "damaged",
    b"Np-1\n.": "damaged",
    b"S'a\n.": "damaged",
    b"S'\\q'\n.": "damaged",
    b"X\x02\x00\x00\x00\xff\xff.": "damaged",
}


@pytest.mark.parametrize("data", HAND_WRITTEN)
def test_programs_that_no_pickler_writes_are_refused(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert HAND_WRITTEN[data] in refusal(data)
    assert list(tmp_path.iterdir()) == []


def test_the_sentence_says_what_was_found_and_what_to_do() -> None:
    assert refusal(b"cos\nsystem\n(S'x'\ntR.") == (
        "x.pkl asks for os.system; a file of embeddings holds only arrays and plain containers, "
        "so it was not read; get it from its authors again."
    )


def test_a_name_with_line_feeds_and_colours_stays_one_line() -> None:
    name = "sys\n\x1b[31mtem\u2028" * 100
    data = name.encode()
    program = b"\x8c\x02osX" + struct.pack("<I", len(data)) + data + b"\x93."
    assert len(refusal(program)) < 400


@pytest.mark.parametrize(
    "program",
    [
        b"\x8e" + struct.pack("<Q", 2**60),  # BINBYTES8
        b"\x8d" + struct.pack("<Q", 2**60),  # BINUNICODE8
        b"\x96" + struct.pack("<Q", 2**63),  # BYTEARRAY8
        b"B" + struct.pack("<I", 2**32 - 1),  # BINBYTES
        b"T" + struct.pack("<i", -1),  # BINSTRING
        b"\x8b" + struct.pack("<i", 2**31 - 1),  # LONG4
    ],
)
def test_a_size_beyond_the_file_is_refused_before_memory_is_taken(program: bytes) -> None:
    assert "bytes should follow" in refusal(program + b"abc.")


def test_memo_keys_may_be_huge() -> None:
    key = struct.pack("<I", 2**32 - 1)
    assert read(b"I7\nr" + key + b"0j" + key + b".") == 7


def array_program(shape: bytes, dtype: bytes, payload: bytes) -> bytes:
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR(I1\n("
        + shape
        + b"tcnumpy\ndtype\n(V"
        + dtype
        + b"\nI0\nI1\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntbI00\nC"
        + bytes([len(payload)])
        + payload
        + b"tb."
    )


def test_the_array_program_of_the_next_test_is_right() -> None:
    assert read(array_program(b"I2\n", b"f4", bytes(8))).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("shape", "dtype", "payload"),
    [
        (b"I3\n", b"f4", bytes(8)),
        (b"I-1\nI-2\n", b"f4", bytes(8)),
        (b"L99999999999999999999999L\n", b"f4", bytes(8)),
        (b"I0\nI999999999999999\n", b"f4", b""),
        (b"I0\nI999999999999\nI999999999999\n", b"f4", b""),
        (b"F2\n", b"f4", bytes(8)),
        (b"I01\nI2\n", b"f4", bytes(8)),
        (b"NI2\n", b"f4", bytes(8)),
        (b"I1\n" * 100, b"f4", bytes(4)),
        (b"I999999999999\n", b"U0", b""),
        (b"I2\n", b"f3", bytes(6)),
        (b"I2\n", b"U1", b"\xff" * 8),
    ],
)
def test_an_array_that_does_not_fit_its_payload_is_refused(
    shape: bytes, dtype: bytes, payload: bytes
) -> None:
    refusal(array_program(shape, dtype, payload))


@pytest.mark.parametrize(
    "call", [b"c_codecs\nencode\n(X%sVlatin1\nt", b"c__builtin__\nbytearray\n(X%sVlatin1\nt"]
)
def test_one_argument_cannot_be_copied_without_end(call: bytes) -> None:
    text = struct.pack("<I", 100_000) + b"a" * 100_000
    program = call.replace(b"%s", text) + b"q\x010q\x00]"
    assert "many copies" in refusal(program + b"h\x00h\x01Ra" * 1000 + b".")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_file_that_is_cut_anywhere_is_refused(protocol: int) -> None:
    whole = pickle.dumps({"embeddings": ARRAYS["float32"], "keys": ["a", b"b", 1.5]}, protocol)
    for length in range(len(whole)):
        refusal(whole[:length])


def test_nothing_is_read_beyond_the_declared_size() -> None:
    data = pickle.dumps(list(range(100)))
    stream = io.BytesIO(data)
    with pytest.raises(BadInput, match="damaged"):
        read_pickle(stream, "x.pkl", 50)
    assert stream.tell() <= 50


# Anything at all

VALID = [
    pickle.dumps(
        {"embeddings": ARRAYS["float32"], "labels": [1, "a", None, (2.5,)], "keys": ARRAYS["text"]},
        protocol,
    )
    for protocol in PROTOCOLS
] + [base64.b64decode(data) for data in PYTHON_2]


def assert_reads_or_refuses(data: bytes) -> None:
    try:
        read(data)
    except BadInput as error:
        sentence = str(error)
        assert sentence.startswith("x.pkl ")
        assert sentence.endswith(".")
        assert len(sentence.splitlines()) == 1


@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3), st.integers(0, 3)), max_size=4),
)
@settings(max_examples=600, deadline=None)
def test_a_mutated_file_is_read_or_refused(
    data: bytes, edits: list[tuple[int, bytes, int]]
) -> None:
    for position, inserted, removed in edits:
        position %= len(data) + 1
        data = data[:position] + inserted + data[position + removed :]
    assert_reads_or_refuses(data)


FRAGMENTS = [
    *(bytes([code]) for code in range(256)),
    *(name.encode() for name in ("I1\n", "I00\n", "Va\n", "Vlatin1\n", "S'b'\n", "p1\n", "g1\n")),
    *(
        b"C\x04abcd",
        b"U\x01b",
        b"K\x02",
        b"(I2\nt",
        b"F1.5\n",
        b"Vf4\n",
        b"VU1\n",
        b"h\x00",
        b"q\x00",
    ),
    *(b"cnumpy\nndarray\n", b"cnumpy\ndtype\n", b"c_codecs\nencode\n", b"c__builtin__\nset\n"),
    *(b"cnumpy.core.multiarray\n_reconstruct\n", b"cnumpy.core.multiarray\nscalar\n"),
    b"cnumpy.core.numeric\n_frombuffer\n",
    b"c__builtin__\nbytearray\n",
    b"cnumpy\ndtype\n(Vf4\nI0\nI1\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb",
    b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30))
@example([b"cnumpy\nndarray\n", b"}", b"R", b"."])
@settings(max_examples=600, deadline=None)
def test_opcode_soup_is_read_or_refused(fragments: list[bytes]) -> None:
    assert_reads_or_refuses(b"".join(fragments) + b".")
