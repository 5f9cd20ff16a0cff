#include "engine/plan.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "engine/depth_first.hpp"
#include "engine/kernels/table.hpp"
#include "engine/lower/chain.hpp"
#include "engine/memory_planner.hpp"

namespace slipway::engine {

class PlanBuilder {
 public:
  PlanBuilder(const Model& model, WeightStore& weights, const ops::InferenceOptions& options)
      : model_(model),
        weights_(weights),
        types_(ops::infer_types_for(model.graph(), model.environment().operators(), options)) {}

  std::shared_ptr<const Plan> build() {
    const Graph& graph = model_.graph();
    for (size_t i = 0; i < graph.inputs().size(); ++i) add_input(*graph.inputs()[i], i);
    const auto operations = lower(graph, types_, model_.options().optimize);
    for (std::span<const Operation> rest(operations); !rest.empty();) {
      const size_t done = with_context([&] { return rest.front().node->describe(); },
                                       [&] { return with_memory_errors([&] { return add_step(rest); }); });
      rest = rest.subspan(done);
    }
    for (const Value* output : graph.outputs()) plan_->outputs_.push_back(slot_of(output));
    find_last_uses();
    place();
    return std::move(plan_);
  }

 private:
  const Tensor* constant_of(const Value* value) const {
    if (!value) return nullptr;
    return value->constant() ? value->constant() : types_.constant(value);
  }

  void add_input(const Value& input, size_t index) {
    Slot slot;
    slot.place = Slot::Place::kInput;
    slot.index = index;
    slots_of_[&input] = add_slot(std::move(slot));
  }

  size_t add_slot(Slot slot) {
    plan_->slots_.push_back(std::move(slot));
    return plan_->slots_.size() - 1;
  }

  // The slot of a value that somebody reads. It has one unless it is a constant, or absent.
  size_t slot_of(const Value* value) {
    if (!value) return kNoSlot;
    if (auto found = slots_of_.find(value); found != slots_of_.end()) return found->second;
    const Tensor* constant = constant_of(value);
    if (!constant) fail(ErrorCode::kInternal, "value '{}' is read before it is made", value->name());
    Slot slot;
    slot.place = Slot::Place::kConstant;
    slot.constant = *constant;
    return slots_of_[value] = add_slot(std::move(slot));
  }

  // A step for the first of the operations, or for a chain of them; returns how many it does.
  size_t add_step(std::span<const Operation> operations) {
    const Operation& first = operations.front();
    if (model_.options().optimize) {
      auto stages =
          find_chain(operations, [&](const Operation& operation) { return request_for(operation); });
      if (const size_t length = stages.size(); length > 0) {
        require_memory(operations[length - 1]);
        add_stages(operations.first(length), std::move(stages));
        return length;
      }
    }
    add_operation(first);
    return 1;
  }

  // Preparing a kernel takes time in proportion to its sizes, so it is not begun for what no memory holds.
  void require_memory(const Operation& operation) const {
    static const size_t machine =
        static_cast<size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    for (const Value* output : operation.outputs) {
      const auto dims = output ? static_dims(types_.type(output)) : std::nullopt;
      if (!dims) continue;
      const DataType type = types_.type(output).element_type();
      if (const size_t bytes = bytes_for(type, element_count(*dims)); bytes > machine)
        fail(ErrorCode::kOutOfMemory, "output '{}' is {}{}, which needs {} bytes, but the machine has {}",
             output->name(), name_of(type), to_string(*dims), bytes, machine);
    }
  }

  void add_operation(const Operation& operation) {
    require_memory(operation);
    const bool known = std::all_of(operation.outputs.begin(), operation.outputs.end(),
                                   [&](const Value* output) { return !output || constant_of(output); });
    if (known || add_view(operation) || add_fast_step(operation)) return;
    if (operation.fused.empty()) return add_reference_step(operation);
    // No kernel for these shapes or types: one after the other.
    add_operation(operation_of(*operation.node));
    for (const Node* node : operation.fused) add_operation(operation_of(*node));
  }

  void add_stages(std::span<const Operation> operations, std::vector<std::unique_ptr<RegionKernel>> stages) {
    const Dims dims = *static_dims(types_.type(operations.front().inputs[0]));
    Step step;
    step.node = operations.front().node;
    step.kernel = make_depth_first(std::move(stages), dims[0]);
    step.inputs = {slot_of(operations.front().inputs[0])};
    finish_step(std::move(step), operations.back());
  }

  bool add_view(const Operation& operation) {
    const Node& node = *operation.node;
    if (!canonical_domain(node.domain()).empty() || !is_view(node.op_type())) return false;
    if (node.outputs().size() != 1 || (node.is("Dropout") && node.input(2))) return false;
    const auto dims = static_dims(types_.type(operation.outputs[0]));
    const auto from = static_dims(types_.type(operation.inputs[0]));
    if (!dims || !from || element_count(*dims) != element_count(*from)) return false;
    Slot slot;
    slot.place = Slot::Place::kView;
    slot.index = slot_of(operation.inputs[0]);
    slot.type = types_.type(operation.outputs[0]).element_type();
    slot.dims = *dims;
    slots_of_[operation.outputs[0]] = add_slot(std::move(slot));
    return true;
  }

