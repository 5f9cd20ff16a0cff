"""Writes small_floats.txt: what NumPy, ml_dtypes and onnx make of the floating-point types below 32 bits.

    python tests/golden/small_floats.py        (needs onnx 1.22 and ml_dtypes)

Lines of the file:
    decode KIND      then one line: the value of every bit pattern, as the bits of an f32 (any NaN is 7fc00000)
    blocks KIND      then one line: for every 256 patterns the FNV-1a hash (64 bits) over such values' bytes
    encode KIND      then lines "VALUE PLAIN SATURATED": the bits of an f32 and the patterns that it becomes
    double KIND      then lines of the same with the bits of an f64
    scales           then lines "VALUE UP DOWN NEAREST": the same for E8M0's three roundings
"""

import pathlib

import ml_dtypes
import numpy as np
from onnx import numpy_helper

KINDS = {
    "f16": np.float16,
    "bf16": ml_dtypes.bfloat16,
    "f8e4m3fn": ml_dtypes.float8_e4m3fn,
    "f8e4m3fnuz": ml_dtypes.float8_e4m3fnuz,
    "f8e5m2": ml_dtypes.float8_e5m2,
    "f8e5m2fnuz": ml_dtypes.float8_e5m2fnuz,
    "f8e8m0": ml_dtypes.float8_e8m0fnu,
    "f4e2m1": ml_dtypes.float4_e2m1fn,
}
CANONICAL_NAN = 0x7FC00000


def patterns(kind):
    wide = kind in ("f16", "bf16")
    count = 1 << (16 if wide else 4 if kind == "f4e2m1" else 8)
    return np.arange(count, dtype=np.uint16 if wide else np.uint8)


def decoded(kind):
    values = patterns(kind).view(KINDS[kind]).astype(np.float32)
    bits = values.view(np.uint32).copy()
    bits[np.isnan(values)] = CANONICAL_NAN
    return values, bits


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def encode_inputs(kind):
    """Finite values, the ties between neighbours and what is next to the ties; overflow, specials, tiny ones."""
    values, _ = decoded(kind)
    finite = np.unique(np.abs(values[np.isfinite(values)])).astype(np.float64)
    if len(finite) > 200:
        exponents = np.unique(np.round(np.linspace(0, len(finite) - 2, 90)).astype(int))
        powers = [i for i in range(len(finite) - 1) if np.frexp(finite[i])[0] == 0.5][::2]
        keep = np.unique(np.concatenate([exponents, powers, [1, 2, len(finite) - 2]]).astype(int))
    else:
        keep = np.arange(len(finite) - 1)
    ties = np.array([(finite[i] + finite[i + 1]) / 2 for i in keep]).astype(np.float32)
    largest = finite[-1]
    with np.errstate(over="ignore"):
        beyond = np.float32(largest + (largest - finite[-2]) / 2)
    inputs = np.concatenate([
        finite[keep].astype(np.float32), ties, np.nextafter(ties, np.float32(0)), np.nextafter(ties, np.float32(np.inf)),
        np.float32([largest, beyond, np.nextafter(beyond, np.float32(0)), np.nextafter(beyond, np.float32(np.inf)),
                    np.float32(3.4e38), 1.4e-45, 0, np.inf])])
    inputs = np.unique(inputs[np.isfinite(inputs) | np.isinf(inputs)])
    negative = -inputs[:: max(1, len(inputs) // 24)]
    return np.concatenate([inputs, negative, np.float32([-0.0, -np.inf, np.nan])]).astype(np.float32)


def encoded(kind, inputs):
    dtype = KINDS[kind]
    unsigned = np.uint16 if kind in ("f16", "bf16") else np.uint8
    with np.errstate(over="ignore"):
        plain = inputs.astype(dtype).view(unsigned)
        saturated = numpy_helper.saturate_cast(inputs, dtype).view(unsigned)
    return plain, saturated


def f32_bits(value):
    return f"{np.float32(value).view(np.uint32):08x}"


def f64_bits(value):
    return f"{np.float64(value).view(np.uint64):016x}"


def scale_lines():
    # Powers of the normal range of f32, from which onnx computes, and fractions around the middle.
    middle = np.float32(1.5)
    fractions = np.float32([1, np.nextafter(np.float32(1), np.float32(2)), 1.25, np.nextafter(middle, np.float32(0)),
                            middle, np.nextafter(middle, np.float32(2)), 1.75])
    for exponent in [*range(-126, 127, 11), 126]:
        for value in fractions * np.float32(2.0) ** exponent:
            columns = [int(numpy_helper.to_float8e8m0(np.float32([value]), True, mode).view(np.uint8)[0])
                       for mode in ("up", "down", "nearest")]
            yield f"{f32_bits(value)} " + " ".join(f"{column:02x}" for column in columns)


def main():
    lines = []
    for kind in KINDS:
        _, bits = decoded(kind)
        if len(bits) <= 256:
            lines += [f"decode {kind}", " ".join(f"{b:08x}" for b in bits)]
        else:
            hashes = [fnv1a(bits[i:i + 256].astype("<u4").tobytes()) for i in range(0, len(bits), 256)]
            lines += [f"blocks {kind}", " ".join(f"{h:016x}" for h in hashes)]
    for kind in KINDS:
        if kind == "f8e8m0":
            continue
        inputs = encode_inputs(kind)
        plain, saturated = encoded(kind, inputs)
        lines.append(f"encode {kind}")
        lines += [f"{f32_bits(x)} {p:x} {s:x}" for x, p, s in zip(inputs, plain, saturated)]
    # NumPy rounds from double once.
    inputs = np.float64([1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 1 + 3 * 2.0**-11 - 2.0**-40, 65519.99999999, 65520.0])
    lines.append("double f16")
    lines += [f"{f64_bits(x)} {p:x} {s:x}" for x, p, s in zip(inputs, *encoded("f16", inputs))]
    lines.append("scales")
    lines += scale_lines()
    target = pathlib.Path(__file__).with_suffix(".txt")
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
