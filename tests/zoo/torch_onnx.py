"""What torch.onnx and onnxslim together make of a network: the number of nodes and bytes, as JSON on the last line.

    python tests/zoo/torch_onnx.py NAME training|decomposed
"""

import json
import pathlib
import sys
import tempfile

import onnx
import onnxslim
import torch

from judge import first_line, nodes_of
from networks import all_networks


def measure(network, form, folder):
    raw, slim = folder / "raw.onnx", folder / "slim.onnx"
    module, arguments = network.build(), network.arguments()
    if form == "decomposed":
        module, arguments = torch.export.export(module, arguments).run_decompositions(), ()
    torch.onnx.export(module, arguments, raw, dynamo=True, external_data=False, verbose=False)
    onnxslim.slim(str(raw), str(slim))
    model = onnx.load(slim)
    return {"nodes": sum(1 for _ in nodes_of(model.graph)), "bytes": slim.stat().st_size}


def main():
    network, form = all_networks()[sys.argv[1]], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = measure(network, form, pathlib.Path(folder))
        except Exception as error:  # both raise exceptions of many kinds
            found = {"failure": first_line(error)}
    print()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
