"""What torch.onnx and onnxslim together make of a network: the number of nodes and bytes, as JSON on the last line."""

import json
import pathlib
import sys
import tempfile

import onnx
import onnxslim
import torch

from judge import first_line, nodes_of
from networks import all_networks


def measure(network, folder):
    raw, slim = folder / "raw.onnx", folder / "slim.onnx"
    torch.onnx.export(network.build(), network.arguments(), raw, dynamo=True, external_data=False, verbose=False)
    onnxslim.slim(str(raw), str(slim))
    model = onnx.load(slim)
    return {"nodes": sum(1 for _ in nodes_of(model.graph)), "bytes": slim.stat().st_size}


def main():
    network = all_networks()[sys.argv[1]]
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = measure(network, pathlib.Path(folder))
        except Exception as error:  # both raise exceptions of many kinds
            found = {"failure": first_line(error)}
    print()
    print(json.dumps({"name": network.name, **found}))


if __name__ == "__main__":
    main()
