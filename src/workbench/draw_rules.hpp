// The operators that draw random numbers, whose results no test can state: what any of them must be like.
#pragma once

#include <string>
#include <string_view>

#include "graph/node.hpp"
#include "tensor/tensor.hpp"

namespace slipway::workbench {

struct DrawRule {
  std::string_view op_type;
  // Changes a node, which stands alone, and its input, which may be none, so that it draws about a million
  // numbers of the kinds that it draws here.
  void (*enlarge)(Node& node, Tensor& input);
  // "" when every number of `drawn` may come of the node for this input; otherwise what cannot.
  std::string (*check_values)(const Node& node, const Tensor& input, const Tensor& drawn);
  // "" when the numbers follow the node's distribution; otherwise how they differ. For what enlarge() made.
  std::string (*check_distribution)(const Node& node, const Tensor& input, const Tensor& drawn);
};

// nullptr for a node that draws nothing.
const DrawRule* find_draw_rule(const Node& node);

}  // namespace slipway::workbench
