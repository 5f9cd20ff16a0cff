// A model made concrete for one set of input shapes: the steps in order, what each reads and writes, and
// where it lies. Immutable; contexts share it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/kernel.hpp"
#include "engine/lower/operation.hpp"
#include "engine/model.hpp"
#include "ops/infer_types.hpp"
#include "tensor/tensor.hpp"

namespace slipway::engine {

// Where a value lives while the plan runs.
struct Slot {
  enum class Place : uint8_t {
    kConstant,  // known before the run
    kInput,     // the caller's, by index
    kArena,     // at an offset in the context's arena
    kOutput,    // a fresh tensor in each run, which the caller gets
    kDynamic,   // made by the step, size known only then
    kView,      // another slot's elements under other dimensions
  };
  Place place = Place::kDynamic;
  Tensor constant;
  size_t index = 0;  // of the input, or the slot that this one views
  size_t offset = 0;
  DataType type = DataType::kUndefined;
  Dims dims;            // of kArena, kOutput, kView
  size_t last_use = 0;  // the step after which the value is not needed
};

inline constexpr size_t kNoSlot = static_cast<size_t>(-1);

struct Step {
  const Node* node = nullptr;      // for messages; of a chain, the first
  std::unique_ptr<Kernel> kernel;  // nullptr: by the reference kernel
  std::vector<size_t> inputs;      // slots; kNoSlot for absent ones
  std::vector<size_t> outputs;
  std::vector<size_t> released;  // dynamic slots that nobody needs after this step
};

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

 private:
  friend class PlanBuilder;
  std::vector<Step> steps_;
  std::vector<Slot> slots_;
  std::vector<size_t> outputs_;
  size_t arena_bytes_ = 0;
  size_t scratch_offset_ = 0;
};

}  // namespace slipway::engine
