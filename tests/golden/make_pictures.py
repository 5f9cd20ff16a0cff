#!/usr/bin/env python3
"""Makes tests/golden/pictures: small pictures of every kind that is read, and their samples beside them.

For NAME.png, .jpg, .webp and so on, NAME.<extension>.npy holds what a reader must give: rows, columns, channels, as uint8 or
uint16. A picture without one must be refused.

    python tests/golden/make_pictures.py        (needs Pillow 13, pypng and NumPy)

PNG is written here from known samples, kind by kind; pypng must read the same, and so must Pillow where it has the
kind. So are BMP, PNM and most TIFFs. JPEG, WebP, JPEG 2000 and compressed TIFFs come from Pillow and are read by it.
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


# ---- BMP ----


def bmp(rows, width, height, bits, palette=b"", compression=0, header=40, masks=b"", colours=0):
    """A bitmap of rows as they stand in the file; a negative height is that of rows from the top."""
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(rows), 2835, 2835, colours, 0)
        inside = masks if header > 40 else b""
        info += inside + bytes(header - 40 - len(inside))
    outside = masks if header == 40 else b""
    offset = 14 + len(info) + len(outside) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + outside + palette + rows


def bmp_rows(rows, from_top=False):
    """Rows of bytes, each filled up to a multiple of four."""
    return b"".join(row + bytes(-len(row) % 4) for row in (rows if from_top else reversed(rows)))


def bgr(colours, fill=b""):
    return b"".join(bytes(colour[::-1]) + fill for colour in colours.reshape(-1, 3).tolist())


def read_by_pillow(content, channels):
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    return numpy.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert(mode)).reshape(
        -1, Image.open(io.BytesIO(content)).width, channels)


def save_checked(name, content, expected, by_pillow=True):
    if by_pillow:
        assert numpy.array_equal(read_by_pillow(content, expected.shape[2]), expected), name
    save(name, content, expected)


def make_palette_bmps():
    for bits in (1, 4, 8):
        palette = scene(1, 2**bits, 3)[0]
        indices = RANDOM.integers(0, 2**bits, (9, 13, 1), dtype=numpy.uint8)
        rows = [packed_row(row, bits) for row in indices]
        save_checked(f"palette{bits}.bmp", bmp(bmp_rows(rows), 13, 9, bits, bgr(palette, b"\0")), palette[indices[..., 0]])
        greys = numpy.repeat(numpy.linspace(0, 255, 2**bits).astype(numpy.uint8)[:, None], 3, axis=1)
        save_checked(f"grey{bits}.bmp", bmp(bmp_rows(rows), 13, 9, bits, bgr(greys, b"\0")), greys[indices[..., 0]][..., :1])
    few = scene(1, 5, 3)[0]
    indices = RANDOM.integers(0, 5, (9, 13, 1), dtype=numpy.uint8)
    rows = bmp_rows([packed_row(row, 8) for row in indices])
    save_checked("palette8_of_five.bmp", bmp(rows, 13, 9, 8, bgr(few, b"\0"), colours=5), few[indices[..., 0]])
    many = scene(1, 256, 3)[0]
    save_checked("palette8_os2.bmp", bmp(rows, 13, 9, 8, bgr(many), header=12), many[indices[..., 0]])


def run_length(indices, bits):
    """Rows from the bottom: runs of two and more, pixels one by one in between."""
    out = b""
    for row in indices[::-1].tolist():
        at = 0
        while at < len(row):
            run = 1
            while at + run < len(row) and row[at + run] == row[at]:
                run += 1
            single = row[at:at + 3]
            if run > 1 or len(single) < 3:
                out += bytes([run, row[at] * (17 if bits == 4 else 1)])
                at += run
            elif bits == 8:
                out += bytes([0, 3, *single, 0])
                at += 3
            else:
                out += bytes([0, 3, single[0] * 16 + single[1], single[2] * 16])
                at += 3
        out += b"\0\0"
    return out + b"\0\1"


def make_run_length_bmps():
    for bits in (4, 8):
        palette = scene(1, 2**bits, 3)[0]
        indices = numpy.repeat(RANDOM.integers(0, 2**bits, (9, 20), dtype=numpy.uint8), RANDOM.integers(1, 4, 20), axis=1)[:, :23]
        content = bmp(run_length(indices, bits), indices.shape[1], 9, bits, bgr(palette, b"\0"), compression=3 - bits // 4)
        save_checked(f"run_length{bits}.bmp", content, palette[indices])
    # Two pixels at the bottom left, then a step of three to the right and one up, a run of four, the end.
    palette = scene(1, 256, 3)[0]
    runs = bytes([2, 9, 0, 2, 3, 1, 4, 7, 0, 1])
    indices = numpy.zeros((3, 9), numpy.uint8)
    indices[2, :2], indices[1, 5:9] = 9, 7
    save_checked("run_length8_skips.bmp", bmp(runs, 9, 3, 8, bgr(palette, b"\0"), compression=1), palette[indices],
                 by_pillow=False)  # which wants every pixel


def make_true_colour_bmps():
    colours = scene(9, 13, 3)
    rows = [bgr(row) for row in colours]
    save_checked("rgb24.bmp", bmp(bmp_rows(rows), 13, 9, 24), colours)
    save_checked("rgb24_top_down.bmp", bmp(bmp_rows(rows, True), 13, -9, 24), colours)
    save_checked("rgb24_os2.bmp", bmp(bmp_rows(rows), 13, 9, 24, header=12), colours)
    save_checked("rgb24_version5.bmp", bmp(bmp_rows(rows), 13, 9, 24, header=124), colours)
    save_checked("rgb32.bmp", bmp(bmp_rows([bgr(row, b"\x55") for row in colours]), 13, 9, 32), colours)
    for name, bits in (("rgb16_555", (5, 5, 5)), ("rgb16_565", (5, 6, 5))):
        highest = 2 ** numpy.array(bits) - 1
        values = colours.astype(int) * highest // 255
        shifts = numpy.array([bits[1] + bits[2], bits[2], 0])
        rows = [row.astype("<u2").tobytes() for row in (values << shifts).sum(axis=2)]
        masks = struct.pack("<III", *(highest << shifts)) if bits[1] == 6 else b""
        content = bmp(bmp_rows(rows), 13, 9, 16, compression=3 if masks else 0, masks=masks)
        save_checked(f"{name}.bmp", content, (values * 255 // highest).astype(numpy.uint8))
    samples = scene(9, 13, 4)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    stored = bmp_rows([row[:, [2, 1, 0, 3]].tobytes() for row in samples])
    save_checked("rgba32_version4.bmp", bmp(stored, 13, 9, 32, compression=3, header=108, masks=masks), samples)
    save_checked("rgba32_alpha_masks.bmp", bmp(stored, 13, 9, 32, compression=6, masks=masks), samples, by_pillow=False)
    # Ten bits for each colour, which Pillow does not read.
    tens = scene(9, 13, 3, 1023).astype(int)
    rows = [row.astype("<u4").tobytes() for row in (tens << numpy.array([20, 10, 0])).sum(axis=2)]
    masks = struct.pack("<III", 1023 << 20, 1023 << 10, 1023)
    save_checked("rgb32_of_ten_bits.bmp", bmp(bmp_rows(rows), 13, 9, 32, compression=3, masks=masks),
                 (tens * 255 // 1023).astype(numpy.uint8), by_pillow=False)


# ---- PNM ----


def pnm(kind, samples, highest=1, comment=""):
    height, width, channels = samples.shape
    head = f"P{kind}\n{comment}{width} {height}\n" + ("" if kind in (1, 4) else f"{highest}\n")
    if kind in (1, 2, 3):
        return (head + "\n".join(" ".join(map(str, row.reshape(-1))) for row in samples) + "\n").encode()
    if kind == 4:
        return head.encode() + b"".join(packed_row(row, 1) for row in samples)
    return head.encode() + samples.astype(">u2" if highest > 255 else "u1").tobytes()


def pam(samples, highest):
    height, width, channels = samples.shape
    head = f"P7\n# as text\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {highest}\nTUPLTYPE ANY\nENDHDR\n"
    return head.encode() + samples.astype(">u2" if highest > 255 else "u1").tobytes()


def scaled(samples, highest):
    full = 255 if highest < 256 else 65535
    return ((samples.astype(int) * full * 2 + highest) // (2 * highest)).astype(numpy.uint8 if full == 255 else numpy.uint16)


def make_pnms():
    bits, greys, colours = scene(5, 11, 1, 1), scene(5, 11, 1), scene(5, 11, 3)
    black = (255 * (1 - bits)).astype(numpy.uint8)
    save_checked("text_bits.pbm", pnm(1, bits, comment="# one is black\n"), black)
    save_checked("text_grey.pgm", pnm(2, greys, 255, "# a comment\n"), greys)
    save_checked("text_rgb.ppm", pnm(3, colours, 255), colours)
    save_checked("bits.pbm", pnm(4, bits), black)
    save_checked("grey.pgm", pnm(5, greys, 255, "# a comment\n"), greys)
    save_checked("rgb.ppm", pnm(6, colours, 255), colours)
    few = scene(5, 11, 3, 31)
    save_checked("rgb_of_31.ppm", pnm(6, few, 31), scaled(few, 31))
    for name, samples, highest, kind in (("grey16.pgm", scene(5, 11, 1, 65535), 65535, 5),
                                         ("rgb_of_1023.ppm", scene(5, 11, 3, 1023), 1023, 6)):
        save_checked(name, pnm(kind, samples, highest), scaled(samples, highest), by_pillow=False)
    for name, samples, highest in (("grey_alpha.pam", scene(5, 11, 2), 255), ("rgba.pam", scene(5, 11, 4), 255),
                                   ("rgba16.pam", scene(5, 11, 4, 65535), 65535), ("bits.pam", bits, 1)):
        save_checked(name, pam(samples, highest), scaled(samples, highest), by_pillow=False)


# ---- TIFF ----

SHORT, LONG = 3, 4


def tiff(tags, parts, order="<"):
    """A TIFF of one directory: its values, then what does not fit into it, then strips or tiles."""
    tiled = 322 in tags
    tags = dict(tags)
    tags[325 if tiled else 279] = (LONG, [len(part) for part in parts])
    tags[324 if tiled else 273] = (LONG, [0] * len(parts))
    def packed(kind, values):
        return struct.pack(f"{order}{len(values)}{'H' if kind == SHORT else 'I'}", *values)
    beside = 8 + 2 + 12 * len(tags) + 4
    data = beside + sum(len(packed(*tag)) for tag in tags.values() if len(packed(*tag)) > 4)
    starts = numpy.cumsum([data, *(len(part) for part in parts)])[:-1].tolist()
    tags[324 if tiled else 273] = (LONG, starts)
    entries, outside = b"", b""
    for name, (kind, values) in sorted(tags.items()):
        content = packed(kind, values)
        entries += struct.pack(order + "HHI", name, kind, len(values))
        if len(content) > 4:
            entries += struct.pack(order + "I", beside + len(outside))
            outside += content
        else:
            entries += content.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    return head + struct.pack(order + "H", len(tags)) + entries + bytes(4) + outside + b"".join(parts)


def tags_of(samples, bits, photometric, **more):
    height, width, channels = samples.shape
    return {256: (SHORT, [width]), 257: (SHORT, [height]), 258: (SHORT, [bits] * channels), 259: (SHORT, [1]),
            262: (SHORT, [photometric]), 277: (SHORT, [channels]), 278: (SHORT, [height]),
            **{int(name[1:]): value for name, value in more.items()}}


def make_own_tiffs():
    for bits in (1, 2, 4, 8):
        greys = scene(9, 13, 1, 2**bits - 1)
        strip = b"".join(packed_row(row, bits) for row in greys)
        full = (greys.astype(int) * 255 // (2**bits - 1)).astype(numpy.uint8)
        save_checked(f"grey{bits}.tiff", tiff(tags_of(greys, bits, 1), [strip]), full)
        save_checked(f"grey{bits}_inverted.tiff", tiff(tags_of(greys, bits, 0), [strip]), 255 - full)
    for bits in (1, 4, 8):
        palette = scene(1, 2**bits, 3)[0]
        indices = RANDOM.integers(0, 2**bits, (9, 13, 1), dtype=numpy.uint8)
        colours = tags_of(indices, bits, 3, t320=(SHORT, (palette.T.astype(int) * 257).reshape(-1).tolist()))
        strip = b"".join(packed_row(row, bits) for row in indices)
        save_checked(f"palette{bits}.tiff", tiff(colours, [strip]), palette[indices[..., 0]])
    colours, deep = scene(21, 37, 3), scene(9, 13, 3, 65535)
    for order, name in (("<", "little"), (">", "big")):
        strip = deep.astype(order + "u2").tobytes()
        save_checked(f"rgb16_{name}_endian.tiff", tiff(tags_of(deep, 16, 2), [strip], order), deep, by_pillow=False)
    strips = [colours[y:y + 4].tobytes() for y in range(0, 21, 4)]
    save_checked("rgb_in_strips.tiff", tiff(tags_of(colours, 8, 2, t278=(SHORT, [4])), strips), colours)
    planes = [colours[..., c].tobytes() for c in range(3)]
    save_checked("rgb_apart.tiff", tiff(tags_of(colours, 8, 2, t284=(SHORT, [2])), planes), colours)
    padded = numpy.pad(colours, ((0, 11), (0, 11), (0, 0)))
    tiles = [padded[y:y + 16, x:x + 16].tobytes() for y in (0, 16) for x in (0, 16, 32)]
    tiled = tags_of(colours, 8, 2, t322=(SHORT, [16]), t323=(SHORT, [16]))
    del tiled[278]
    save_checked("rgb_in_tiles.tiff", tiff(tiled, tiles), colours)
    for orientation in (3, 6, 8):
        content = tiff(tags_of(colours, 8, 2, t274=(SHORT, [orientation])), [colours.tobytes()])
        save(f"oriented{orientation}.tiff", content,
             numpy.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content)))))
    for name, kind in (("", 2), ("_premultiplied", 1)):
        samples = scene(9, 13, 4)
        if kind == 1:
            samples[..., :3] = samples[..., :3].astype(int) * samples[..., 3:] // 255
        content = tiff(tags_of(samples, 8, 2, t338=(SHORT, [kind])), [samples.tobytes()])
        save(f"rgba{name}.tiff", content, numpy.asarray(Image.open(io.BytesIO(content)).convert("RGBA")))
    extra = scene(9, 13, 4)
    save_checked("rgb_and_something.tiff", tiff(tags_of(extra, 8, 2, t338=(SHORT, [0])), [extra.tobytes()]),
                 extra[..., :3])
    inks = scene(9, 13, 4)
    save_checked("cmyk.tiff", tiff(tags_of(inks, 8, 5), [inks.tobytes()]),
                 numpy.asarray(Image.frombytes("CMYK", (13, 9), inks.tobytes()).convert("RGB")))
    # Blocks of two by two: four of light, one of each colour.
    blocks = scene(6, 6, 6)
    content = tiff({**tags_of(blocks[:, :, :3], 8, 6, t530=(SHORT, [2, 2])), 256: (SHORT, [12]), 257: (SHORT, [12]),
                    259: (SHORT, [8]), 278: (SHORT, [12])}, [zlib.compress(blocks.tobytes())])
    save("ycbcr.tiff", content, numpy.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


def make_packed_tiffs():
    colours, bits = scene(21, 35, 3), scene(21, 35, 1, 1)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma"):
        buffer = io.BytesIO()
        Image.fromarray(colours).save(buffer, "TIFF", compression=compression, **({"quality": 85} if compression == "jpeg" else {}))
        expected = numpy.asarray(Image.open(buffer).convert("RGB"))
        assert compression == "jpeg" or numpy.array_equal(expected, colours)
        save(f"rgb_{compression.removeprefix('tiff_')}.tiff", buffer.getvalue(), expected)
    for compression in ("group3", "group4", "tiff_ccitt"):
        buffer = io.BytesIO()
        Image.fromarray(bits[..., 0] > 0).save(buffer, "TIFF", compression=compression)
        save_checked(f"bits_{compression.removeprefix('tiff_')}.tiff", buffer.getvalue(), bits * 255)
    save("floats.tiff", tiff(tags_of(numpy.zeros((2, 3, 1)), 32, 1, t339=(SHORT, [3])), [bytes(24)]), None)


# ---- JPEG 2000 ----


def jpeg2000(picture, **options):
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG2000", **options)
    return buffer.getvalue()


def make_jpeg2000s():
    colours = scene(21, 35, 3)
    for channels, mode in ((1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")):
        samples = scene(21, 35, channels)
        content = jpeg2000(Image.frombytes(mode, (35, 21), samples.tobytes()))
        assert numpy.array_equal(numpy.asarray(Image.open(io.BytesIO(content))).reshape(samples.shape), samples)
        save(f"{mode.lower()}.jp2", content, samples)
    deep = scene(21, 35, 1, 65535)
    save("grey16.jp2", jpeg2000(Image.frombytes("I;16", (35, 21), deep.tobytes())), deep)
    for name, options in (("bare.j2k", {"no_jp2": True}), ("without_transform.jp2", {"mct": 0}),
                          ("tiles.jp2", {"tile_size": (16, 16)}), ("layers.jp2", {"quality_layers": [20, 5, 1]}),
                          ("lossy.jp2", {"irreversible": True, "quality_mode": "dB", "quality_layers": [35]})):
        content = jpeg2000(Image.fromarray(colours), **options)
        save(name, content, numpy.asarray(Image.open(io.BytesIO(content)).convert("RGB")))


def make_other_formats():
    make_palette_bmps()
    make_run_length_bmps()
    make_true_colour_bmps()
    make_pnms()
    make_own_tiffs()
    make_packed_tiffs()
    make_jpeg2000s()


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
    make_other_formats()
    files = list(FOLDER.iterdir())
    print(len(files), "files,", sum(file.stat().st_size for file in files), "bytes")


if __name__ == "__main__":
    main()
