"""Writes tests/golden/npy/: arrays as NumPy writes them, for tests/workbench to read.

    python tests/golden/make_npy.py

Every array holds what `expected` in tests/workbench/npy_golden_test.cpp says: small numbers that each type can
hold. Run it again only to add files; what is there was written by NumPy 2.
"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "npy"
NUMBERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
           "float16", "float32", "float64", "complex64", "complex128"]


def numbers(dtype):
    """[2, 3]: 0 to 5, as bools 0 1 0 1 0 1, imaginary part the negated real one."""
    values = np.arange(6).reshape(2, 3)
    if dtype == "bool":
        return values % 2 == 1
    if dtype.startswith("complex"):
        return (values - 1j * values).astype(dtype)
    return values.astype(dtype)


def save(name, array, version=None):
    with open(FOLDER / name, "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def main():
    FOLDER.mkdir(exist_ok=True)
    for dtype in NUMBERS:
        array = numbers(dtype)
        save(f"{dtype}.npy", array)
        save(f"{dtype}_fortran.npy", np.asfortranarray(array))
        if array.dtype.itemsize > 1:
            save(f"{dtype}_big_endian.npy", array.astype(array.dtype.newbyteorder(">")))
    save("version_2.npy", numbers("float32"), version=(2, 0))
    save("version_3.npy", numbers("float32"), version=(3, 0))
    save("scalar.npy", np.float32(7))
    save("vector.npy", np.array([1, 2], np.int64))
    save("empty.npy", np.zeros((2, 0, 3), np.float32))
    save("rank_4_fortran.npy", np.asfortranarray(np.arange(120, dtype=np.int32).reshape(2, 3, 4, 5)))
    texts = np.array([["", "a"], ["grün", "日本"], ["\U0001f600x", "end"]])
    save("unicode.npy", texts)
    save("unicode_fortran.npy", np.asfortranarray(texts))
    save("unicode_big_endian.npy", texts.astype(texts.dtype.newbyteorder(">")))
    save("bytes.npy", np.array([b"", b"ab", b"\xff"]))
    save("void_2.npy", np.array([1, 0x3f80], "<u2").view("V2"))
    save("object.npy", np.array([None], object))
    save("records.npy", np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")]))
    save("dates.npy", np.array(["2020-01-01"], "M8[D]"))
    arrays = {"x": numbers("float32"), "flags": numbers("bool"), "a/b": np.int64(3)}
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "deflated.npz", **arrays)
    np.savez(FOLDER / "none.npz")


if __name__ == "__main__":
    main()
