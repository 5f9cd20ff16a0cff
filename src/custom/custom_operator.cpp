#include "custom/custom_operator.hpp"

#include <algorithm>
#include <type_traits>

#include "custom/foreign_call.hpp"
#include "custom/run_call.hpp"
#include "custom/schema_text.hpp"
#include "custom/state_store.hpp"
#include "custom/types_call.hpp"
#include "ops/registry.hpp"

namespace slipway::custom {
namespace {

constexpr auto kFaulty = ErrorCode::kInvalidArgument;
constexpr uint32_t kKnownFlags = SLIPWAY_OP_NONDETERMINISTIC;

void check_description(const slipway_op& op) {
  if (op.version < 1) fail(kFaulty, "its version is {}, but versions begin with 1", op.version);
  if ((op.flags & ~kKnownFlags) != 0)
    fail(ErrorCode::kUnsupported, "its flags {:#x} are not known", op.flags);
  if (!op.run) fail(kFaulty, "it has no function run");
  if (!op.create != !op.destroy)
    fail(kFaulty, "it has a function {}, but no {}: a state is made and freed, or there is none",
         op.create ? "create" : "destroy", op.create ? "destroy" : "create");
}

ops::Operator describe(const Library& library, const slipway_op& op) {
  check_description(op);
  Schema schema = parse_schema(op);
  if (schema.outputs.empty()) fail(kFaulty, "it has no outputs");
  ops::Operator result;
  result.name = op.name;
  result.domain = op.domain;
  result.since_version = op.version;
  result.inputs = std::move(schema.inputs);
  result.outputs = std::move(schema.outputs);
  result.attributes = std::move(schema.attributes);
  result.type_constraints = std::move(schema.type_constraints);
  result.deterministic = (op.flags & SLIPWAY_OP_NONDETERMINISTIC) == 0;
  result.library = library.name();
  return result;
}

class CustomOperator {
 public:
  CustomOperator(std::shared_ptr<const Library> library, const slipway_op& op)
      : library_(std::move(library)), op_(op), schema_(describe(*library_, op)) {}

  const ops::Operator& schema() const { return schema_; }

  void infer(ops::InferenceContext& context) {
    const Node& node = context.node();
    // In a function's body that nobody has called yet, attributes have no values.
    const auto& attributes = node.attributes();
    if (std::any_of(attributes.begin(), attributes.end(), [](const auto& one) { return one.is_reference(); }))
      return;
    std::vector<InputFact> facts(context.input_count());
    for (size_t i = 0; i < facts.size(); ++i)
      facts[i] = {context.has_input(i), context.input_type(i), context.input_constant(i)};
    in_library([&] {
      std::vector<Type> types = inferred(node, std::move(facts), state_of(node).get());
      for (size_t i = 0; i < context.output_count(); ++i) context.set_output_type(i, std::move(types[i]));
    });
  }

  void compute(ops::KernelContext& context) {
    const Node& node = context.node();
    std::vector<InputFact> facts = facts_of(context);
    check_types(node, facts);
    in_library([&] {
      const StateStore::State state = state_of(node);
      RunCall call(schema_, context, inferred(node, std::move(facts), state.get()));
      call.check(foreign_call("run", [&] { return op_.run(&call_table(), &call, state.get()); }));
      call.hand_over();
    });
  }

  double flops(const ops::ShapeContext& shapes) {
    const Node& node = shapes.node;
    std::vector<InputFact> inputs;
    for (size_t i = 0; i < shapes.inputs.size(); ++i)
      inputs.push_back(
          {node.input(i) != nullptr, known_type(node.input(i), shapes.inputs[i]), shapes.constants[i]});
    std::vector<Type> outputs;
    for (size_t i = 0; i < shapes.outputs.size(); ++i)
      outputs.push_back(known_type(node.output(i), shapes.outputs[i]));
    return in_library([&] {
      const StateStore::State state = state_of(node);
      FlopsCall call(schema_, node, std::move(inputs), std::move(outputs));
      const double count =
          foreign_call("flops", [&] { return op_.flops(&call_table(), &call, state.get()); });
      call.check(SLIPWAY_OK);
      if (!(count >= 0)) fail(ErrorCode::kInternal, "its function flops counts {} operations", count);
      return count;
    });
  }

