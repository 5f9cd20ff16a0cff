"""Exported programs as Slipway reads them against the programs that PyTorch holds: every call with its arguments and
results, sub-graphs included, inputs and outputs with their names, and all tensors byte by byte."""

import collections
import inspect
import json
import operator
import subprocess
import zlib

import pytest
import sympy
import torch
from torch.export.graph_signature import ConstantArgument, InputKind, OutputKind
from torch.utils import _pytree as pytree

import command_line
from exported_programs import CASES

TYPES = {torch.float32: "f32", torch.float64: "f64", torch.float16: "f16", torch.bfloat16: "bf16", torch.int64: "i64",
         torch.int32: "i32", torch.int16: "i16", torch.int8: "i8", torch.uint8: "u8", torch.bool: "bool",
         torch.complex64: "c64", torch.complex128: "c128"}
KINDS = {InputKind.USER_INPUT: "user", InputKind.PARAMETER: "parameter", InputKind.BUFFER: "buffer",
         InputKind.CONSTANT_TENSOR: "constant", OutputKind.USER_OUTPUT: "user",
         OutputKind.BUFFER_MUTATION: "buffer mutation", OutputKind.USER_INPUT_MUTATION: "input mutation"}
# What Slipway's dimensions do not express.
NO_POLYNOMIAL = ("Max", "Min", "Mod", "PythonMod", "Pow", "Piecewise")


