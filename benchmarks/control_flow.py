"""What control flow costs in Slipway and in ONNX Runtime, as a Markdown table.

    python benchmarks/control_flow.py [--rounds 5] [--threads 1] [--filter TEXT]

Each case is a loop of some thousand rounds. `body` is what a round's nodes cost by themselves: 200 copies of them in a
row, without the loop. `loop` is a round of the loop, less the body: what going round costs. The two engines take
turns, a short process each; what counts is the median of all processes' medians.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[1]
COPIES = 200
FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def constant(name, value):
    return numpy_helper.from_array(numpy.array(value), name)


def add_nodes(state, after):
    return [helper.make_node("Add", [state, "one"], [after])]


def concat_nodes(state, after):
    return [helper.make_node("Concat", [state, "row"], [after], axis=0)]


def if_nodes(state, after):
    branches = [helper.make_graph([helper.make_node(op, [state, "one"], [f"{after}_{op}"])], op, [],
                                  [helper.make_tensor_value_info(f"{after}_{op}", FLOAT, None)]) for op in ("Add", "Sub")]
    return [helper.make_node("Less", [state, "limit"], [f"{after}_less"]),
            helper.make_node("If", [f"{after}_less"], [after], then_branch=branches[0], else_branch=branches[1])]


def insert_nodes(state, after):
    return [helper.make_node("SequenceInsert", [state, "row"], [after])]


CONSTANTS = [constant("one", numpy.float32(1)), constant("limit", numpy.float32(1e9)),
             constant("row", numpy.ones(4, numpy.float32)), constant("true", True)]
# Name: nodes of a round, shape of the state (None: a sequence), rounds, what else is asked of the loop.
CASES = {
    "nothing at all": (lambda state, after: [], [], 100000, ""),
    "add to a scalar": (add_nodes, [], 100000, ""),
    "add to f32[4096]": (add_nodes, [4096], 20000, ""),
    "add, collect f32[16]": (add_nodes, [16], 50000, "rows"),
    "add while a condition holds": (add_nodes, [], 50000, "watched"),
    "an If in a Loop": (if_nodes, [], 50000, ""),
    "a value that grows by f32[4]": (concat_nodes, [4], 2000, "grows"),
    "a sequence that grows": (insert_nodes, None, 2000, ""),
    "Scan over f32[20000,16]": (add_nodes, [16], 20000, "scan"),
}


def value(name, shape):
    if shape is None:
        return helper.make_tensor_sequence_value_info(name, FLOAT, None)
    return helper.make_tensor_value_info(name, FLOAT, shape)


def loop_model(nodes, shape, rounds, kind):
    grown = [None] if kind == "grows" else shape
    body_nodes = nodes("state", "after") or [helper.make_node("Identity", ["state"], ["after"])]
    outputs = [value("after", grown)]
    if kind == "scan":
        body_nodes.append(helper.make_node("Add", ["after", "position"], ["row_made"]))
        body = helper.make_graph(body_nodes, "body", [value("state", shape), value("position", shape)],
                                 outputs + [value("row_made", shape)])
        table = constant("table", numpy.ones([rounds, *shape], numpy.float32))
        made = helper.make_node("Scan", ["x", "table"], ["y", "rows"], body=body, num_scan_inputs=1)
        return model([made], shape, [value("y", shape), value("rows", [rounds, *shape])], [table])
    watched = kind == "watched"
    body_nodes.append(helper.make_node("Less", ["after", "limit"], ["go_on"]) if watched else
                      helper.make_node("Identity", ["going"], ["go_on"]))
    if kind == "rows":
        body_nodes.append(helper.make_node("Identity", ["after"], ["row_made"]))
        outputs.append(value("row_made", shape))
    body = helper.make_graph(body_nodes, "body",
                             [helper.make_tensor_value_info("round", INT, []),
                              helper.make_tensor_value_info("going", BOOL, []), value("state", grown)],
                             [helper.make_tensor_value_info("go_on", BOOL, []), *outputs])
    names = ["y", "rows"] if kind == "rows" else ["y"]
    start, before = "x", []
    if shape is None:
        before = [helper.make_node("SequenceConstruct", ["x"], ["start"])]
        start = "start"
    made = helper.make_node("Loop", ["trips", "true", start], names, body=body)
    results = [value("y", grown)] + ([value("rows", [None, *shape])] if kind == "rows" else [])
    if shape is None:
        after = helper.make_node("SequenceLength", ["y"], ["length"])
        return model([*before, made, after], [4], [helper.make_tensor_value_info("length", INT, [])],
                     [constant("trips", numpy.int64(rounds))])
    return model([made], shape, results, [constant("trips", numpy.int64(rounds))])


def body_model(nodes, shape):
    chain = [node for i in range(COPIES) for node in nodes(f"s{i}", f"s{i + 1}")]
    chain = [helper.make_node("Identity", ["x"], ["s0"]), *chain]
    return model(chain, shape, [value(f"s{COPIES}", shape)], [])


def model(nodes, shape, outputs, constants):
    graph = helper.make_graph(nodes, "g", [value("x", shape)], outputs, [*CONSTANTS, *constants])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    made.ir_version = 10
    return made


def onnxruntime_ms(path, threads):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {one.name: numpy.ones(one.shape, numpy.float32) for one in session.get_inputs()}
    times, started = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - started < 0.5:
        begun = time.perf_counter()
        session.run(None, feed)
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times[2:])


def slipway_ms(program, path, threads):
    done = subprocess.run([program, "bench", path, "--threads", str(threads), "--json"], stdout=subprocess.PIPE,
                          text=True, check=True)
    return json.loads(done.stdout)["median_ms"]


def measure(program, path, threads, rounds):
    times = ([], [])
    for _ in range(rounds):
        times[0].append(slipway_ms(program, path, threads))
        worker = [sys.executable, __file__, "--worker", path, "--threads", str(threads)]
        times[1].append(json.loads(subprocess.run(worker, check=True, capture_output=True, text=True).stdout))
    return [1000 * statistics.median(of_engine) for of_engine in times]  # microseconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=os.environ.get("SLIPWAY_CLI", ROOT / "build/release/slipway"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--filter", default="")
    parser.add_argument("--worker")
    arguments = parser.parse_args()
    if arguments.worker:
        print(onnxruntime_ms(arguments.worker, arguments.threads))
        return
    print("| a round of | Slipway, µs | body | loop | ONNX Runtime, µs | body | loop |\n|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (nodes, shape, count, kind) in CASES.items():
            if arguments.filter not in name:
                continue
            loop, body = folder + "/loop.onnx", folder + "/body.onnx"
            onnx.save(loop_model(nodes, shape, count, kind), loop)
            rounds = measure(arguments.program, loop, arguments.threads, arguments.rounds)
            bodies = [0, 0]
            if kind != "grows" and shape is not None and nodes("a", "b"):
                onnx.save(body_model(nodes, shape), body)
                bodies = measure(arguments.program, body, arguments.threads, arguments.rounds)
            cells = []
            for all_rounds, all_copies in zip(rounds, bodies):
                one, own = all_rounds / count, all_copies / COPIES
                cells += [f"{one:.3f}", f"{own:.3f}" if own else "", f"{one - own:.3f}" if own else ""]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
