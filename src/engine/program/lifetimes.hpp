// How long the values of a plan are needed: what may share memory in the arena, and after which step a value
// that has memory of its own is let go.
#pragma once

#include <utility>
#include <vector>

#include "engine/program/slot.hpp"
#include "engine/program/step.hpp"

namespace slipway::engine {

// Steps that belong together. A branch: `begin` goes on behind `middle` when its condition is false, `middle`
// goes on at `end`; behind both stands a Pass. A loop: `begin`, the body, `middle`, which goes back, and
// `end`.
struct Block {
  bool repeats;
  size_t begin;
  size_t middle;
  size_t end;
};

// Slots whose memory changes hands as a loop goes round.
using Exchanges = std::vector<std::pair<size_t, size_t>>;

// Sets first_use and last_use of all slots: from the first to the last, nobody else may use their memory.
void find_lifetimes(const std::vector<Step>& steps, std::vector<Slot>& slots,
                    const std::vector<size_t>& outputs, const std::vector<Block>& blocks,
                    const Exchanges& exchanges);

// Sets what each step releases. first_use must be known.
void find_releases(std::vector<Step>& steps, const std::vector<Slot>& slots,
                   const std::vector<size_t>& outputs, const std::vector<Block>& blocks);

}  // namespace slipway::engine