@pytest.fixture(scope="module")
def read():
    program = command_line.find("SLIPWAY_PROGRAM", "build/release/slipway_program")

    def run(path):
        done = subprocess.run([program, path], capture_output=True, text=True, timeout=command_line.TIME_LIMIT,
                              check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def same_size(stated, size):
    """A size as Slipway spells it, and a number or symbol of PyTorch's."""
    if isinstance(size, int):
        return stated == str(size)
    expression = size.node.expr
    if stated == "?":
        return any(type(part).__name__ in NO_POLYNOMIAL for part in sympy.preorder_traversal(expression))
    # By numbers: PyTorch's FloorDiv is no floor to SymPy.
    symbols = sorted(expression.free_symbols, key=str)
    ours = sympy.sympify(stated, locals={str(symbol): symbol for symbol in symbols})
    for start in range(2, 40):
        numbers = {symbol: start + 3 * place for place, symbol in enumerate(symbols)}
        if ours.subs(numbers) != expression.subs(numbers):
            return False
    return True


def same_type(stated, value):
    """"f32[2,s0]", "int(s0)", "float", "bool" and what PyTorch traced."""
    if isinstance(value, torch.Tensor):
        name, sizes = stated.rstrip("]").split("[")
        sizes = [size for size in sizes.split(",") if size]
        return name == TYPES[value.dtype] and len(sizes) == value.dim() and all(map(same_size, sizes, value.shape))
    if isinstance(value, (bool, torch.SymBool)):
        return stated == "bool"
    if isinstance(value, (float, torch.SymFloat)):
        return stated == "float"
    return stated.startswith("int(") and same_size(stated[4:-1], value)


def text(argument, modules):
    """An argument as Slipway prints it."""
    if isinstance(argument, torch.fx.Node):
        is_graph = argument.op == "get_attr" and isinstance(getattr(modules, argument.target), torch.fx.GraphModule)
        return "{…}" if is_graph else f"%{argument.name}"
    if isinstance(argument, (list, tuple)):
        return f"[{', '.join(text(element, modules) for element in argument)}]"
    if isinstance(argument, bool):
        return str(argument).lower()
    if isinstance(argument, float):
        return number(argument)
    if isinstance(argument, complex):
        return f"({number(argument.real)}+{number(argument.imag)}j)"
    if isinstance(argument, str):
        return f"'{argument}'"
    if isinstance(argument, torch.dtype):
        return TYPES[argument]
    if isinstance(argument, (torch.layout, torch.memory_format)):
        return str(argument).removeprefix("torch.")
    return str(argument)


def number(value):
    return repr(value).removesuffix(".0")


def target_of(node):
    target = node.target
    if isinstance(target, torch._ops.OpOverload):
        return f"{target.namespace}.{target.__name__}"
    if isinstance(target, torch._ops.HigherOrderOperator):
        return f"higher_order.{target.__name__}"
    return f"{target.__module__}.{target.__name__}"


def arguments_of(node):
    """Names by the schema or the function's signature where there is one, by position else."""
    given = [("", argument) for argument in node.args]
    if not isinstance(node.target, (torch._ops.OpOverload, torch._ops.HigherOrderOperator)):
        return list(zip(inspect.signature(node.target).parameters, node.args))
    if isinstance(node.target, torch._ops.OpOverload):
        names = [argument.name for argument in node.target._schema.arguments]
        given = list(zip(names, node.args))
        order = {name: place for place, name in enumerate(names)}
        return sorted(given + list(node.kwargs.items()), key=lambda pair: order[pair[0]])
    return given + list(node.kwargs.items())


def results_of(node):
    """The values that the node's users see, None for those that nobody does."""
    value = node.meta.get("val")
    if not isinstance(value, (list, tuple)):
        return [] if value is None else [(node.name, value)]
    names = {user.args[1]: user.name for user in reversed(node.users) if user.target is operator.getitem}
    return [(names.get(place), inner) for place, inner in enumerate(value)]


def check_block(block, module):
    nodes = list(module.graph.nodes)
    inputs = [node for node in nodes if node.op == "placeholder"]
    assert [entry["name"] for entry in block["inputs"]] == [node.name for node in inputs]
    for entry, node in zip(block["inputs"], inputs):
        if isinstance(node.meta["val"], (torch.Tensor, torch.SymInt)):
            assert same_type(entry["type"], node.meta["val"]), (entry, node.meta["val"])
    calls = [node for node in nodes if node.op == "call_function" and node.target is not operator.getitem]
    assert [call["target"] for call in block["calls"]] == [target_of(node) for node in calls]
    for call, node in zip(block["calls"], calls):
        check_call(call, node, module)
    outputs = nodes[-1].args[0]
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert block["outputs"] == [text(output, module) for output in outputs]


def check_call(call, node, module):
    stated = [(name, argument) for name, argument in call["arguments"]]
    names = {name for name, _ in stated}
    expected = [(name, text(argument, module)) for name, argument in arguments_of(node)]
    assert stated == expected, node.format_node()
    assert len(names) == len(stated) or "" in names
    results = results_of(node)
    assert len(call["outputs"]) == len(results), node.format_node()
    for entry, (name, value) in zip(call["outputs"], results):
        if name:
            assert entry["name"] == name
        if value is not None:
            assert same_type(entry["type"], value), (entry, value)
    graphs = [getattr(module, argument.target) for _, argument in arguments_of(node)
              if isinstance(argument, torch.fx.Node) and argument.op == "get_attr"]
    assert len(call["blocks"]) == len(graphs)
    for block, graph in zip(call["blocks"], graphs):
        check_block(block, graph)


def path_text(path):
    return ".".join(str(getattr(key, "idx", getattr(key, "key", getattr(key, "name", None)))) for key in path)


def leaf_names(values):
    return [path_text(path) for path, _ in pytree.tree_flatten_with_path(values)[0]]


def input_names(program, args, kwargs):
    """forward()'s names of the arguments, then the path within each."""
    stated = program.module_call_graph[0].signature.forward_arg_names
    whole = dict(zip(stated, [*args, *kwargs.values()]))
    return leaf_names(whole)


def check_tensor(entry, tensor):
    contiguous = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
    assert entry["type"] == TYPES[tensor.dtype]
    assert entry["dims"] == list(tensor.shape)
    assert entry["adler32"] == zlib.adler32(bytes(contiguous.tolist()))


def check_signature(report, program, args, kwargs):
    specs = program.graph_signature.input_specs
    assert [entry["kind"] for entry in report["inputs"]] == [KINDS[spec.kind] for spec in specs]
    users = iter(input_names(program, args, kwargs))
    tensors = {**program.constants, **program.state_dict}
    storages = {}
    for entry, spec in zip(report["inputs"], specs):
        assert entry["name"] == (next(users) if spec.kind == InputKind.USER_INPUT else spec.target)
        if isinstance(spec.arg, ConstantArgument):
            assert entry["fixed"] == text(spec.arg.value, None)
        if spec.kind == InputKind.USER_INPUT:
            continue
        check_tensor(entry["tensor"], tensors[spec.target])
        assert entry["tensor"]["strides"] == list(tensors[spec.target].stride())
        assert entry["persistent"] == (spec.persistent is not False)
        storages.setdefault(tensors[spec.target].untyped_storage().data_ptr(), set()).add(entry["storage"])
    assert all(len(shared) == 1 for shared in storages.values())
    outputs = program.graph_signature.output_specs
    assert [entry["kind"] for entry in report["outputs"]] == [KINDS[spec.kind] for spec in outputs]


def copied(values):
    """What a network may write to."""
    return pytree.tree_map(lambda leaf: leaf.clone() if isinstance(leaf, torch.Tensor) else leaf, values)


@pytest.mark.parametrize("dialect", ["training", "decomposed"])
@pytest.mark.parametrize("name", CASES)
def test_program(name, dialect, read, tmp_path):
    kind, args, kwargs, dynamic = CASES[name]
    torch.manual_seed(1)
    program = torch.export.export(kind().eval(), *copied((args, kwargs)), dynamic_shapes=dynamic, strict=False)
    if dialect == "decomposed":
        program = program.run_decompositions()
    torch.export.save(program, tmp_path / "model.pt2")
    report = read(tmp_path / "model.pt2")
    assert report["dialect"] == ("TRAINING" if dialect == "training" else "ATEN")
    check_block(report["block"], program.graph_module)
    check_signature(report, program, args, kwargs)


@pytest.mark.parametrize("name", CASES)
def test_names_and_examples(name, read, tmp_path):
    kind, args, kwargs, dynamic = CASES[name]
    program = torch.export.export(kind().eval(), *copied((args, kwargs)), dynamic_shapes=dynamic, strict=False)
    torch.export.save(program, tmp_path / "model.pt2")
    report = read(tmp_path / "model.pt2")
    expected = kind().eval()(*copied(args), **kwargs)
    stated = [entry["name"] for entry in report["outputs"] if entry["kind"] == "user"]
    assert stated == leaf_names(expected)
    leaves = pytree.tree_leaves(program.example_inputs)
    assert len(report["examples"]) == len(leaves)
    for entry, leaf in zip(report["examples"], leaves):
        if isinstance(leaf, torch.Tensor):
            check_tensor(entry, leaf)
        elif isinstance(leaf, (int, float)):
            assert entry["dims"] == []


@pytest.mark.parametrize("name", ["Structures", "Mutations", "Sizes", "Ties"])
def test_inspect(name, tmp_path):
    kind, args, kwargs, dynamic = CASES[name]
    program = torch.export.export(kind().eval(), *copied((args, kwargs)), dynamic_shapes=dynamic, strict=False)
    program = program.run_decompositions()
    torch.export.save(program, tmp_path / "model.pt2")
    slipway = command_line.Slipway.find()
    report = json.loads(slipway.start("inspect", tmp_path / "model.pt2", "--json"))
    assert report["torch_version"] == torch.__version__
    assert report["dialect"] == "ATEN"
    assert [entry["name"] for entry in report["inputs"]] == input_names(program, args, kwargs)
    calls = [node for node in program.graph.nodes
             if node.op == "call_function" and node.target is not operator.getitem]
    assert report["calls"] == collections.Counter(target_of(node) for node in calls)
    assert report["parameters"]["elements"] == sum(parameter.numel() for parameter in program.parameters())
    signature = program.graph_signature
    assert report["mutated_buffers"] == list(signature.buffers_to_mutate.values())
    assert len(report["mutated_inputs"]) == len(signature.user_inputs_to_mutate)
    assert report["ranges"] == {str(symbol): [int(bounds.lower), int(bounds.upper) if bounds.upper.is_Integer else None]
                                for symbol, bounds in program.range_constraints.items()}
