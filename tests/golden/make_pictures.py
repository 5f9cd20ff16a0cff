#!/usr/bin/env python3
"""Makes tests/golden/pictures: small pictures of every kind that is read, and their samples beside them.

For NAME.png, .jpg or .webp, NAME.<extension>.npy holds what a reader must give: rows, columns, channels, as uint8 or
uint16. A picture without one must be refused.

    python tests/golden/make_pictures.py        (needs Pillow 13, pypng and NumPy)

PNG is written here from known samples, kind by kind; pypng must read the same, and so must Pillow where it has the
kind. JPEG and WebP come from Pillow and are read by it.
"""
import io
import struct
import zlib
from pathlib import Path

import numpy
import png as pypng
from PIL import Image, ImageOps

FOLDER = Path(__file__).resolve().parent / "pictures"
RANDOM = numpy.random.default_rng(20261124)
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# Adam7: first column, first row, column step, row step of each pass.
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def scene(height, width, channels, highest=255):
    """Soft colours with some noise, different in every corner: [height, width, channels] of 0 to `highest`."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [
        0.5 + 0.5 * numpy.sin(0.7 * channel + x * (0.11 + 0.05 * channel) + y * (0.23 - 0.04 * channel))
        for channel in range(channels)
    ]
    noisy = numpy.stack(planes, axis=-1) + RANDOM.normal(0, 0.02, (height, width, channels))
    return numpy.clip(numpy.rint(noisy * highest), 0, highest).astype(numpy.uint8 if highest < 256 else numpy.uint16)


# ---- PNG ----


def chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def packed_row(row, depth):
    """One row of [width, channels] as bytes."""
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(numpy.uint8).tobytes()
    bits = ((row.reshape(-1, 1) >> numpy.arange(depth - 1, -1, -1)) & 1).astype(numpy.uint8)
    return numpy.packbits(bits.reshape(-1)).tobytes()


def paeth(left, up, corner):
    distance = [abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)]
    return [left, up, corner][distance.index(min(distance))]


def filtered(kind, row, above, step):
    """`row` by PNG's filter `kind`, with the filter's byte before it."""
    out = [kind]
    for i, value in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        up = above[i]
        out.append((value - [0, left, up, (left + up) // 2, paeth(left, up, corner)][kind]) & 255)
    return bytes(out)


def rows_of(samples, depth):
    """Rows of a picture or of a pass, each by another filter."""
    step = max(1, samples.shape[2] * depth // 8)
    above = None
    out = b""
    for y, row in enumerate(samples):
        data = packed_row(row, depth)
        out += filtered(y % 5, data, above or bytes(len(data)), step)
        above = data
    return out


def png(samples, colour, depth, interlaced=False, before=b"", split=None):
    height, width = samples.shape[:2]
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES] if interlaced else [samples]
    data = zlib.compress(b"".join(rows_of(part, depth) for part in parts if part.size), 9)
    split = split or len(data)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
        + before
        + b"".join(chunk(b"IDAT", data[i : i + split]) for i in range(0, len(data), split))
        + chunk(b"IEND")
    )


def save(name, content, expected):
    (FOLDER / name).write_bytes(content)
    if expected is not None:
        assert expected.dtype in (numpy.uint8, numpy.uint16) and expected.ndim == 3
        numpy.save(FOLDER / (name + ".npy"), numpy.ascontiguousarray(expected))


def read_by_pypng(content):
    """Samples as they are stored, without palette and with alpha: [height, width, channels], and their highest."""
    width, height, rows, info = pypng.Reader(bytes=content).asDirect()
    samples = numpy.array([list(row) for row in rows]).reshape(height, width, info["planes"])
    return samples, 2 ** info["bitdepth"] - 1


def check_png(content, expected, by_pillow=True):
    """Readers that are not ours must see the same."""
    samples, highest = read_by_pypng(content)
    assert numpy.array_equal(samples if highest > 255 else samples * 255 // highest, expected)
    if expected.dtype == numpy.uint8 and by_pillow:
        mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[expected.shape[2]]
        seen = numpy.asarray(Image.open(io.BytesIO(content)).convert(mode))
        assert numpy.array_equal(seen.reshape(expected.shape), expected)


def save_png(name, samples, colour, depth, expected, **options):
    content = png(samples, colour, depth, **options)
    check_png(content, expected)
    save(name, content, expected)


def make_plain_pngs():
    for colour, word in ((GREY, "grey"), (RGB, "rgb"), (GREY_ALPHA, "grey_alpha"), (RGBA, "rgba")):
        for depth in (1, 2, 4, 8, 16) if colour == GREY else (8, 16):
            for interlaced in (False, True):
                highest = 2**depth - 1
                samples = scene(9, 13, CHANNELS[colour], highest)
                expected = samples if depth >= 8 else (samples.astype(int) * 255 // highest).astype(numpy.uint8)
                name = f"{word}{depth}{'_interlaced' if interlaced else ''}.png"
                save_png(name, samples, colour, depth, expected, interlaced=interlaced)


def make_palette_pngs():
    for depth in (1, 2, 4, 8):
        palette = scene(1, 2**depth, 3)[0]
        opacity = scene(1, max(1, 2**depth // 2), 1)[0]  # shorter than the palette: the rest is opaque
        indices = RANDOM.integers(0, 2**depth, (9, 13, 1), dtype=numpy.uint8)
        colours = palette[indices[..., 0]]
        plte = chunk(b"PLTE", palette.tobytes())
        save_png(f"palette{depth}.png", indices, PALETTE, depth, colours, before=plte)
        opaque = numpy.full((2**depth - len(opacity), 1), 255, numpy.uint8)
        alpha = numpy.concatenate([opacity, opaque])[indices[..., 0]]
        name = f"palette{depth}_transparent_interlaced.png"
        trns = chunk(b"tRNS", opacity.tobytes())
        expected = numpy.concatenate([colours, alpha], axis=2)
        save_png(name, indices, PALETTE, depth, expected, before=plte + trns, interlaced=True)


def make_keyed_pngs():
    """One colour is transparent."""
    for colour, word in ((GREY, "grey"), (RGB, "rgb")):
        for depth in (2, 8, 16) if colour == GREY else (8, 16):
            highest = 2**depth - 1
            samples = scene(5, 7, CHANNELS[colour], highest)
            key = samples[2, 3].copy()
            samples[4, 1] = key
            alpha = numpy.where((samples == key).all(axis=2, keepdims=True), 0, max(highest, 255))
            values = samples if depth >= 8 else samples.astype(int) * 255 // highest
            expected = numpy.concatenate([values, alpha], axis=2).astype(samples.dtype)
            content = png(samples, colour, depth, before=chunk(b"tRNS", key.astype(">u2").tobytes()))
            # Pillow compares the key with samples that it has widened to 8 bits.
            check_png(content, expected, by_pillow=depth == 8)
            save(f"{word}{depth}_keyed.png", content, expected)


def exif(orientation, order="II"):
    """A TIFF structure with two tags, of which the second is the orientation."""
    mark = "<" if order == "II" else ">"
    tags = struct.pack(mark + "HHIHH", 0x0103, 3, 1, 6, 0) + struct.pack(mark + "HHIHH", 0x0112, 3, 1, orientation, 0)
    return order.encode() + struct.pack(mark + "HIH", 42, 8, 2) + tags + struct.pack(mark + "I", 0)


def make_odd_pngs():
    samples = scene(6, 4, 3)
    save_png("one_pixel.png", samples[:1, :1], RGB, 8, samples[:1, :1])
    save_png("one_pixel_interlaced.png", samples[:1, :1], RGB, 8, samples[:1, :1], interlaced=True)
    save_png("many_idat.png", samples, RGB, 8, samples, split=7)
    oriented = png(samples, RGB, 8, before=chunk(b"eXIf", exif(6)))
    save("oriented.png", oriented, numpy.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(oriented)))))
    # What a reader of samples has no use for, compressed and not.
    text = chunk(b"zTXt", b"note\0\0" + zlib.compress(b"a" * 2000)) + chunk(b"tEXt", b"note\0short")
    profile = chunk(b"iCCP", b"none\0\0" + zlib.compress(b"not a profile"))
    save_png("metadata.png", samples, RGB, 8, samples, before=chunk(b"gAMA", struct.pack(">I", 99999)) + profile + text)


# ---- JPEG ----


def read_jpeg(content):
    """By Pillow, upright, grey or RGB."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    samples = numpy.asarray(picture if picture.mode == "L" else picture.convert("RGB"))
    return samples.reshape(*samples.shape[:2], -1)


