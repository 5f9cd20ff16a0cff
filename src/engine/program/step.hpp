// One step of a plan: what to do with which slots. Steps run one after the other; branches and loops are
// steps that say where to go on.
#pragma once

#include <memory>
#include <vector>

#include "engine/program/slot.hpp"
#include "graph/node.hpp"

namespace slipway::engine {

class Frame;
class Kernel;
struct Step;

inline constexpr size_t kNextStep = static_cast<size_t>(-1);

// What a step does. Immutable, shared by all runs of a plan; what it remembers stands in the frame.
class Action {
 public:
  virtual ~Action() = default;
  // Returns the number of the step to go on with; kNextStep: the one behind this.
  virtual size_t run(Frame& frame, const Step& step) const = 0;
  // Working memory on a pool of `workers` threads.
  virtual size_t scratch_bytes(int workers) const {
    static_cast<void>(workers);
    return 0;
  }
  // The fast kernel that it runs, where one was chosen when the plan was made.
  virtual const Kernel* kernel() const { return nullptr; }
};

// What an action remembers from one time to the next, in a frame. See Frame::state.
struct ActionState {
  virtual ~ActionState() = default;
};

struct Step {
  const Node* node = nullptr;  // for messages; of a chain, the first
  std::unique_ptr<const Action> action;
  const Kernel* kernel = nullptr;  // the action's
  std::vector<size_t> inputs;      // slots; kNoSlot for absent ones
  std::vector<size_t> outputs;
  std::vector<size_t> released;  // dynamic slots that nobody needs after this step

  bool is_last_use(size_t slot) const {
    for (size_t one : released)
      if (one == slot) return true;
    return false;
  }
};

}  // namespace slipway::engine
