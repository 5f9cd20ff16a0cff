// The operators that repeat a body. See repeat.hpp.
#pragma once

#include <memory>
#include <vector>

#include "engine/program/repeat.hpp"
#include "engine/program/row_collector.hpp"
#include "ops/loop_form.hpp"
#include "ops/scan_form.hpp"

namespace slipway::engine {

struct LoopSlots {
  size_t trip_count;  // of the node; kNoSlot when it has none
  size_t condition;
  size_t round;  // of the body
  size_t body_condition;
  size_t next_condition;
  std::vector<Carried> carried;
  std::vector<Rows> rows;
};
std::shared_ptr<const Repeat> make_loop(const ops::LoopForm& form, LoopSlots slots, size_t state);

struct ScanSlots {
  std::vector<size_t> scanned;    // of the node
  std::vector<size_t> positions;  // of the body, one for each
  std::vector<Carried> carried;
  std::vector<Rows> rows;
};
std::shared_ptr<const Repeat> make_scan(ops::ScanForm form, ScanSlots slots, size_t state);

struct SequenceMapSlots {
  std::vector<size_t> inputs;    // of the node
  std::vector<size_t> elements;  // of the body, one for each
  std::vector<size_t> results;   // of the body
};
std::shared_ptr<const Repeat> make_sequence_map(SequenceMapSlots slots, size_t state);

}  // namespace slipway::engine
