"""Photographs that training never saw come out better than bicubic makes them."""

import photographs
from evaluate import score
from model import load_checkpoint


def test_gain_on_held_out_photographs(slipway, srcnn, tmp_path):
    model = load_checkpoint(srcnn.with_suffix(".pth"))
    gains = {}
    for name, small, truth in photographs.held_out():
        small.save(tmp_path / f"{name}_small.png")
        slipway.run_picture(srcnn, tmp_path / f"{name}_small.png", tmp_path / f"{name}.png")
        pillow, resize, enlarged = score(name, small, truth, model, written=tmp_path)
        gains[name] = enlarged - max(pillow, resize)
    assert len(gains) >= 3
    assert min(gains.values()) > 0, gains
    assert sum(gains.values()) / len(gains) >= 0.5, gains


def test_none_of_them_was_trained_on():
    assert not set(photographs.HELD_OUT.values()) & set(photographs.TRAINING.values())