def jpeg(samples, mode=None, **options):
    buffer = io.BytesIO()
    squeezed = samples[..., 0] if samples.shape[2] == 1 else samples
    Image.frombytes(mode or {1: "L", 3: "RGB", 4: "CMYK"}[samples.shape[2]], squeezed.shape[1::-1], squeezed.tobytes()).save(
        buffer, "JPEG", **options
    )
    return buffer.getvalue()


def segments(content):
    """Start and end of each marker segment before the scan."""
    at = 2
    while content[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        yield at, end
        at = end


def adobe_segment(content):
    return next((at, end) for at, end in segments(content) if content[at + 1] == 0xEE)


def save_jpeg(name, content):
    save(name, content, read_jpeg(content))


def make_jpegs():
    colour, grey = scene(21, 35, 3), scene(21, 35, 1)
    for progressive in (False, True):
        word = "_progressive" if progressive else ""
        save_jpeg(f"grey{word}.jpg", jpeg(grey, progressive=progressive, quality=85))
        for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
            name = f"rgb_{subsampling.replace(':', '')}{word}.jpg"
            save_jpeg(name, jpeg(colour, progressive=progressive, subsampling=subsampling, quality=85))
    save_jpeg("optimised_restarts.jpg", jpeg(colour, optimize=True, restart_marker_blocks=2, quality=60))
    save_jpeg("stored_rgb.jpg", jpeg(colour, keep_rgb=True, quality=85))
    save_jpeg("one_pixel.jpg", jpeg(colour[:1, :1], quality=85))


def make_cmyk_jpegs():
    inks = scene(21, 35, 4)
    cmyk = jpeg(inks, quality=85)
    at, end = adobe_segment(cmyk)
    assert cmyk[end - 1] == 0  # Adobe's transform: none
    save_jpeg("cmyk.jpg", cmyk)
    save_jpeg("cmyk_progressive.jpg", jpeg(inks, quality=85, progressive=True))
    save_jpeg("cmyk_without_adobe.jpg", cmyk[:at] + cmyk[end:])
    save_jpeg("ycck.jpg", cmyk[: end - 1] + b"\x02" + cmyk[end:])


def make_oriented_jpegs():
    samples = scene(9, 14, 3)
    for orientation in range(1, 9):
        tags = b"Exif\0\0" + exif(orientation, "MM" if orientation % 2 else "II")
        save_jpeg(f"oriented{orientation}.jpg", jpeg(samples, exif=tags, quality=85))


# ---- WebP ----


def webp(samples, **options):
    buffer = io.BytesIO()
    Image.fromarray(samples).save(buffer, "WEBP", **options)
    return buffer.getvalue()


def save_webp(name, content, mode):
    save(name, content, numpy.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert(mode)))


def make_webps():
    colour, alpha = scene(21, 35, 3), scene(21, 35, 4)
    save_webp("lossless.webp", webp(colour, lossless=True), "RGB")
    save_webp("lossless_alpha.webp", webp(alpha, lossless=True, exact=True), "RGBA")
    save_webp("lossy.webp", webp(colour, quality=80), "RGB")
    save_webp("lossy_alpha.webp", webp(alpha, quality=80), "RGBA")
    save_webp("oriented.webp", webp(scene(9, 14, 3), lossless=True, exif=b"Exif\0\0" + exif(8)), "RGB")
    frames = [Image.fromarray(scene(8, 8, 3)) for _ in range(2)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    save("animated.webp", buffer.getvalue(), None)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    make_plain_pngs()
    make_palette_pngs()
    make_keyed_pngs()
    make_odd_pngs()
    make_jpegs()
    make_cmyk_jpegs()
    make_oriented_jpegs()
    make_webps()
    files = list(FOLDER.iterdir())
    print(len(files), "files,", sum(file.stat().st_size for file in files), "bytes")


if __name__ == "__main__":
    main()