 private:
  // The library goes into the reason: the places of an error are the model's.
  template <typename Body>
  std::invoke_result_t<Body> in_library(Body&& body) const {
    try {
      return body();
    } catch (const Error& error) {
      fail(error.code(), "custom operator of '{}': {}", library_->name(), error.what());
    }
  }

  static Type known_type(const Value* value, const Dims& dims) {
    if (!value) return {};
    const DataType element = value->type().is_tensor() ? value->type().element_type() : DataType::kUndefined;
    return Type::tensor(element, Shape(dims.begin(), dims.end()));
  }

  static std::vector<InputFact> facts_of(ops::KernelContext& context) {
    std::vector<InputFact> facts(context.input_count());
    for (size_t i = 0; i < facts.size(); ++i) {
      if (!context.has_input(i)) continue;
      if (!context.value(i).is_tensor())
        fail(ErrorCode::kInvalidArgument, "input {} is no tensor, and the operator takes nothing else", i);
      const Tensor& tensor = context.input(i);
      facts[i] = {true, Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end())),
                  &tensor};
    }
    return facts;
  }

  // A model may leave the types open; a run does not.
  void check_types(const Node& node, const std::vector<InputFact>& facts) const {
    static const Type kNothing;
    ops::check_schema(schema_, node, [&](const Value& value) -> const Type& {
      const auto inputs = node.inputs();
      const auto found = std::find(inputs.begin(), inputs.end(), &value);
      return found == inputs.end() ? kNothing : facts[static_cast<size_t>(found - inputs.begin())].type;
    });
  }

  std::vector<Type> inferred(const Node& node, std::vector<InputFact> facts, const void* state) const {
    InferCall call(schema_, node, std::move(facts));
    if (op_.infer) call.check(foreign_call("infer", [&] { return op_.infer(&call_table(), &call, state); }));
    return call.outputs();
  }

  StateStore::State state_of(const Node& node) {
    if (!op_.create) return nullptr;
    return states_.get(node.attributes(), [&] { return create(node); });
  }

  StateStore::State create(const Node& node) const {
    slipway_op_call call(schema_, node, "create");
    void* raw = nullptr;
    slipway_status status = SLIPWAY_INTERNAL;
    try {
      status = foreign_call("create", [&] { return op_.create(&call_table(), &call, &raw); });
    } catch (const Error& error) {
      // What it made before is freed below.
      call.keep(error);
    }
    StateStore::State state(raw, [destroy = op_.destroy](void* made) {
      if (!made) return;
      try {
        destroy(made);
      } catch (...) {
        // Nobody is there any more who could be told.
      }
    });
    call.check(status);
    if (!raw) fail(ErrorCode::kInternal, "its function create returned SLIPWAY_OK, but left the state NULL");
    return state;
  }

  // In this order: states are freed by the library's code.
  std::shared_ptr<const Library> library_;
  slipway_op op_;
  ops::Operator schema_;
  StateStore states_;
};

}  // namespace

ops::Operator make_operator(std::shared_ptr<const Library> library, const slipway_op& op) {
  const auto custom = std::make_shared<CustomOperator>(std::move(library), op);
  ops::Operator result = custom->schema();
  result.infer = [custom](ops::InferenceContext& context) { custom->infer(context); };
  result.compute = [custom](ops::KernelContext& context) { custom->compute(context); };
  if (op.flops) result.flops = [custom](const ops::ShapeContext& shapes) { return custom->flops(shapes); };
  return result;
}

}  // namespace slipway::custom
