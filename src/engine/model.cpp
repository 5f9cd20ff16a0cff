#include "engine/model.hpp"

#include <algorithm>
#include <list>

#include "base/error.hpp"
#include "custom/load_operators.hpp"
#include "engine/plan.hpp"
#include "graph/inline_functions.hpp"
#include "ops/unknown_operators.hpp"
#include "passes/passes.hpp"
#include "reference/interpreter.hpp"

namespace slipway::engine {
namespace {

// Inputs of at most so many elements and rank 0 or 1 may decide shapes (a Resize's scales, a Reshape's
// shape).
constexpr int64_t kMostShapeElements = 64;

bool may_decide_shapes(const RuntimeValue& value) {
  return value.is_tensor() && value.tensor().rank() <= 1 && value.tensor().count() <= kMostShapeElements &&
         value.tensor().type() != DataType::kString;
}

// Every node must have an operator, in the version that the model is written for, and each the inputs and
// attributes that its operator demands: bodies of control flow are run without a further look.
void check_nodes(const Graph& graph, const OpsetImports& imports, const ops::Registry& operators) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    if (const auto* definition = operators.find(node->domain(), node->op_type())) {
      ops::check_schema(*definition, *node);
      const std::string obstacle = custom::version_obstacle(*definition, imports);
      if (!obstacle.empty()) fail(ErrorCode::kUnsupported, "{}: {}", node->describe(), obstacle);
    }
    for_each_subgraph(*node, [&](const Graph& body) { check_nodes(body, imports, operators); });
  }
}

void require_known_operators(const slipway::Model& model, const ops::Registry& operators) {
  std::string unknown;
  for (const ops::UnknownOperator& one : ops::unknown_operators(model, operators))
    unknown += fmt::format("\n  {}:{}: {}", one.domain, one.op_type, ops::name_nodes(one.nodes));
  if (!unknown.empty())
    fail(ErrorCode::kUnsupported,
         "the native engine has no operator for:{}\nrun it with another backend, for example --backend "
         "onnxruntime, or bring the operator by --custom-ops",
         unknown);
  check_nodes(*model.graph, model.opset_imports, operators);
}

bool all_shapes_known(const Graph& graph, const ops::InferredTypes& types) {
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value)) {
    const Type& type = types.type(value);
    if (!type.is_tensor() || !type.shape() || !all_known(*type.shape())) return false;
  }
  return true;
}

}  // namespace

struct Model::PlanCache {
  std::mutex mutex;
  WeightStore weights;
  // Most recently used first.
  std::list<std::pair<std::string, std::shared_ptr<const Plan>>> plans;
  // Do values of small inputs decide shapes? Known after the first plan.
  std::optional<bool> values_matter;
};

std::shared_ptr<const Model> Model::make(std::unique_ptr<slipway::Model> model, Environment& environment,
                                         const ModelOptions& options) {
  inline_functions(*model);
  require_known_operators(*model, environment.operators());
  if (options.optimize) passes::optimize(*model, environment.operators());
  std::shared_ptr<Model> made(new Model);
  made->definition_ = std::move(model);
  made->environment_ = &environment;
  made->options_ = options;
  made->plans_ = std::make_unique<PlanCache>();
  return made;
}

Model::~Model() = default;

namespace {

std::string key_of(std::span<const RuntimeValue> inputs, bool with_values) {
  std::string key;
  for (const RuntimeValue& input : inputs) {
    if (input.is_tensor()) {
      const Tensor& tensor = input.tensor();
      key += tensor.describe();
      if (with_values && may_decide_shapes(input))
        key.append(static_cast<const char*>(tensor.raw()), tensor.bytes());
    } else {
      key += input.has_value() ? "sequence" : "none";
    }
    key += ';';
  }
  return key;
}

ops::InferenceOptions inference_options(const Graph& graph, std::span<const RuntimeValue> inputs,
                                        bool with_values) {
  ops::InferenceOptions options;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].is_tensor()) continue;
    const Tensor& tensor = inputs[i].tensor();
    Shape shape(tensor.dims().begin(), tensor.dims().end());
    options.input_types[graph.inputs()[i]->name()] = Type::tensor(tensor.type(), std::move(shape));
    if (with_values && may_decide_shapes(inputs[i])) options.input_values[graph.inputs()[i]->name()] = tensor;
  }
  return options;
}

}  // namespace

std::shared_ptr<const Plan> Model::plan_for(std::span<const RuntimeValue> inputs) const {
  PlanCache& cache = *plans_;
  std::lock_guard lock(cache.mutex);
  if (!cache.values_matter) {
    const bool any_small = std::any_of(inputs.begin(), inputs.end(), may_decide_shapes);
    cache.values_matter =
        any_small &&
        !all_shapes_known(graph(), ops::infer_types_for(graph(), environment_->operators(),
                                                        inference_options(graph(), inputs, false)));
  }
  std::string key = key_of(inputs, *cache.values_matter);
  for (auto entry = cache.plans.begin(); entry != cache.plans.end(); ++entry) {
    if (entry->first != key) continue;
    cache.plans.splice(cache.plans.begin(), cache.plans, entry);
    return entry->second;
  }
  auto plan = Plan::make(*this, cache.weights, inference_options(graph(), inputs, *cache.values_matter));
  cache.plans.emplace_front(std::move(key), plan);
  if (cache.plans.size() > options_.plan_cache_size) cache.plans.pop_back();
  return plan;
}

}  // namespace slipway::engine
