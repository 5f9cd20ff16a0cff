// The part of PlanBuilder that decides how a node computes.
#include <algorithm>

#include "base/error.hpp"
#include "engine/depth_first.hpp"
#include "engine/kernels/table.hpp"
#include "engine/lower/choose_kernel.hpp"
#include "engine/plan_builder.hpp"
#include "engine/program/actions.hpp"

namespace slipway::engine {
namespace {

// What the graphs inside a node read from outside of it.
std::vector<const Value*> captured_by(const Node& node) {
  std::vector<const Graph*> open;
  for_each_subgraph(node, [&](const Graph& body) { open.push_back(&body); });
  std::unordered_set<const Graph*> inside;
  std::vector<const Value*> read;
  while (!open.empty()) {
    const Graph* graph = open.back();
    open.pop_back();
    inside.insert(graph);
    for (const Node* one = graph->first_node(); one; one = one->next()) {
      for (const Value* input : one->inputs())
        if (input) read.push_back(input);
      for_each_subgraph(*one, [&](const Graph& body) { open.push_back(&body); });
    }
    read.insert(read.end(), graph->outputs().begin(), graph->outputs().end());
  }
  std::erase_if(read, [&](const Value* value) { return inside.count(&value->graph()) != 0; });
  return read;
}

}  // namespace

void PlanBuilder::add_operation(const Operation& operation) {
  require_memory(operation);
  const bool known = std::all_of(operation.outputs.begin(), operation.outputs.end(),
                                 [&](const Value* output) { return !output || constant_of(output); });
  if (known || add_view(operation) || add_fast_step(operation)) return;
  if (operation.fused.empty()) return add_plain_step(operation);
  // No kernel for these shapes or types: one after the other.
  add_operation(operation_of(*operation.node));
  for (const Node* node : operation.fused) add_operation(operation_of(*node));
}

bool PlanBuilder::add_stages(std::span<const Operation> operations,
                             std::vector<std::unique_ptr<RegionKernel>> stages) {
  const Value* image = operations.front().inputs[0];
  auto kernel = make_depth_first(std::move(stages), (*dims_of(*image))[0]);
  if (!kernel) return false;
  add(*operations.front().node, run_kernel(std::move(kernel)), {slot_of(image)},
      outputs_of(operations.back()));
  return true;
}

bool PlanBuilder::add_view(const Operation& operation) {
  const Node& node = *operation.node;
  if (!canonical_domain(node.domain()).empty() || !is_view(node.op_type())) return false;
  if (node.outputs().size() != 1 || (node.is("Dropout") && node.input(2))) return false;
  // Sizes that only a run knows are checked late.
  if (node.is("Reshape") && !constant_of(operation.inputs[1])) return false;
  if (types_.is_claimed(operation.outputs[0]) || types_.is_open(operation.outputs[0])) return false;
  const auto dims = dims_of(*operation.outputs[0]);
  const auto from = static_dims(types_.type(operation.inputs[0]));
  const DataType type = types_.type(operation.outputs[0]).element_type();
  if (!dims || !from || element_count(*dims) != element_count(*from) || type == DataType::kString)
    return false;
  Slot slot;
  slot.place = Slot::Place::kView;
  slot.index = slot_of(operation.inputs[0]);
  slot.type = type;
  slot.dims = *dims;
  const size_t viewed = slot.index;
  const size_t view = slots_of_[operation.outputs[0]] = add_slot(std::move(slot));
  add(node, view_value(), {viewed}, {view});
  return true;
}

bool PlanBuilder::add_fast_step(const Operation& operation) {
  const auto request = request_for(operation);
  auto kernel = request ? choose_kernel(*request) : nullptr;
  if (!kernel) return false;
  std::vector<size_t> inputs = inputs_of(operation);
  add(*operation.node, run_kernel(std::move(kernel)), std::move(inputs), outputs_of(operation));
  return true;
}

// By the reference kernel; late, where shapes are not known and there may be a better one for those that
// come.
void PlanBuilder::add_plain_step(const Operation& operation) {
  const Node& node = *operation.node;
  const ops::Operator& definition = model_.environment().operators().get(node);
  if (!definition.compute)
    fail(ErrorCode::kUnsupported, "operator '{}' has no reference kernel", definition.name);
  std::vector<size_t> inputs = inputs_of(operation);
  const bool is_open = std::any_of(operation.inputs.begin(), operation.inputs.end(),
                                   [&](const Value* input) { return input && types_.is_open(input); });
  const auto add_plain = [&](std::unique_ptr<const Action> action) {
    if (is_open) action = check_types(definition, std::move(action));
    add(node, std::move(action), std::move(inputs), outputs_of(operation));
  };
  const bool may_be_fast = has_kernel(node);
  if (may_be_fast && !request_for(operation)) {
    plan_->has_late_regions_ |= has_region_kernel(node);
    return add_plain(run_late(definition, weights_, model_.environment().pool().size(), add_state()));
  }
  auto captured = captured_by(node);
  for (const Value* value : captured) inputs.push_back(slot_of(value));
  const bool keeps_inputs =
      std::any_of(operation.outputs.begin(), operation.outputs.end(),
                  [&](const Value* output) { return output && !types_.type(output).is_tensor(); });
  add_plain(run_reference(definition, std::move(captured), keeps_inputs));
}

std::vector<size_t> PlanBuilder::inputs_of(const Operation& operation) {
  std::vector<size_t> slots;
  for (const Value* input : operation.inputs) slots.push_back(slot_of(input));
  return slots;
}

std::vector<size_t> PlanBuilder::outputs_of(const Operation& operation) {
  std::vector<size_t> slots;
  for (const Value* output : operation.outputs) slots.push_back(output ? slot_for(*output) : kNoSlot);
  return slots;
}

std::optional<KernelRequest> PlanBuilder::request_for(const Operation& operation) {
  KernelRequest request{{*operation.node, {}, {}, {}},     operation.fusion, {}, {}, weights_,
                        model_.environment().pool().size()};
  for (const Value* input : operation.inputs) {
    const auto dims = input ? dims_of(*input) : Dims{};
    const DataType type = input ? types_.type(input).element_type() : DataType::kUndefined;
    // To a kernel, an input without a type is one that is not there.
    if (!dims || (input && type == DataType::kUndefined)) return std::nullopt;
    request.shapes.inputs.push_back(*dims);
    request.shapes.constants.push_back(constant_of(input));
    request.input_types.push_back(type);
  }
  for (const Value* output : operation.outputs) {
    const auto dims = output ? dims_of(*output) : Dims{};
    // A kernel takes its shapes and types for granted; what is only claimed of them is checked late.
    if (!dims || (output && (types_.is_claimed(output) || types_.is_open(output)))) return std::nullopt;
    request.shapes.outputs.push_back(*dims);
    request.output_types.push_back(output ? types_.type(output).element_type() : DataType::kUndefined);
  }
  return request;
}

}  // namespace slipway::engine
