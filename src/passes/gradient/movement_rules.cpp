// Derivatives of operators that move elements.
#include "base/error.hpp"
#include "onnx/read_model.hpp"
#include "passes/gradient/derivative_rules.hpp"
#include "passes/pattern.hpp"

namespace slipway::passes {
namespace {

using D = Derivative;

void derive_reshape(D& of) {
  of.give(0, of.reshaped_like(of.dy(), of.x(0)));
}

void derive_expand(D& of) {
  of.give_broadcast(0, of.dy());
}

// Without 'perm' the axes are reversed, and reversing undoes that.
void derive_transpose(D& of) {
  const std::vector<int64_t> order = of.node().ints_attribute("perm", {});
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const auto axis = axis_of(order[i], order.size());
    if (!axis)
      fail(ErrorCode::kInvalidModel, "{}: perm {} has {} axes, but names axis {}", of.node().describe(),
           to_string(order), order.size(), order[i]);
    back[*axis] = static_cast<int64_t>(i);
  }
  of.give(
      0, order.empty() ? of.make("Transpose", {of.dy()}) : of.make("Transpose", {of.dy()}, {{"perm", back}}));
}

void derive_concat(D& of) {
  constexpr int64_t kMostAxes = kMaxTensorRank;
  const int64_t axis = of.node().int_attribute("axis", 0);
  if (axis < -kMostAxes || axis >= kMostAxes)
    fail(ErrorCode::kInvalidModel, "{}: axis is {}, but tensors have at most {} axes", of.node().describe(),
         axis, kMostAxes);
  std::vector<Value*> sizes;
  for (Value* input : of.node().inputs()) {
    // Up to the end for the last axis, counted from there.
    sizes.push_back(axis == -1 ? of.make("Shape", {input}, {{"start", axis}})
                               : of.make("Shape", {input}, {{"start", axis}, {"end", int64_t{axis + 1}}}));
  }
  Value* split = of.make("Concat", sizes, {{"axis", int64_t{0}}});
  const std::vector<Value*> parts =
      of.make_several("Split", {of.dy(), split}, sizes.size(), {{"axis", axis}});
  for (size_t i = 0; i < parts.size(); ++i)
    if (of.wants(i)) of.give(i, parts[i]);
}

void derive_split(D& of) {
  std::vector<Value*> parts;
  for (size_t i = 0; i < of.node().outputs().size(); ++i) parts.push_back(of.dy(i));
  of.give(0, of.make("Concat", parts, {{"axis", of.node().int_attribute("axis", 0)}}));
}

// For whatever picks elements: the operator tells where each comes from when it is given their places
// instead, and there its derivative is added up.
void derive_picked(D& of) {
  if (!of.wants(0)) return;
  Value* count = of.make("Size", {of.x(0)});
  Value* zero = of.make("Sub", {count, count});
  Value* step = of.make("Squeeze", {of.integers({1})});
  Value* places = of.reshaped_like(of.make("Range", {zero, count, step}), of.x(0));
  Value* flat = of.integers({-1});
  Value* picked = of.make("Reshape", {of.node_with(0, places), flat});
  Value* none = of.make("Reshape", {of.filled_like(of.x(0), 0), flat});
  Value* added = of.make("ScatterElements", {none, picked, of.make("Reshape", {of.dy(), flat})},
                         {{"reduction", std::string("add")}});
  of.give(0, of.reshaped_like(added, of.x(0)));
}

constexpr NamedRule kRules[] = {
    {"Concat", derive_concat},       {"DepthToSpace", derive_picked}, {"Expand", derive_expand},
    {"Flatten", derive_reshape},     {"Gather", derive_picked},       {"GatherElements", derive_picked},
    {"GatherND", derive_picked},     {"Reshape", derive_reshape},     {"Slice", derive_picked},
    {"SpaceToDepth", derive_picked}, {"Split", derive_split},         {"Squeeze", derive_reshape},
    {"Tile", derive_picked},         {"Transpose", derive_transpose}, {"Unsqueeze", derive_reshape},
};

}  // namespace

std::span<const NamedRule> movement_rules() {
  return kRules;
}

}  // namespace slipway::passes
