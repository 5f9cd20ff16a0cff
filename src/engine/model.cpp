#include "engine/model.hpp"

#include "base/error.hpp"
#include "custom/load_operators.hpp"
#include "engine/plan_cache.hpp"
#include "graph/inline_functions.hpp"
#include "ops/unknown_operators.hpp"
#include "passes/passes.hpp"
#include "reference/interpreter.hpp"

namespace slipway::engine {
namespace {

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

}  // namespace

std::shared_ptr<const Model> Model::make(std::unique_ptr<slipway::Model> model, Environment& environment,
                                         const ModelOptions& options) {
  const MemoryScope scope(environment.memory());
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

std::shared_ptr<const Plan> Model::plan_for(std::span<const RuntimeValue> inputs) const {
  return plans_->plan_for(*this, inputs);
}

void Model::forget_plans() const {
  plans_->forget();
}

}  // namespace slipway::engine
