// The inputs that a program was traced with, as torch.save wrote them: (arguments, {name: argument}).
#pragma once

#include <vector>

#include "torch/pickled_tensors.hpp"

namespace slipway::torch {

// The leaves in the order of torch/utils/_pytree.py: of tuples, lists, dicts, and of objects of classes that
// users define what they hold. Numbers become scalars (i64, f64, bool), everything else an undefined tensor.
// Throws kInvalidModel for what is nested without end or contradicts itself, and what `find_storage` throws.
std::vector<Tensor> read_example_inputs(const PickleValue& root, const FindStorage& find_storage);

}  // namespace slipway::torch
