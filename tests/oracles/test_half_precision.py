"""Networks in f16 and bf16, against the same network in double: no worse than PyTorch in the same type."""

import numpy
import pytest
import torch

import half_networks
from closeness import distance

SMALL = {"convolutions": {"size": 17, "width": 24, "blocks": 2}, "perceptron": {"rows": 9, "width": 72, "layers": 2},
         "depthwise": {"size": 15, "width": 24, "blocks": 2}}
BITS = {"f16": torch.float16, "bf16": torch.bfloat16}


def as_double(array, kind):
    """What NumPy has: f16 as it is, bf16 by its bits."""
    return array.astype(numpy.float64) if kind == "f16" else \
        torch.from_numpy(array.view(numpy.int16)).view(torch.bfloat16).double().numpy()


@pytest.mark.parametrize("kind", ["f16", "bf16"])
@pytest.mark.parametrize("name", SMALL)
def test_is_as_good_as_pytorch(slipway, tmp_path, name, kind):
    network = half_networks.NETWORKS[name](**SMALL[name])
    half_networks.save(network, kind, tmp_path / "model.onnx")
    stated = network.input.to(BITS[kind])
    array = stated.numpy() if kind == "f16" else stated.view(torch.int16).numpy().view(numpy.uint16)
    output = slipway.run_tensors(tmp_path / "model.onnx", {"x": array})[network.last]
    exact = network.compute("f64").numpy()
    theirs = distance(network.compute(kind).numpy(), exact)
    assert 0 < theirs < 0.1
    assert distance(as_double(output, kind), exact) <= theirs
