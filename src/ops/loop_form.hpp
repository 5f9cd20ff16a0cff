// How a Loop node and its body fit together.
#pragma once

#include <optional>

#include "graph/graph.hpp"
#include "tensor/tensor.hpp"

namespace slipway::ops {

struct LoopForm {
  // The inputs in front of the carried values, of the node (trip count, condition) and of the body (round,
  // condition); the body's outputs in front of them are the condition alone.
  static constexpr size_t kFirstCarried = 2;
  static constexpr size_t kFirstOutput = 1;

  const Graph& body;
  size_t carried;  // values; the node's first outputs. The others are collected, one row a round.
};

// Throws kInvalidModel when the numbers of inputs and outputs do not match.
LoopForm loop_form(const Node& node);

// Round and condition are scalars; bodies that state a list of one element get that.
bool is_list(const Value& parameter);
// The only number of a tensor. Throws kInvalidArgument.
int64_t read_trip_count(const Tensor& tensor);
// Throws kInvalidModel when the loop has no trip count, and a condition that no round can change.
void require_end(const LoopForm& form, bool has_trip_count, bool has_condition, bool condition);

}  // namespace slipway::ops
