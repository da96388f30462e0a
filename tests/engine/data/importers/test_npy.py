"""Headers of arrays: what `numpy.load` reads is read here too, or refused for the true reason.

NumPy's own reader is the measure, on headers of all its versions, Python 2's and other programs'.
"""

import io
import warnings
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from engine.data.importers.npy import read_npy
from engine.errors import BadInput

PLAIN = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16"]
TEXT = ["U1", "U7", "S1", "S12"]
# What can be no embeddings, labels, names or images, and the word for it in the refusal.
OTHERS = {
    "M8[ns]": "an array of dates",
    "m8[s]": "an array of spans of time",
    "V3": "an array of raw bytes",
}


def read(data: bytes) -> NDArray[Any]:
    return read_npy(io.BytesIO(data), "a.npz: labels", len(data))


def numpys(data: bytes) -> NDArray[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array = npy_format.read_array(io.BytesIO(data), allow_pickle=True)
        return np.asarray(array)


def file(header: str, payload: bytes, version: int = 1) -> bytes:
    content = header.encode("utf-8" if version == 3 else "latin-1")
    length = len(content).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + content + payload


def assert_same(data: bytes) -> None:
    expected, found = numpys(data), read(data)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    assert found.dtype.byteorder == expected.dtype.byteorder
    assert found.tobytes() == expected.tobytes()


@st.composite
def spellings(draw: st.DrawFn) -> bytes:
    """Draw an array and one of the many ways in which programs have written its header."""
    order = draw(st.sampled_from("<>=|"))
    code = draw(st.sampled_from(PLAIN + TEXT))
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=3)))
    dtype = np.dtype(order + code)
    payload = bytes(draw(st.integers(0, 1)) for _ in range(int(np.prod(shape)) * dtype.itemsize))
    if dtype.kind == "U":
        payload = np.full(shape, "ä", dtype).tobytes()
    long = draw(st.sampled_from(["", "L"]))  # Python 2 on some machines
    numbers = ", ".join(f"{n}{long}" for n in shape)
    comma = "," if len(shape) == 1 else draw(st.sampled_from(["", ","])) if shape else ""
    quote = draw(st.sampled_from(["'", '"']))
    fields = [
        f"{quote}descr{quote}: {quote}{order}{code}{quote}",
        f"{quote}fortran_order{quote}: {draw(st.booleans())}",
        f"{quote}shape{quote}: ({numbers}{comma})",
    ]
    fields = draw(st.permutations(fields))
    between = draw(st.sampled_from([", ", ",", " ,\n "]))
    end = draw(st.sampled_from(["", ",", ", "]))
    header = "{" + between.join(fields) + end + "}"
    header += " " * draw(st.integers(0, 70)) + draw(st.sampled_from(["\n", "", " \n"]))
    return file(header, payload, draw(st.sampled_from([1, 2, 3] if not long else [1, 2])))


@settings(max_examples=400, deadline=None)
@given(spellings())
@example(file("{'descr': '<i8', 'fortran_order': False, 'shape': (2L,), }\n", bytes(16)))
@example(file("{'shape': (1, 2), 'fortran_order': True, 'descr': '>f4'}", bytes(8), 2))
@example(file("{'descr': '<f8', 'fortran_order': False, 'shape': ()}", bytes(8)))
@example(file("{'descr': 'f8', 'fortran_order': False, 'shape': (0, 3)}", b""))
def test_every_spelling_of_a_header_that_numpy_reads_is_read(data: bytes) -> None:
    assert_same(data)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PLAIN + TEXT),
    st.lists(st.integers(0, 4), max_size=3),
    st.booleans(),
    st.sampled_from([(1, 0), (2, 0), (3, 0)]),
)
def test_whatever_numpy_writes_in_any_version_is_read(
    code: str, shape: list[int], is_fortran: bool, version: tuple[int, int]
) -> None:
    array = np.zeros(shape, code, order="F" if is_fortran else "C")
    array.reshape(-1)[:1] = 1
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        npy_format.write_array(stream, array, version)
    assert_same(stream.getvalue())


