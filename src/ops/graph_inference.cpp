#include "ops/graph_inference.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "base/work_scope.hpp"
#include "graph/function_call.hpp"
#include "graph/validate.hpp"
#include "ops/merge_types.hpp"
#include "ops/node_kernel_context.hpp"

namespace slipway::ops {
namespace {

// Values are followed through shape arithmetic, not through the model's real work.
constexpr int64_t kMaxKnownElements = 64;
constexpr int64_t kMaxFoldedInput = 4096;
// Operations on them: a small result may still be a sum of billions of products.
constexpr double kMaxFoldedWork = 1e6;

bool is_static(const Type& type) {
  return type.is_tensor() && type.shape() && all_known(*type.shape());
}

bool is_open(const Type& type) {
  if (type.is_tensor() || type.kind() == Type::Kind::kSparseTensor)
    return type.element_type() == DataType::kUndefined;
  return !type.has_inner() || is_open(type.inner());
}

bool is_small(const Type& type, int64_t most) {
  if (!is_static(type)) return false;
  int64_t count = 1;
  for (const Dim& dim : *type.shape()) {
    if (dim.value() == 0) return true;
    if (dim.value() > most / count) return false;
    count *= dim.value();
  }
  return true;
}

bool is_index_list(const Type& type) {
  return type.is_tensor() && is_integer(type.element_type()) && bits_of(type.element_type()) >= 32 &&
         type.shape() && type.shape()->size() <= 1 && is_small(type, kMaxKnownElements);
}

// The integers of a list; nothing for other tensors. What is negative no Dim can hold: unknown.
std::optional<Shape> elements_of(const Tensor& tensor) {
  const bool is_list = tensor.rank() <= 1 && tensor.count() <= kMaxKnownElements;
  if (!is_list || (tensor.type() != DataType::kInt64 && tensor.type() != DataType::kInt32))
    return std::nullopt;
  Shape elements;
  for (int64_t element : read_integers(tensor, "a list"))
    elements.push_back(element < 0 ? Dim() : Dim(element));
  return elements;
}

std::optional<Tensor> tensor_of(const Type& type, const Shape& elements) {
  if (!all_known(elements) || !is_index_list(type)) return std::nullopt;
  const Dims values = known_dims(elements);
  Dims dims = known_dims(*type.shape());
  if (element_count(dims) != static_cast<int64_t>(values.size())) return std::nullopt;
  if (type.element_type() == DataType::kInt64) return Tensor::from<int64_t>(std::move(dims), values);
  if (type.element_type() != DataType::kInt32) return std::nullopt;
  const std::vector<int32_t> narrow(values.begin(), values.end());
  return Tensor::from<int32_t>(std::move(dims), narrow);
}

// What the rule of one node sees, and where it leaves its findings.
class NodeInference : public InferenceContext {
 public:
  NodeInference(GraphInference& graph, const Node& node)
      : graph_(graph), node_(node), types_(node.outputs().size()), elements_(node.outputs().size()) {}

  const Node& node() const override { return node_; }
  const Type& input_type(size_t index) const override {
    static const Type nothing;
    const Value* value = node_.input(index);
    return value ? graph_.type(value) : nothing;
  }
  const Tensor* input_constant(size_t index) const override {
    const Value* value = node_.input(index);
    return value ? graph_.constant(value) : nullptr;
  }
  std::optional<Shape> input_elements(size_t index) const override {
    const Value* value = node_.input(index);
    return value ? graph_.elements(value) : std::nullopt;
  }
  void set_output_type(size_t index, Type type) override {
    if (index < types_.size()) types_[index] = std::move(type);
  }
  void set_output_elements(size_t index, Shape elements) override {
    if (index < elements_.size()) elements_[index] = std::move(elements);
  }
  std::vector<Type> infer_subgraph(const Graph& body, const std::vector<Type>& input_types) override {
    return graph_.infer_body(body, input_types);
  }
  int nesting() const override { return graph_.nesting_of(node_.graph()); }

