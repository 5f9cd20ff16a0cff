// Transpose: permutes the axes; without a permutation it reverses them.
#include <numeric>

#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

std::vector<size_t> permutation(const Node& node, size_t rank) {
  std::vector<size_t> axes(rank);
  if (!node.find_attribute("perm")) {
    std::iota(axes.rbegin(), axes.rend(), size_t{0});
    return axes;
  }
  const std::vector<int64_t> stated = node.ints_attribute("perm", {});
  std::vector<bool> seen(rank, false);
  if (stated.size() != rank)
    fail(ErrorCode::kInvalidModel, "perm {} has {} axes, but the input has {}", to_string(stated),
         stated.size(), rank);
  for (size_t i = 0; i < rank; ++i) {
    axes[i] = normalize_axis(stated[i], rank, "perm's axis");
    if (seen[axes[i]]) fail(ErrorCode::kInvalidModel, "perm {} names an axis twice", to_string(stated));
    seen[axes[i]] = true;
  }
  return axes;
}

void infer(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(context.input_element_type(0)));
  Shape result;
  for (size_t axis : permutation(context.node(), shape->size())) result.push_back((*shape)[axis]);
  context.set_output_type(0, Type::tensor(context.input_element_type(0), std::move(result)));
}

void compute(KernelContext& context) {
  const Tensor& data = context.input(0);
  const Dims from = contiguous_strides(data.dims());
  Dims dims, strides;
  for (size_t axis : permutation(context.node(), data.rank())) {
    dims.push_back(data.dim(axis));
    strides.push_back(from[axis]);
  }
  Tensor& output = context.make_output(0, data.type(), dims);
  const ElementMover mover(data, output);
  StridedWalk<1> at(dims, {strides});
  for (int64_t i = 0; i < output.count(); ++i, at.next()) mover.move(at[0], i);
}

}  // namespace

void register_transpose(Registry& registry) {
  registry.add({.name = "Transpose",
                .since_version = 25,
                .inputs = {{"data", "T"}},
                .outputs = {{"transposed", "T"}},
                .attributes = {{"perm", Attribute::Kind::kInts}},
                .type_constraints = {{"T", kAnyTensor}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