  bool add_fast_step(const Operation& operation) {
    const auto request = request_for(operation);
    if (!request) return false;
    Step step;
    step.node = operation.node;
    step.kernel = make_fast_kernel(*request);
    if (step.kernel) {
      for (const Value* input : operation.inputs) step.inputs.push_back(slot_of(input));
      finish_step(std::move(step), operation);
      return true;
    }
    auto stage = make_region_kernel(*request);
    if (!stage) return false;
    std::vector<std::unique_ptr<RegionKernel>> stages;
    stages.push_back(std::move(stage));
    add_stages({&operation, 1}, std::move(stages));
    return true;
  }

  void finish_step(Step step, const Operation& operation) {
    for (const Value* output : operation.outputs) {
      if (!output) {
        step.outputs.push_back(kNoSlot);
        continue;
      }
      Slot slot;
      slot.place = output->is_graph_output() ? Slot::Place::kOutput : Slot::Place::kArena;
      slot.type = types_.type(output).element_type();
      slot.dims = *static_dims(types_.type(output));
      step.outputs.push_back(slots_of_[output] = add_slot(std::move(slot)));
    }
    plan_->steps_.push_back(std::move(step));
  }

  void add_reference_step(const Operation& operation) {
    Step step;
    step.node = operation.node;
    for (const Value* input : operation.inputs) step.inputs.push_back(slot_of(input));
    for (const Value* output : operation.outputs) {
      Slot slot;
      if (output)
        if (auto dims = static_dims(types_.type(output)))
          slot.dims = *dims, slot.type = types_.type(output).element_type();
      step.outputs.push_back(output ? slots_of_[output] = add_slot(std::move(slot)) : kNoSlot);
    }
    plan_->steps_.push_back(std::move(step));
  }

  // Kernels for pictures keep tables along the spatial axes: a few bytes of a file can state billions.
  static bool is_too_wide(const Dims& dims) {
    constexpr int64_t kMostAlongAxis = int64_t{1} << 24;
    return dims.size() > 3 &&
           std::any_of(dims.begin() + 2, dims.end(), [](int64_t size) { return size > kMostAlongAxis; });
  }

  // Nothing when a shape is not known or nothing is in it: the reference kernel takes care of those.
  std::optional<KernelRequest> request_for(const Operation& operation) {
    KernelRequest request{{*operation.node, {}, {}, {}},     operation.fusion, {}, {}, weights_,
                          model_.environment().pool().size()};
    for (const Value* input : operation.inputs) {
      const auto dims = input ? static_dims(types_.type(input)) : Dims{};
      if (!dims || (input && element_count(*dims) == 0)) return std::nullopt;
      request.shapes.inputs.push_back(*dims);
      request.shapes.constants.push_back(constant_of(input));
      request.input_types.push_back(input ? types_.type(input).element_type() : DataType::kUndefined);
    }
    for (const Value* output : operation.outputs) {
      const auto dims = output ? static_dims(types_.type(output)) : Dims{};
      if (!dims || (output && element_count(*dims) == 0) || is_too_wide(*dims)) return std::nullopt;
      request.shapes.outputs.push_back(*dims);
      request.output_types.push_back(output ? types_.type(output).element_type() : DataType::kUndefined);
    }
    return request;
  }

  size_t root_of(size_t slot) const {
    while (plan_->slots_[slot].place == Slot::Place::kView) slot = plan_->slots_[slot].index;
    return slot;
  }

  void find_last_uses() {
    auto& slots = plan_->slots_;
    for (size_t i = 0; i < plan_->steps_.size(); ++i) {
      for (size_t slot : plan_->steps_[i].inputs)
        if (slot != kNoSlot) slots[root_of(slot)].last_use = i;
      for (size_t slot : plan_->steps_[i].outputs)
        if (slot != kNoSlot) slots[slot].last_use = i;
    }
    for (size_t slot : plan_->outputs_) slots[root_of(slot)].last_use = plan_->steps_.size();
    for (size_t slot = 0; slot < slots.size(); ++slot)
      if (slots[slot].place == Slot::Place::kDynamic && slots[slot].last_use < plan_->steps_.size())
        plan_->steps_[slots[slot].last_use].released.push_back(slot);
  }

  void place() {
    std::vector<Lifetime> lifetimes;
    std::vector<size_t> placed;
    size_t scratch = 0;
    for (size_t i = 0; i < plan_->steps_.size(); ++i) {
      const Step& step = plan_->steps_[i];
      if (step.kernel)
        scratch = std::max(scratch, step.kernel->scratch_bytes(model_.environment().pool().size()));
      for (size_t index : step.outputs) {
        if (index == kNoSlot || plan_->slots_[index].place != Slot::Place::kArena) continue;
        const Slot& slot = plan_->slots_[index];
        lifetimes.push_back({i, slot.last_use, bytes_for(slot.type, element_count(slot.dims))});
        placed.push_back(index);
      }
    }
    const Placement placement = place_buffers(lifetimes);
    for (size_t i = 0; i < placed.size(); ++i) plan_->slots_[placed[i]].offset = placement.offsets[i];
    plan_->scratch_offset_ = placement.bytes;
    plan_->arena_bytes_ = placement.bytes + scratch;
  }

  const Model& model_;
  WeightStore& weights_;
  ops::InferredTypes types_;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
  std::unordered_map<const Value*, size_t> slots_of_;
};

std::shared_ptr<const Plan> Plan::make(const Model& model, WeightStore& weights,
                                       const ops::InferenceOptions& options) {
  return PlanBuilder(model, weights, options).build();
}

}  // namespace slipway::engine
