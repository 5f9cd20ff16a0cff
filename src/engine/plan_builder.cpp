#include "engine/plan_builder.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/byte_size.hpp"
#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "engine/lower/chain.hpp"
#include "engine/memory_planner.hpp"
#include "engine/program/actions.hpp"

namespace slipway::engine {

PlanBuilder::PlanBuilder(const Model& model, WeightStore& weights, const ops::InferenceOptions& options)
    : model_(model),
      weights_(weights),
      types_(ops::infer_types_for(model.graph(), model.environment().operators(), options)) {}

std::shared_ptr<const Plan> PlanBuilder::build() {
  const Graph& graph = model_.graph();
  model_outputs_.insert(graph.outputs().begin(), graph.outputs().end());
  for (size_t i = 0; i < graph.inputs().size(); ++i) add_input(*graph.inputs()[i], i);
  add_graph(graph);
  for (const Value* output : graph.outputs()) plan_->outputs_.push_back(slot_of(output));
  find_lifetimes(plan_->steps_, plan_->slots_, plan_->outputs_, blocks_, exchanges_);
  find_releases(plan_->steps_, plan_->slots_, plan_->outputs_, blocks_);
  place();
  return std::move(plan_);
}

void PlanBuilder::add_graph(const Graph& graph) {
  const auto operations = lower(graph, types_, model_.options().optimize);
  for (std::span<const Operation> rest(operations); !rest.empty();) {
    const size_t done = with_context([&] { return rest.front().node->describe(); },
                                     [&] { return with_memory_errors([&] { return add_step(rest); }); });
    rest = rest.subspan(done);
  }
}

void PlanBuilder::add_body(const Graph& body) {
  with_context([&] { return fmt::format("graph '{}'", body.name()); }, [&] { add_graph(body); });
}

// A step for the first of the operations, or for a chain of them; returns how many it does.
size_t PlanBuilder::add_step(std::span<const Operation> operations) {
  const Operation& first = operations.front();
  if (add_control_flow(*first.node)) return 1;
  if (model_.options().optimize) {
    auto stages = find_chain(operations, [&](const Operation& operation) { return request_for(operation); });
    if (const size_t length = stages.size(); length > 0) {
      require_memory(operations[length - 1]);
      if (add_stages(operations.first(length), std::move(stages))) return length;
    }
  }
  add_operation(first);
  return 1;
}

// Preparing a kernel takes time in proportion to its sizes, so it is not begun for what no memory holds.
void PlanBuilder::require_memory(const Operation& operation) const {
  static const size_t machine =
      static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const MemoryAccount* account = model_.environment().memory().get();
  const size_t most = account ? std::min(account->limit(), machine) : machine;
  for (const Value* output : operation.outputs) {
    const auto dims = output ? dims_of(*output) : std::nullopt;
    if (!dims) continue;
    const DataType type = types_.type(output).element_type();
    if (const size_t bytes = bytes_for(type, element_count(*dims)); bytes > most)
      fail(ErrorCode::kOutOfMemory, "output '{}' is {}{}, which needs {}, but {} {}", output->name(),
           name_of(type), to_string(*dims), byte_size_text(bytes),
           account ? "the memory limit (--max-memory, max_memory) is" : "the machine has",
           byte_size_text(most));
  }
}

// --- slots

const Tensor* PlanBuilder::constant_of(const Value* value) const {
  if (!value) return nullptr;
  return value->constant() ? value->constant() : types_.constant(value);
}

void PlanBuilder::add_input(const Value& input, size_t index) {
  Slot slot;
  slot.place = Slot::Place::kInput;
  slot.index = index;
  if (const auto dims = dims_of(input)) slot.type = types_.type(&input).element_type(), slot.dims = *dims;
  slots_of_[&input] = add_slot(std::move(slot));
}

size_t PlanBuilder::add_slot(Slot slot) {
  plan_->slots_.push_back(std::move(slot));
  return plan_->slots_.size() - 1;
}

size_t PlanBuilder::slot_for(const Value& value) {
  const auto target = targets_.find(&value);
  if (target != targets_.end() && has_type_of(plan_->slots_[target->second], value))
    return slots_of_[&value] = target->second;
  const size_t index = dynamic_slot_for(value);
  Slot& slot = plan_->slots_[index];
  // Strings are objects, not bytes.
  if (slot.type != DataType::kUndefined && slot.type != DataType::kString)
    slot.place = model_outputs_.count(&value) ? Slot::Place::kOutput : Slot::Place::kArena;
  return index;
}

size_t PlanBuilder::dynamic_slot_for(const Value& value) {
  Slot slot;
  if (const auto dims = dims_of(value)) slot.type = types_.type(&value).element_type(), slot.dims = *dims;
  return slots_of_[&value] = add_slot(std::move(slot));
}

size_t PlanBuilder::slot_of(const Value* value) {
  if (!value) return kNoSlot;
  if (auto found = slots_of_.find(value); found != slots_of_.end()) return found->second;
  const Tensor* constant = constant_of(value);
  if (!constant) fail(ErrorCode::kInternal, "value '{}' is read before it is made", value->name());
  Slot slot;
  slot.place = Slot::Place::kConstant;
  slot.type = constant->type();
  slot.dims = constant->dims();
  slot.constant = *constant;
  return slots_of_[value] = add_slot(std::move(slot));
}

// Kernels rely on what is known of their inputs: it must be what is checked where the slot is written.
bool PlanBuilder::has_type_of(const Slot& slot, const Value& value) const {
  const auto dims = dims_of(value);
  if (!dims) return slot.type == DataType::kUndefined;
  return slot.type == types_.type(&value).element_type() && slot.dims == *dims;
}

void PlanBuilder::bind(const Node& node, const Value& value, size_t slot) {
  if (!dims_of(value) || has_type_of(plan_->slots_[slot], value))
    slots_of_[&value] = slot;
  else
    add_copy(node, slot, slot_for(value));
}

Step& PlanBuilder::add(const Node& node, std::unique_ptr<const Action> action, std::vector<size_t> inputs,
                       std::vector<size_t> outputs) {
  Step step;
  step.node = &node;
  step.action = std::move(action);
  if (step.action) step.kernel = step.action->kernel();
  step.inputs = std::move(inputs);
  step.outputs = std::move(outputs);
  plan_->steps_.push_back(std::move(step));
  return plan_->steps_.back();
}

void PlanBuilder::place() {
  const int workers = model_.environment().pool().size();
  size_t scratch = 0;
  for (const Step& step : plan_->steps_) scratch = std::max(scratch, step.action->scratch_bytes(workers));
  auto& slots = plan_->slots_;
  std::vector<size_t> placed;
  for (size_t i = 0; i < slots.size(); ++i)
    if (slots[i].place == Slot::Place::kArena) placed.push_back(i);
  std::stable_sort(placed.begin(), placed.end(),
                   [&](size_t a, size_t b) { return slots[a].first_use < slots[b].first_use; });
  std::vector<Lifetime> lifetimes;
  for (size_t i : placed)
    lifetimes.push_back(
        {slots[i].first_use, slots[i].last_use, bytes_for(slots[i].type, element_count(slots[i].dims))});
  const Placement placement = place_buffers(lifetimes);
  for (size_t i = 0; i < placed.size(); ++i) slots[placed[i]].offset = placement.offsets[i];
  plan_->scratch_offset_ = placement.bytes;
  if (__builtin_add_overflow(placement.bytes, scratch, &plan_->arena_bytes_))
    fail(ErrorCode::kOutOfMemory, "a run would need more memory than can be addressed");
}

}  // namespace slipway::engine
