#include "reference/graph_run.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "graph/function_call.hpp"
#include "graph/validate.hpp"
#include "ops/node_kernel_context.hpp"
#include "reference/lifetimes.hpp"

namespace slipway::reference {
namespace {

// Bodies within bodies and functions within functions.
constexpr size_t kMaxDepth = size_t{kMaxGraphNesting} + size_t{kMaxFunctionNesting};

class NodeRun : public ops::NodeKernelContext {
 public:
  NodeRun(GraphRun& run, const Node& node, std::span<const RuntimeValue> inputs)
      : NodeKernelContext(node, inputs), run_(run) {}

  std::vector<RuntimeValue> run_subgraph(const Graph& body, std::span<const RuntimeValue> inputs) override {
    return with_context([&] { return fmt::format("graph '{}'", body.name()); },
                        [&] { return run_.run(body, inputs); });
  }

 private:
  GraphRun& run_;
};

}  // namespace

std::vector<RuntimeValue> GraphRun::run(const Graph& graph, std::span<const RuntimeValue> inputs) {
  // A loop whose body has no nodes must end, too.
  options_.cancellation.check();
  if (frames_.size() >= kMaxDepth)
    fail(ErrorCode::kInvalidModel, "graphs and functions are nested deeper than {}", kMaxDepth);
  if (inputs.size() != graph.inputs().size())
    fail(ErrorCode::kInvalidModel, "graph '{}' has {} inputs, but its node hands it {}", graph.name(),
         graph.inputs().size(), inputs.size());
  const Lifetimes& lifetimes = lifetimes_of(graph);
  frames_.push_back(std::make_unique<Frame>(Frame{&graph, {}}));
  struct Leave {
    std::vector<std::unique_ptr<Frame>>& frames;
    ~Leave() { frames.pop_back(); }
  } leave{frames_};
  Frame& frame = *frames_.back();
  for (size_t i = 0; i < inputs.size(); ++i) {
    frame.values.emplace(graph.inputs()[i], inputs[i]);
    observe(*graph.inputs()[i], inputs[i]);
  }
  for (const Node* node = graph.first_node(); node; node = node->next()) step(*node, frame, lifetimes);
  std::vector<RuntimeValue> outputs;
  outputs.reserve(graph.outputs().size());
  for (const Value* output : graph.outputs()) outputs.push_back(read(*output));
  return outputs;
}

void GraphRun::step(const Node& node, Frame& frame, const Lifetimes& lifetimes) {
  options_.cancellation.check();
  std::vector<RuntimeValue> inputs;
  inputs.reserve(node.inputs().size());
  for (const Value* input : node.inputs()) inputs.push_back(input ? read(*input) : RuntimeValue());
  std::vector<RuntimeValue> outputs = run_node(node, inputs);
  inputs.clear();
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Value* value = node.output(i);
    if (!value) continue;
    observe(*value, outputs[i]);
    frame.values[value] = std::move(outputs[i]);
  }
  if (const auto dying = lifetimes.find(&node); dying != lifetimes.end())
    for (const Value* value : dying->second) frame.values.erase(value);
}

std::vector<RuntimeValue> GraphRun::run_node(const Node& node, std::span<const RuntimeValue> inputs) {
  return with_context(
      [&] { return node.describe(); },
      [&] {
        if (const Function* function = find_function(functions_, node)) {
          const Graph& body = body_of(*function, node);
          std::vector<RuntimeValue> arguments(inputs.begin(), inputs.end());
          arguments.resize(std::max(arguments.size(), body.inputs().size()));
          auto outputs = run(body, arguments);
          outputs.resize(node.outputs().size());
          return outputs;
        }
        const ops::Operator& definition = registry_.get(node);
        if (!definition.compute)
          fail(ErrorCode::kUnsupported, "operator '{}' has no reference kernel", definition.name);
        ops::check_run(definition, node, [&](size_t i) -> const RuntimeValue& { return inputs[i]; });
        NodeRun context(*this, node, inputs);
        with_memory_errors([&] { definition.compute(context); });
        return context.take_outputs();
      });
}

RuntimeValue GraphRun::read(const Value& value) const {
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if ((*frame)->graph != &value.graph()) continue;
    const auto found = (*frame)->values.find(&value);
    if (found != (*frame)->values.end()) return found->second;
    break;
  }
  if (captured_)
    if (const auto found = captured_->find(&value); found != captured_->end()) return found->second;
  if (const Tensor* constant = value.initializer()) return *constant;
  fail(ErrorCode::kInvalidModel, "'{}' is read, but has no value here", value.name());
}

const GraphRun::Lifetimes& GraphRun::lifetimes_of(const Graph& graph) {
  const auto found = lifetimes_.find(&graph);
  return found != lifetimes_.end() ? found->second
                                   : lifetimes_.emplace(&graph, find_lifetimes(graph)).first->second;
}

const Graph& GraphRun::body_of(const Function& function, const Node& call) {
  auto& body = bodies_[&call];
  if (!body) body = instantiate(function, call);
  return *body;
}

void GraphRun::observe(const Value& value, const RuntimeValue& made) const {
  if (options_.observe) options_.observe(value, made);
}

}  // namespace slipway::reference
