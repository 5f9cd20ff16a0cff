#include "passes/gradient/derivative.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "graph/graph_cloner.hpp"

namespace slipway::passes {
namespace {

// Derivatives of derivatives of a small file come to a number of nodes that no memory holds.
constexpr size_t kMostNodes = 250'000;

}  // namespace

Value* Derivative::dy(size_t output) {
  if (!y(output))
    fail(ErrorCode::kUnsupported, "{}: its derivative needs its output {}, which is left out",
         node_.describe(), output);
  const auto found = sweep_.summed.find(y(output));
  return found == sweep_.summed.end() ? filled_like(y(output), 0) : found->second;
}

void Derivative::give(size_t input, Value* derivative) {
  Value*& sum = sweep_.summed[x(input)];
  sum = sum ? make("Add", {sum, derivative}) : derivative;
}

void Derivative::give_broadcast(size_t input, Value* derivative) {
  const auto& own = x(input)->type().shape();
  const auto& made = y()->type().shape();
  give(input, own && made && *own == *made ? derivative : reduced_to(derivative, x(input)));
}

std::vector<Value*> Derivative::make_several(std::string op_type, std::vector<Value*> inputs,
                                             size_t output_count, Settings settings) {
  if (graph().node_count() > kMostNodes)
    fail(ErrorCode::kUnsupported, "its gradients come to more than {} nodes", kMostNodes);
  Node* made = graph().insert_node(sweep_.position, std::move(op_type), std::move(inputs), output_count);
  for (const auto& [name, content] : settings)
    std::visit([&, key = name](const auto& value) { made->set_attribute(key, value); }, content);
  return {made->outputs().begin(), made->outputs().end()};
}

Value* Derivative::number(double number, Value* like) {
  Value* constant = graph().add_initializer(graph().unused_name("number"), Tensor::scalar(number));
  return make("CastLike", {constant, like});
}

Value* Derivative::integers(const std::vector<int64_t>& elements) {
  return graph().add_initializer(graph().unused_name("integers"),
                                 Tensor::from<int64_t>({static_cast<int64_t>(elements.size())}, elements));
}

Value* Derivative::filled_like(Value* value, double filling) {
  return make("Expand", {number(filling, value), shape_of(value)});
}

Value* Derivative::reshaped_like(Value* value, Value* like) {
  return make("Reshape", {value, shape_of(like)}, {{"allowzero", int64_t{1}}});
}

// The axes are only known with the shapes: those along which `like`, with ones in front up to the rank of
// `value`, has another size.
Value* Derivative::reduced_to(Value* value, Value* like) {
  Value *shape = shape_of(value), *own = shape_of(like);
  Value* missing = make("Sub", {make("Shape", {shape}), make("Shape", {own})});
  Value* ones = make("Expand", {integers({1}), missing});
  Value* padded = make("Concat", {ones, own}, {{"axis", int64_t{0}}});
  Value* differs = make("Not", {make("Equal", {padded, shape})});
  Value* axes = make("Reshape", {make("NonZero", {differs}), integers({-1})});
  Value* sum =
      make("ReduceSum", {value, axes}, {{"keepdims", int64_t{1}}, {"noop_with_empty_axes", int64_t{1}}});
  return reshaped_like(sum, like);
}

Value* Derivative::node_with(size_t input, Value* value, const char* attribute, int64_t setting) {
  Node* copy = GraphCloner().node(node_, graph(), sweep_.position);
  graph().set_input(copy, input, value);
  for (Value* output : copy->outputs())
    if (output) output->set_type({});
  if (attribute) copy->set_attribute(attribute, setting);
  return copy->output(0);
}

size_t Derivative::rank(const Value* value) const {
  if (!value->type().is_tensor() || !value->type().shape())
    fail(ErrorCode::kUnsupported,
         "{}: its derivative needs the rank of '{}', which is not known; state the shapes of the model's "
         "inputs",
         node_.describe(), value->name());
  return value->type().shape()->size();
}

}  // namespace slipway::passes
