// A model made concrete for one set of input shapes: a flat program of steps, what each reads and writes, and
// where it lies. Bodies of control flow are part of it: branches and loops are steps that say where to go on.
// Immutable; contexts share it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model.hpp"
#include "engine/program/slot.hpp"
#include "engine/program/step.hpp"
#include "engine/weight_store.hpp"
#include "ops/infer_types.hpp"

namespace slipway::engine {

class Plan {
 public:
  // `options` says what the inputs are. Throws what inference throws.
  static std::shared_ptr<const Plan> make(const Model& model, WeightStore& weights,
                                          const ops::InferenceOptions& options);

  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Slot>& slots() const { return slots_; }
  const std::vector<size_t>& outputs() const { return outputs_; }  // slots of the graph's outputs
  size_t arena_bytes() const { return arena_bytes_; }              // buffers, then scratch
  size_t scratch_offset() const { return scratch_offset_; }
  size_t states() const { return states_; }  // how many actions remember something
  // Is there a node of unknown shape that would be part of a depth-first chain if its shape were known?
  bool has_late_regions() const { return has_late_regions_; }
  // Where the memory of a run goes, for when there is not enough.
  std::string describe_memory() const;

 private:
  friend class PlanBuilder;
  std::vector<Step> steps_;
  std::vector<Slot> slots_;
  std::vector<size_t> outputs_;
  size_t arena_bytes_ = 0;
  size_t scratch_offset_ = 0;
  size_t states_ = 0;
  bool has_late_regions_ = false;
};

}  // namespace slipway::engine
