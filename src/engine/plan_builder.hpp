// Makes a plan: lowers graph after graph to operations, chooses how each runs, and lays out memory.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/lower/operation.hpp"
#include "engine/plan.hpp"
#include "engine/program/lifetimes.hpp"
#include "engine/program/repeats.hpp"
#include "engine/region_kernel.hpp"

namespace slipway::engine {

class PlanBuilder {
 public:
  PlanBuilder(const Model& model, WeightStore& weights, const ops::InferenceOptions& options);
  std::shared_ptr<const Plan> build();

 private:
  // --- plan_builder.cpp: graphs, slots, memory
  void add_input(const Value& input, size_t index);
  void add_graph(const Graph& graph);
  void add_body(const Graph& body);
  size_t add_step(std::span<const Operation> operations);
  void require_memory(const Operation& operation) const;
  void place();

  const Tensor* constant_of(const Value* value) const;
  std::optional<Dims> dims_of(const Value& value) const { return static_dims(types_.type(&value)); }
  size_t add_slot(Slot slot);
  // A slot for a value that a step makes: in the arena, or for the caller, where its size is known.
  size_t slot_for(const Value& value);
  // A slot in memory of its own.
  size_t dynamic_slot_for(const Value& value);
  // The slot of a value that somebody reads; kNoSlot for nullptr.
  size_t slot_of(const Value* value);
  bool has_type_of(const Slot& slot, const Value& value) const;
  // Lets the value be what the slot holds; by a copy where more is known of it than of the slot.
  void bind(const Node& node, const Value& value, size_t slot);
  Step& add(const Node& node, std::unique_ptr<const Action> action, std::vector<size_t> inputs,
            std::vector<size_t> outputs);
  size_t next_step() const { return plan_->steps_.size(); }
  size_t add_state() { return plan_->states_++; }

  // --- plan_operations.cpp: nodes that compute
  void add_operation(const Operation& operation);
  // Not where a chain would take memory out of all proportion.
  bool add_stages(std::span<const Operation> operations, std::vector<std::unique_ptr<RegionKernel>> stages);
  bool add_view(const Operation& operation);
  bool add_fast_step(const Operation& operation);
  void add_plain_step(const Operation& operation);
  std::vector<size_t> inputs_of(const Operation& operation);
  std::vector<size_t> outputs_of(const Operation& operation);
  // Nothing when a shape is not known or nothing is in it.
  std::optional<KernelRequest> request_for(const Operation& operation);

  // --- plan_control_flow.cpp: nodes with bodies
  bool add_control_flow(const Node& node);
  void add_if(const Node& node);
  void add_branch(const Node& node, const Graph& branch, const std::vector<size_t>& outputs);
  void add_loop(const Node& node);
  void add_scan(const Node& node);
  void add_sequence_map(const Node& node);
  size_t begin_carried(const Node& node, const Value& parameter, const Value* initial);
  std::vector<Carried> end_carried(const Node& node, const std::vector<size_t>& ins,
                                   std::span<Value* const> outs, size_t first_slot_of_body);
  std::vector<Rows> rows_of(const Node& node, std::span<Value* const> results, size_t first_output);
  void add_copy(const Node& node, size_t from, size_t to);
  // What stands around a body.
  struct Round {
    std::vector<size_t> node_inputs;
    std::vector<size_t> body_inputs;  // made anew for each round
    std::vector<size_t> body_outputs;
    std::vector<Carried> carried;
    size_t first_collected;  // of the node's outputs
  };
  size_t begin_repeat(const Node& node, const Round& round);
  void close_repeat(const Node& node, const Round& round, size_t begin, std::shared_ptr<const Repeat> repeat);
  void bind_carried(const Node& node, const std::vector<size_t>& ins);
  size_t scalar_slot(const Value& parameter, DataType type);

  const Model& model_;
  WeightStore& weights_;
  ops::InferredTypes types_;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
  std::unordered_map<const Value*, size_t> slots_of_;
  std::unordered_set<const Value*> model_outputs_;
  std::vector<Block> blocks_;
  Exchanges exchanges_;
  std::unordered_set<size_t> exchanged_;
  // Slots that a branch's results go to directly.
  std::unordered_map<const Value*, size_t> targets_;
};

}  // namespace slipway::engine
