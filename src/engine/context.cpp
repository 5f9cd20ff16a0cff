#include "engine/context.hpp"

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "engine/plan.hpp"
#include "reference/interpreter.hpp"

namespace slipway::engine {
namespace {

using Place = Slot::Place;

// One run of a plan: what each slot holds.
class Run {
 public:
  Run(const Model& model, const Plan& plan, std::span<const RuntimeValue> inputs,
      const std::shared_ptr<Buffer>& arena, OutputPool& pool, const Cancellation& cancellation)
      : model_(model),
        plan_(plan),
        arena_(arena),
        pool_(pool),
        cancellation_(cancellation),
        values_(plan.slots().size()) {
    size_t output_bytes = 0;
    for (const Slot& slot : plan.slots())
      if (is_pooled(slot)) output_bytes += bytes_for(slot.type, element_count(slot.dims));
    pool_.begin_run(output_bytes);
    for (size_t i = 0; i < values_.size(); ++i) fill_slot(i, inputs);
  }

  std::vector<RuntimeValue> run() {
    for (const Step& step : plan_.steps()) {
      cancellation_.check();
      with_context([&] { return step.node->describe(); },
                   [&] { with_memory_errors([&] { run_step(step); }); });
    }
    std::vector<RuntimeValue> outputs;
    for (size_t slot : plan_.outputs()) outputs.push_back(output_of(slot));
    return outputs;
  }

 private:
  void fill_slot(size_t index, std::span<const RuntimeValue> inputs) {
    const Slot& slot = plan_.slots()[index];
    switch (slot.place) {
      case Place::kConstant:
        values_[index] = slot.constant;
        break;
      case Place::kInput:
        values_[index] = inputs[slot.index];
        break;
      case Place::kArena:
        values_[index] = Tensor(slot.type, slot.dims, arena_, slot.offset);
        break;
      case Place::kOutput:
        values_[index] = new_output(slot);
        break;
      case Place::kDynamic:
        break;
      case Place::kView:
        break;  // when what it views has been made
    }
  }

  // Strings are objects, not bytes.
  static bool is_pooled(const Slot& slot) {
    return slot.place == Place::kOutput && slot.type != DataType::kString;
  }

  Tensor new_output(const Slot& slot) {
    if (!is_pooled(slot)) return Tensor(slot.type, slot.dims);
    return Tensor(slot.type, slot.dims, pool_.take(bytes_for(slot.type, element_count(slot.dims))));
  }

  const RuntimeValue& value_of(size_t slot) {
    static const RuntimeValue kAbsent;
    if (slot == kNoSlot) return kAbsent;
    RuntimeValue& value = values_[slot];
    const Slot& definition = plan_.slots()[slot];
    if (definition.place == Place::kView && !value.has_value())
      value = value_of(definition.index).tensor().reshaped(definition.dims);
    return value;
  }

  void run_step(const Step& step) {
    if (!step.kernel) {
      run_reference(step);
    } else {
      std::vector<const Tensor*> inputs;
      std::vector<Tensor*> outputs;
      for (size_t slot : step.inputs) inputs.push_back(slot == kNoSlot ? nullptr : &value_of(slot).tensor());
      for (size_t slot : step.outputs) outputs.push_back(slot == kNoSlot ? nullptr : &values_[slot].tensor());
      auto* scratch = static_cast<std::byte*>(arena_->data()) + plan_.scratch_offset();
      step.kernel->run({inputs, outputs, scratch, model_.environment().pool(), cancellation_});
    }
    for (size_t slot : step.released) values_[slot] = {};
  }

  void run_reference(const Step& step) {
    std::vector<RuntimeValue> inputs;
    for (size_t slot : step.inputs) inputs.push_back(value_of(slot));
    auto outputs = reference::run_node(*step.node, inputs, model_.environment().operators());
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      const size_t slot = step.outputs[i];
      if (slot == kNoSlot) continue;
      const Slot& expected = plan_.slots()[slot];
      // Kernels behind this step rely on the shapes of the plan.
      if (expected.type != DataType::kUndefined &&
          (outputs[i].tensor().dims() != expected.dims || outputs[i].tensor().type() != expected.type))
        fail(ErrorCode::kInvalidModel, "output {} is {}, but {}{} follows from what the model states", i,
             outputs[i].tensor().describe(), name_of(expected.type), to_string(expected.dims));
      values_[slot] = std::move(outputs[i]);
    }
  }

  // Outputs belong to the caller: what lies in the arena, or is somebody else's, is copied.
  RuntimeValue output_of(size_t slot) {
    const RuntimeValue& value = value_of(slot);
    const Place place = plan_.slots()[slot].place;
    if (!value.is_tensor() || place == Place::kOutput) return value;
    return value.tensor().clone();
  }

  const Model& model_;
  const Plan& plan_;
  const std::shared_ptr<Buffer>& arena_;
  OutputPool& pool_;
  const Cancellation& cancellation_;
  std::vector<RuntimeValue> values_;
};

std::vector<RuntimeValue> interpret(const Model& model, const std::vector<RuntimeValue>& inputs,
                                    const Cancellation& cancellation) {
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[model.graph().inputs()[i]->name()] = inputs[i];
  reference::InterpreterOptions options;
  options.cancellation = cancellation;
  return reference::run(model.definition(), named, model.environment().operators(), options);
}

// Where the memory of a run goes, for when there is not enough.
std::string describe_largest(const Plan& plan) {
  const Step* largest = nullptr;
  const Slot* value = nullptr;
  for (const Step& step : plan.steps()) {
    for (size_t index : step.outputs) {
      const Slot* slot = index == kNoSlot ? nullptr : &plan.slots()[index];
      if (!slot || slot->type == DataType::kUndefined) continue;
      if (value && element_count(slot->dims) <= element_count(value->dims)) continue;
      largest = &step;
      value = slot;
    }
  }
  if (!value) return "the memory of a run";
  return fmt::format("the memory of a run, whose largest value is the {}{} of {}", name_of(value->type),
                     to_string(value->dims), largest->node->describe());
}

}  // namespace

Context::Context(std::shared_ptr<const Model> model) : model_(std::move(model)) {}
Context::~Context() = default;

std::vector<RuntimeValue> Context::run(std::span<const RuntimeValue> inputs,
                                       const Cancellation& cancellation) {
  const Graph& graph = model_->graph();
  if (inputs.size() != graph.inputs().size())
    fail(ErrorCode::kInvalidArgument, "{} inputs were given, but the model has {}", inputs.size(),
         graph.inputs().size());
  std::vector<RuntimeValue> values(inputs.begin(), inputs.end());
  std::map<std::string, int64_t> symbols;
  for (size_t i = 0; i < values.size(); ++i) {
    const Value& input = *graph.inputs()[i];
    if (!values[i].has_value() && input.initializer()) values[i] = *input.initializer();
    reference::check_input(input, values[i], symbols);
    if (values[i].is_tensor() && !values[i].tensor().is_contiguous()) values[i] = values[i].tensor().clone();
  }
  if (model_->needs_interpreter()) return interpret(*model_, values, cancellation);
  const auto plan = model_->plan_for(values);
  auto run = with_context([&] { return describe_largest(*plan); },
                          [&] {
                            if (!arena_ || arena_->size() < plan->arena_bytes()) {
                              arena_.reset();
                              arena_ = Buffer::allocate(plan->arena_bytes());
                            }
                            return Run(*model_, *plan, values, arena_, outputs_, cancellation);
                          });
  return run.run();
}

}  // namespace slipway::engine
