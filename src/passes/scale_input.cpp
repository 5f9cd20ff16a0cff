#include "passes/scale_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/error.hpp"
#include "ops/infer_types.hpp"

namespace slipway::passes {
namespace {

constexpr size_t kScales = 2, kSizes = 3;

struct Enlargement {
  Node* node;
  std::vector<float> scales;
  float factor;
};

// nothing for a Resize by sizes, by scales that are computed, or by different ones.
std::optional<Enlargement> enlargement_of(Node* node) {
  if (!node->is("Resize") || !node->input(kScales)) return {};
  const Tensor* constant = node->input(kScales)->constant();
  if (!constant || constant->type() != DataType::kFloat) return {};
  const auto scales = constant->data<float>();
  float factor = 1;
  for (const float scale : scales) {
    if (scale == 1) continue;
    if (factor != 1 && scale != factor) return {};
    factor = scale;
  }
  if (factor == 1) return {};
  return Enlargement{node, {scales.begin(), scales.end()}, factor};
}

std::vector<Enlargement> find_enlargements(Graph& graph) {
  std::vector<Enlargement> found;
  for (Node* node = graph.first_node(); node; node = node->next())
    if (auto enlargement = enlargement_of(node)) found.push_back(std::move(*enlargement));
  if (found.empty())
    fail(ErrorCode::kInvalidArgument,
         "the model has no Resize by one constant factor: export it with interpolate(scale_factor=...)");
  for (const Enlargement& other : found)
    if (other.factor != found.front().factor)
      fail(ErrorCode::kInvalidArgument, "{} enlarges by {}, {} by {}: one input cannot be both",
           found.front().node->describe(), found.front().factor, other.node->describe(), other.factor);
  return found;
}

// Does the node state sizes of its output as numbers, which would follow from the factor?
bool states_sizes(const Node& node) {
  const auto constant = [&](size_t index) { return node.input(index) && node.input(index)->constant(); };
  if (node.is("Resize")) return constant(kSizes);
  if (node.is("Expand")) return constant(1);
  if (!node.is("Reshape") || !constant(1)) return false;
  // Both axes of a picture must be open: 0 or -1.
  const auto sizes = node.input(1)->constant()->data<int64_t>();
  const auto is_open = [](int64_t size) { return size <= 0; };
  return std::count_if(sizes.begin(), sizes.end(), is_open) < 2;
}

// The nodes behind the values, which come in topological order.
std::unordered_set<const Node*> nodes_behind(const Graph& graph, const std::vector<Enlargement>& begin) {
  std::unordered_set<const Node*> behind;
  for (const Enlargement& enlargement : begin) behind.insert(enlargement.node);
  for (const Node* node = graph.first_node(); node; node = node->next())
    for (const Value* input : node->inputs())
      if (input && input->producer() && behind.contains(input->producer())) behind.insert(node);
  return behind;
}

// [1, 1, factor, factor] of constants and the input.
Value* scales_from(Value* factor, const Enlargement& enlargement) {
  Graph& graph = factor->graph();
  std::vector<Value*> parts;
  std::vector<float> ones;
  const auto flush = [&] {
    if (ones.empty()) return;
    const Dims count = {static_cast<int64_t>(ones.size())};
    parts.push_back(graph.add_initializer(graph.unused_name("ones"), Tensor::from<float>(count, ones)));
    ones.clear();
  };
  for (const float scale : enlargement.scales) {
    if (scale == 1) {
      ones.push_back(1);
    } else {
      flush();
      parts.push_back(factor);
    }
  }
  flush();
  Node* scales = graph.insert_node(enlargement.node, "Concat", parts);
  scales->set_attribute("axis", int64_t{0});
  scales->set_name(enlargement.node->name() + "/scales");
  return scales->output(0);
}

// The sizes along axes that are not enlarged stay.
void forget_enlarged_sizes(const Enlargement& enlargement) {
  Value* output = enlargement.node->output(0);
  const Type& type = output->type();
  if (!type.shape() || type.shape()->size() != enlargement.scales.size()) return;
  Shape sizes = *type.shape();
  for (size_t axis = 0; axis < sizes.size(); ++axis)
    if (enlargement.scales[axis] != 1) sizes[axis] = Dim();
  output->set_type(Type::tensor(type.element_type(), sizes));
}

Type without_sizes(const Type& type) {
  if (!type.is_tensor() || !type.shape()) return type;
  return Type::tensor(type.element_type(), Shape(type.shape()->size()));
}

}  // namespace

float make_scale_an_input(Model& model, const std::string& name) {
  Graph& graph = *model.graph;
  if (graph.find_value(name))
    fail(ErrorCode::kInvalidArgument, "the model has a value '{}' already; call the factor otherwise", name);
  const std::vector<Enlargement> enlargements = find_enlargements(graph);
  const auto behind = nodes_behind(graph, enlargements);
  for (const Node* node : behind)
    if (states_sizes(*node))
      fail(ErrorCode::kInvalidArgument,
           "{} states sizes that follow from the factor: export the program with dynamic sizes",
           node->describe());
  Value* factor = graph.add_input(name, Type::tensor(DataType::kFloat, Shape{1}));
  for (const Node* node : behind) {
    const auto is_it = [&](const Enlargement& enlargement) { return enlargement.node == node; };
    if (std::any_of(enlargements.begin(), enlargements.end(), is_it)) continue;
    for (Value* output : node->outputs())
      if (output) output->set_type(without_sizes(output->type()));
  }
  for (const Enlargement& enlargement : enlargements) {
    graph.set_input(enlargement.node, kScales, scales_from(factor, enlargement));
    forget_enlarged_sizes(enlargement);
  }
  ops::infer_types(model, ops::standard_operators());
  return enlargements.front().factor;
}

}  // namespace slipway::passes
