// How a program's inputs and outputs lie in what the user passes and gets: PyTorch's tree specs
// (torch/utils/_pytree.py), "[1, {"type": "builtins.tuple", "context": "null", "children_spec": [...]}]".
#pragma once

#include <span>
#include <string>
#include <vector>

#include "torch/json.hpp"

namespace slipway::torch {

// The paths of the leaves, in their order: "0", "1.boxes", "" for a leaf alone. Members are called by their
// place in tuples and lists, by their key in dicts, by their field in named tuples and dataclasses;
// `named_tuples` is the program's "treespec_namedtuple_fields". Throws kInvalidModel for what is no tree
// spec.
std::vector<std::string> leaf_paths(const std::string& spec, const Json* named_tuples);

// The same of forward()'s arguments, a tuple of the positional ones and a dict of those by keyword:
// "x", "xs.0", "d.a". `names` are the arguments' in this order; where they are too few, `fallback` (one for
// each leaf) says how the leaves are called.
std::vector<std::string> argument_paths(const std::string& spec, std::span<const std::string> names,
                                        std::span<const std::string> fallback, const Json* named_tuples);

}  // namespace slipway::torch
