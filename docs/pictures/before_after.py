"""Draws before_after.png for the README out of what `make demo` leaves: bicubic, SRCNN, the true photograph.

    make demo && python docs/pictures/before_after.py
"""

import pathlib

from PIL import Image, ImageDraw, ImageFont

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "build/demo"
PIECE = (90, 30, 230, 170)  # left, top, right, bottom in astronaut.png
ZOOM = 2
GAP = 8
CAPTION = 24
COLUMNS = [
    ("bicubic", DEMO / "astronaut_bicubic_pytorch.png"),
    ("SRCNN by slipway run", DEMO / "astronaut.png"),
    ("the true photograph", ROOT / "examples/pictures/astronaut.png"),
]


def main():
    side = (PIECE[2] - PIECE[0]) * ZOOM
    sheet = Image.new("RGB", (len(COLUMNS) * (side + GAP) - GAP, side + CAPTION), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=15)
    for column, (caption, path) in enumerate(COLUMNS):
        left = column * (side + GAP)
        piece = Image.open(path).crop(PIECE).resize((side, side), Image.NEAREST)
        sheet.paste(piece, (left, CAPTION))
        draw.text((left + side / 2, CAPTION / 2), caption, fill="black", font=font, anchor="mm")
    sheet.save(pathlib.Path(__file__).with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    main()
