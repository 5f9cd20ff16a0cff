// Where the values of a plan live while it runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/tensor.hpp"

namespace slipway::engine {

struct Slot {
  enum class Place : uint8_t {
    kConstant,  // known before the run
    kInput,     // the caller's, by index
    kArena,     // at an offset in the context's arena
    kOutput,    // a fresh tensor in each run, which the caller gets
    kDynamic,   // made by a step, in memory of its own: its size, or what it is, is known only then
    kView,      // another slot's elements under other dimensions
  };
  Place place = Place::kDynamic;
  Tensor constant;
  size_t index = 0;  // of the input, or the slot that this one views
  size_t offset = 0;
  // Of every place but kInput. kDynamic: what is expected, kUndefined where anything may come.
  DataType type = DataType::kUndefined;
  Dims dims;
  size_t first_use = 0;  // the step that writes it first
  size_t last_use = 0;   // the step after which its memory is free for others

  // Its tensor lies where the plan says, whatever runs.
  bool is_placed() const { return place == Place::kArena || place == Place::kOutput; }
};

inline constexpr size_t kNoSlot = static_cast<size_t>(-1);

}  // namespace slipway::engine
