// Normalisations together with the sums in front of them.
#include "onnx/opset/contrib/layouts.hpp"
#include "onnx/opset/contrib/rules.hpp"
#include "onnx/opset/node_conversion.hpp"
#include "onnx/read_model.hpp"

namespace slipway::contrib_rule {
namespace {

bool is_used(const Node& node, size_t output) {
  return node.output(output) && !node.output(output)->is_unused();
}

// input + skip + bias, which output 3 may ask for.
Value* sum_with_skip(NodeConversion& upgrade, const Value* bias_or_none, size_t bias_input) {
  const Node& node = upgrade.node();
  std::vector<Value*> addends{node.input(0), node.input(1)};
  if (bias_or_none) addends = {upgrade.make("Add", addends), node.input(bias_input)};
  if (!is_used(node, 3)) return upgrade.make("Add", addends);
  return upgrade.make_output(3, "Add", addends)->output(0);
}

// 1 / sqrt(mean square + epsilon) along the axes.
void make_inverse_deviation(NodeConversion& upgrade, size_t output, Value* input,
                            const std::vector<int64_t>& axes, float epsilon) {
  Value* squares = upgrade.make("Mul", {input, input});
  Value* mean = upgrade.make("ReduceMean", {squares, upgrade.add_list(axes)});
  Value* shifted = upgrade.make("Add", {mean, upgrade.add_scalar_like(upgrade.node().input(0), epsilon)});
  Value* inverse = upgrade.make("Reciprocal", {upgrade.make("Sqrt", {shifted})});
  upgrade.make_output(output, "Cast", {inverse})->set_attribute("to", static_cast<int64_t>(DataType::kFloat));
}

}  // namespace

void skip_layer_normalization(NodeConversion& upgrade) {
  const float epsilon = upgrade.take_float("epsilon").value_or(1e-12F);
  Value* sum = sum_with_skip(upgrade, upgrade.node().input(4), 4);
  Node& node = upgrade.node();
  node.set_attribute("axis", int64_t{-1});
  node.set_attribute("epsilon", epsilon);
  upgrade.become("LayerNormalization", {sum, node.input(2), node.input(3)});
  upgrade.drop_outputs_from(3);
}

void skip_simplified_layer_normalization(NodeConversion& upgrade) {
  const float epsilon = upgrade.take_float("epsilon").value_or(1e-12F);
  Node& node = upgrade.node();
  if (is_used(node, 1)) upgrade.refuse("output 'mean' is used");
  Value* sum = sum_with_skip(upgrade, node.input(3), 3);
  if (is_used(node, 2)) make_inverse_deviation(upgrade, 2, sum, {-1}, epsilon);
  upgrade.finish(
      upgrade.make("RMSNormalization", {sum, node.input(2)}, {{"axis", -1}, {"epsilon", epsilon}}));
}

void simplified_layer_normalization(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  if (is_used(node, 1)) {
    const int64_t axis = node.int_attribute("axis", -1);
    const auto rank = upgrade.rank(node.input(0));
    if (!rank && axis >= 0) upgrade.refuse("the rank of its input is not known");
    const auto most = static_cast<int64_t>(rank.value_or(kMaxTensorRank));
    if (axis < -most || axis >= most) upgrade.refuse("its input has no such axis");
    std::vector<int64_t> axes;
    for (int64_t i = axis; i < (axis < 0 ? 0 : static_cast<int64_t>(*rank)); ++i) axes.push_back(i);
    make_inverse_deviation(upgrade, 1, node.input(0), axes, node.float_attribute("epsilon", 1e-5F));
  }
  upgrade.finish(upgrade.make_inheriting("RMSNormalization", {node.input(0), node.input(1)}));
}

// Words, positions and segments are looked up and added.
void embed_layer_normalization(NodeConversion& upgrade) {
  enum : uint8_t {
    kWords,
    kSegments,
    kWordTable,
    kPositionTable,
    kSegmentTable,
    kGamma,
    kBeta,
    kMask,
    kPlaces
  };
  Node& node = upgrade.node();
  const float epsilon = upgrade.take_float("epsilon").value_or(1e-12F);
  upgrade.take_int("mask_index_type");
  Value* words = upgrade.make("Gather", {node.input(kWordTable), node.input(kWords)});
  Value* places = nullptr;
  if (node.input(kPlaces)) {
    places = upgrade.make("Gather", {node.input(kPositionTable), node.input(kPlaces)});
  } else {
    Value* length = upgrade.make("Shape", {node.input(kWords)}, {{"start", 1}, {"end", 2}});
    places = upgrade.make("Slice", {node.input(kPositionTable), upgrade.add_list({0}), length});
  }
  Value* sum = upgrade.make("Add", {words, places});
  if (node.input(kSegments)) {
    Value* segments = upgrade.make("Gather", {node.input(kSegmentTable), node.input(kSegments)});
    sum = upgrade.make("Add", {sum, segments});
  }
  if (is_used(node, 2)) upgrade.make_output(2, "Identity", {sum});
  if (is_used(node, 1)) {
    // How many words are not masked out; 0 where nobody says.
    Value* one = upgrade.add_constant(Tensor::scalar(int32_t{1}));
    Value* zero = upgrade.add_constant(Tensor::scalar(int32_t{0}));
    Value* counted = node.input(kMask) ? upgrade.make("Equal", {node.input(kMask), one})
                                       : upgrade.make("Less", {node.input(kWords), node.input(kWords)});
    Value* counts = upgrade.make("Where", {counted, one, zero});
    upgrade.make_output(1, "ReduceSum", {counts, upgrade.add_list({1})})
        ->set_attribute("keepdims", int64_t{0});
  }
  upgrade.finish(upgrade.make("LayerNormalization", {sum, node.input(kGamma), node.input(kBeta)},
                              {{"axis", -1}, {"epsilon", epsilon}}));
}

// GroupNorm and SkipGroupNorm, of images whose channels come last, with SiLU behind.
void group_norm(NodeConversion& upgrade) {
  Node& node = upgrade.node();
  constexpr size_t kRank = 4;
  const auto activation = upgrade.take_int("activation").value_or(0);
  const auto groups = upgrade.take_int("groups").value_or(0);
  const float epsilon = upgrade.take_float("epsilon").value_or(1e-5F);
  const bool channels_last = upgrade.take_int("channels_last").value_or(1) != 0;
  if (activation < 0 || activation > 1) upgrade.refuse("attribute 'activation' is neither 0 nor 1");
  Value* image = node.input(0);
  if (node.input(3)) {
    const auto skip_rank = upgrade.rank(node.input(3));
    if (!channels_last || !skip_rank)
      upgrade.refuse("the skip's rank is not known, or its channels come second");
    Value* skip = *skip_rank == 2 ? upgrade.make("Unsqueeze", {node.input(3), upgrade.add_list({1, 2})})
                                  : node.input(3);
    std::vector<Value*> addends{image, skip};
    if (node.input(4)) addends = {upgrade.make("Add", addends), node.input(4)};
    image =
        is_used(node, 1) ? upgrade.make_output(1, "Add", addends)->output(0) : upgrade.make("Add", addends);
  }
  if (channels_last) image = to_channels_first(upgrade, image, kRank);
  const DataType type = upgrade.element_type(node.input(0));
  const auto like_image = [&](Value* value) {
    if (upgrade.element_type(value) == type) return value;
    return upgrade.make("CastLike", {value, node.input(0)});
  };
  Value* result =
      upgrade.make("GroupNormalization", {image, like_image(node.input(1)), like_image(node.input(2))},
                   {{"num_groups", groups}, {"epsilon", epsilon}});
  if (activation == 1) result = upgrade.make("Swish", {result});
  upgrade.finish(channels_last ? to_channels_last(upgrade, result, kRank) : result);
}

}  // namespace slipway::contrib_rule