def saved(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that need version 3
        np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


TEXTS = st.one_of(st.text(), st.binary(), st.integers(), st.none(), st.floats(allow_nan=False))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(TEXTS, max_size=12),
    st.booleans(),
)
def test_arrays_of_plain_objects_are_read_without_executing_anything(
    items: list[object], is_table: bool
) -> None:
    array = np.empty(len(items), object)
    array[:] = items
    if is_table:
        array = np.asfortranarray(np.stack([array, array[::-1]]))
    found, expected = read(saved(array)), numpys(saved(array))
    assert found.dtype == object and found.shape == expected.shape
    for one, other in zip(found.ravel(), expected.ravel(), strict=True):
        assert type(one) is type(other) and one == other


@pytest.mark.parametrize("code", OTHERS)
def test_types_that_are_neither_numbers_nor_text_are_called_what_they_are(code: str) -> None:
    with pytest.raises(BadInput, match=OTHERS[code]):
        read(saved(np.zeros(3, code)))


@pytest.mark.parametrize(
    ("dtype", "said"),
    [
        ([("x", "f4"), ("y", "f4")], "records with the fields x and y;"),
        ([("größe", "f4")], "records with the fields größe;"),
        ([(f"f{i}", "f4", (2,)) for i in range(30)], "f0, f1, f2, f3 and 26 more"),
        ([("x", [("y", "i4")])], "records with the fields x;"),
        ([("x", "O")], "records with the fields x;"),
    ],
)
def test_records_are_refused_with_the_names_of_their_fields(dtype: Any, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(saved(np.zeros(2, dtype)))
    assert said in str(caught.value) and "damaged" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (file("{'descr': '<U0', 'fortran_order': False, 'shape': (2,)}", b""), "no letter at all"),
        (file("{'descr': '|S0', 'fortran_order': False, 'shape': (2,)}", b""), "no letter at all"),
        (file("{'descr': 'f4,f4', 'fortran_order': False, 'shape': (1,)}", bytes(8)), "records"),
        (file("{'descr': '<f3', 'fortran_order': False, 'shape': (1,)}", bytes(3)), "type <f3"),
        (file("{'descr': 5, 'fortran_order': False, 'shape': (1,)}", bytes(3)), "type 5"),
        (file("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", bytes(4)), "which order"),
        (file("{'descr': '<f4', 'fortran_order': False, 'shape': [1]}", bytes(4)), "no shape"),
        (file("{'descr': '<f4', 'shape': (1,)}", bytes(4)), "none of NumPy's"),
        (file("{'descr': '<f4'" + " " * 20_000, b"", 2), "a header of 20,015 bytes"),
        (file("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", b""), "proper shape"),
        (file("", b"", 4), "version 4.0 of NumPy's format"),
        (b"\x93NUMPY\x01\x01\x00\x00", "version 1.1 of NumPy's format"),
        (b"\x93NUMPY\x03\x00\x01\x00\x00\x00\xff", "its header is no text"),
        # Spaces that are none in a program: not even NumPy reads on.
        (file("{'descr': '|i1', 'fortran_order': False, 'shape': ()}\x85", b"\0"), "NumPy's"),
        (file("{'descr': '|i1', 'fortran_order': False, 'shape': (1L,)}", b"\0", 3), "NumPy's"),
        (b"\x80\x04N.", "is not an array as numpy.savez writes it"),
    ],
)
def test_what_cannot_be_read_is_refused_for_the_true_reason(data: bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(data)
    assert said in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(spellings(), st.data())
def test_a_damaged_header_is_a_sentence_or_what_numpy_reads(
    data: bytes, draw: st.DataObject
) -> None:
    place = draw.draw(st.integers(0, len(data) - 1))
    damaged = data[:place] + bytes([draw.draw(st.integers(0, 255))]) + data[place + 1 :]
    try:
        found = read(damaged)
    except BadInput as error:
        assert len(str(error).splitlines()) == 1
        return
    expected = numpys(damaged)
    assert found.shape == expected.shape and found.dtype == expected.dtype
