// The sizes of RNN, GRU and LSTM, and where the rows of their tensors are in either layout.
#pragma once

#include "graph/node.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

struct RecurrentDirections {
  int64_t count;
  bool first_is_reverse;
};

// Of the attributes direction and layout. Both throw kInvalidModel for other values than the standard's.
RecurrentDirections recurrent_directions(const Node& node);
bool recurrent_batch_first(const Node& node);

struct RecurrentSizes {
  int64_t steps, batch, inputs, units, directions;
  bool batch_first;

  // Where row [step, direction, image] of Y begins, and row [direction, image] of a state, in rows.
  int64_t output_row(int64_t step, int64_t direction, int64_t image) const {
    return batch_first ? (image * steps + step) * directions + direction
                       : (step * directions + direction) * batch + image;
  }
  int64_t state_row(int64_t direction, int64_t image) const {
    return batch_first ? image * directions + direction : direction * batch + image;
  }
  int64_t input_row(int64_t step, int64_t image) const {
    return batch_first ? image * steps + step : step * batch + image;
  }
  Dims state_dims() const {
    return batch_first ? Dims{batch, directions, units} : Dims{directions, batch, units};
  }
  Dims output_dims() const {
    return batch_first ? Dims{batch, steps, directions, units} : Dims{steps, directions, batch, units};
  }
};

}  // namespace slipway::ops
