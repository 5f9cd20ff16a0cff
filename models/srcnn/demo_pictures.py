"""Writes examples/pictures/: pieces of the held-out photographs, and the small pictures made of them."""

import pathlib

import photographs

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples/pictures"

# Left, top, width and height of the piece; whole photographs would weigh twice as much.
PIECES = {
    "astronaut": (30, 0, 384, 384),
    "chelsea": (0, 0, 450, 300),
    "coffee": (60, 0, 480, 360),
}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (left, top, width, height) in PIECES.items():
        photograph = photographs.load(photographs.HELD_OUT[name])
        truth = photograph.crop((left, top, left + width, top + height))
        truth.save(FOLDER / f"{name}.png", optimize=True)
        photographs.shrink(truth).save(FOLDER / f"{name}_lr.png", optimize=True)


if __name__ == "__main__":
    main()
