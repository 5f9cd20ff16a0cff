// What a body makes in each of its rounds, as rows of one tensor along a new axis.
#pragma once

#include <optional>

#include "engine/program/frame.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::engine {

// Which slot is collected, for which output of the node, and how.
struct Rows {
  size_t slot;
  size_t output;
  int64_t axis = 0;  // as the node states it: within [-rank, rank) of the output
  bool reversed = false;
  Type type = {};  // what is known of a row, for when there is none
};

class RowCollector {
 public:
  // Forgets what was there. `length`: the number of rows when it is known: they are then put in place,
  // otherwise memory grows twofold; axis 0 only.
  void begin(std::optional<int64_t> length);
  // Throws kInvalidArgument when it differs from the first in type or shape.
  void add(Frame& frame, const Rows& rows);
  // Sets the output.
  void end(ops::KernelContext& context, const Rows& rows);

 private:
  void start(Frame& frame, const Rows& rows, const Tensor& row);
  void grow(Frame& frame);

  std::optional<int64_t> length_;
  int64_t count_ = 0;
  size_t axis_ = 0;
  Dims row_dims_;
  Tensor collected_;
};

}  // namespace slipway::engine