  void hand_over() {
    for (size_t i = 0; i < types_.size(); ++i) {
      const Value* value = node_.output(i);
      if (!value) continue;
      with_context([&] { return fmt::format("output '{}'", value->name()); },
                   [&] { graph_.set_type(*value, types_[i]); });
      if (elements_[i]) graph_.set_elements(*value, std::move(*elements_[i]));
    }
  }

 private:
  GraphInference& graph_;
  const Node& node_;
  std::vector<Type> types_;
  std::vector<std::optional<Shape>> elements_;
};

}  // namespace

std::optional<Shape> GraphInference::elements(const Value* value) const {
  if (const Tensor* tensor = constant(value))
    if (auto listed = elements_of(*tensor)) return listed;
  if (const auto found = elements_.find(value); found != elements_.end()) return found->second;
  const Type& of = type(value);
  if (!is_index_list(of)) return std::nullopt;
  return Shape(of.shape()->empty() ? 1 : static_cast<size_t>(of.shape()->front().value()));
}

void GraphInference::set_type(const Value& value, const Type& inferred) {
  if (inferred.is_tensor() && inferred.shape()) check_tensor_rank(inferred.shape()->size());
  Type& merged = known_.types_[&value] = merge_types(value.type(), inferred);
  if (is_static(merged) && !is_static(inferred)) known_.claimed_.insert(&value);
  // Of a body's input another round may know more.
  if (is_open(inferred))
    known_.open_.insert(&value);
  else
    known_.open_.erase(&value);
}

void GraphInference::set_constant(const Value& value, Tensor tensor) {
  known_.constants_[&value] = std::move(tensor);
}

void GraphInference::set_elements(const Value& value, Shape elements) {
  // Lists alone: the elements of [4,1] meet others than those of [4].
  if (const auto& shape = type(&value).shape(); shape && shape->size() > 1) return;
  if (elements.size() > static_cast<size_t>(kMaxKnownElements)) return;
  if (auto tensor = tensor_of(type(&value), elements)) set_constant(value, std::move(*tensor));
  elements_[&value] = std::move(elements);
}

void GraphInference::infer(const Graph& graph) {
  for (const Node* node = graph.first_node(); node; node = node->next()) infer_node(*node);
}

int GraphInference::nesting_of(const Graph& graph) const {
  int levels = outer_nesting_;
  for (const Graph* outer = graph.parent(); outer; outer = outer->parent()) ++levels;
  return levels;
}

std::vector<Type> GraphInference::infer_body(const Graph& body, const std::vector<Type>& input_types) {
  if (nesting_of(body) > kMaxGraphNesting)
    fail(ErrorCode::kInvalidModel, "graph '{}' is nested deeper than {} graphs", body.name(),
         kMaxGraphNesting);
  return with_context([&] { return fmt::format("graph '{}'", body.name()); },
                      [&] {
                        if (input_types.size() != body.inputs().size())
                          fail(ErrorCode::kInvalidModel, "it has {} inputs, but its node hands it {}",
                               body.inputs().size(), input_types.size());
                        for (size_t i = 0; i < input_types.size(); ++i)
                          with_context([&] { return fmt::format("input '{}'", body.inputs()[i]->name()); },
                                       [&] { set_type(*body.inputs()[i], input_types[i]); });
                        infer(body);
                        std::vector<Type> outputs;
                        for (const Value* output : body.outputs()) outputs.push_back(type(output));
                        return outputs;
                      });
}

void GraphInference::infer_node(const Node& node) {
  forget(node);
  if (const Function* function = find_function(functions_, node)) return infer_call(*function, node);
  if (const Operator* definition = registry_.find(node.domain(), node.op_type()))
    infer_operator(*definition, node);
}

// A body may be inferred several times: what an earlier round found need not hold any more.
void GraphInference::forget(const Node& node) {
  for (const Value* output : node.outputs()) {
    if (!output) continue;
    known_.types_.erase(output);
    known_.constants_.erase(output);
    known_.claimed_.erase(output);
    known_.open_.erase(output);
    elements_.erase(output);
  }
}

void GraphInference::infer_operator(const Operator& definition, const Node& node) {
  check_schema(definition, node, [this](const Value& value) -> const Type& { return type(&value); });
  // Of a function's body: what its caller's attributes decide is not known.
  const auto& attributes = node.attributes();
  if (!definition.infer || std::any_of(attributes.begin(), attributes.end(),
                                       [](const Attribute& one) { return one.is_reference(); }))
    return;
  with_context([&] { return node.describe(); },
               [&] {
                 NodeInference inference(*this, node);
                 definition.infer(inference);
                 inference.hand_over();
               });
  fold(definition, node);
}

bool GraphInference::is_foldable(const Operator& definition, const Node& node) const {
  if (!definition.deterministic || !definition.compute) return false;
  for (const Value* input : node.inputs()) {
    if (!input) continue;
    const Tensor* tensor = constant(input);
    // Of strings nothing says how long they are, and no shape is made of them.
    if (!tensor || tensor->type() == DataType::kString || tensor->count() > kMaxFoldedInput) return false;
  }
  // A Constant hands over what is in memory already, but for a sparse one.
  const bool is_at_hand = node.is("Constant") && !node.find_attribute("sparse_value");
  for (const Value* output : node.outputs())
    if (output && !is_at_hand && !is_small(type(output), kMaxKnownElements)) return false;
  bool has_body = false;
  for_each_subgraph(node, [&](const Graph&) { has_body = true; });
  return !has_body;
}

// Nothing where the kernel fails: the node may lie in a branch that is never taken; if it runs, the run
// reports it.
std::vector<RuntimeValue> GraphInference::compute_small(const Operator& definition, const Node& node) const {
  if (auto empty = empty_outputs(node, known_)) return std::move(*empty);
  std::vector<RuntimeValue> inputs;
  for (const Value* input : node.inputs())
    inputs.push_back(input ? RuntimeValue(*constant(input)) : RuntimeValue());
  NodeKernelContext context(node, inputs);
  const WorkScope work(kMaxFoldedWork);
  try {
    with_memory_errors([&] { definition.compute(context); });
  } catch (const Error&) {
    return {};
  }
  return context.take_outputs();
}

void GraphInference::fold(const Operator& definition, const Node& node) {
  if (!is_foldable(definition, node)) return;
  const auto outputs = compute_small(definition, node);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (node.output(i) && outputs[i].is_tensor()) set_constant(*node.output(i), outputs[i].tensor());
}

void GraphInference::infer_call(const Function& function, const Node& node) {
  if (call_depth_ >= kMaxFunctionNesting)
    fail(ErrorCode::kInvalidModel, "{}: functions call each other more than {} deep", node.describe(),
         kMaxFunctionNesting);
  with_context([&] { return node.describe(); },
               [&] {
                 const std::unique_ptr<Graph> body = instantiate(function, node);
                 GraphInference inner(registry_, functions_, call_depth_ + 1);
                 inner.outer_nesting_ = nesting_of(node.graph());
                 for (size_t i = 0; i < body->inputs().size(); ++i) {
                   const Value* given = node.input(i);
                   if (!given) continue;
                   const Value& parameter = *body->inputs()[i];
                   inner.set_type(parameter, type(given));
                   if (const Tensor* tensor = constant(given)) inner.set_constant(parameter, *tensor);
                   if (auto listed = elements(given)) inner.elements_[&parameter] = std::move(*listed);
                 }
                 inner.infer(*body);
                 for (size_t i = 0; i < std::min(node.outputs().size(), body->outputs().size()); ++i) {
                   const Value* result = body->outputs()[i];
                   if (!node.output(i)) continue;
                   set_type(*node.output(i), inner.type(result));
                   if (const Tensor* tensor = inner.constant(result)) set_constant(*node.output(i), *tensor);
                   if (auto listed = inner.elements(result)) elements_[node.output(i)] = std::move(*listed);
                 }
               });
}

}  // namespace slipway::ops
