#include "torch/aten/reshape.hpp"

#include <algorithm>

namespace slipway::torch::aten {

Value* reshape(Conversion& c, Value* value, const Shape& from, const Shape& to) {
  if (from == to && std::none_of(to.begin(), to.end(), [](const Dim& dim) { return dim.is_unknown(); }))
    return value;
  std::vector<int64_t> numbers;
  size_t open = 0;
  // 0 would copy the size of the input where the output has none.
  const bool has_zero = std::find(to.begin(), to.end(), Dim(0)) != to.end();
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i].is_known()) {
      numbers.push_back(to[i].value());
    } else if (!has_zero && i < from.size() && from[i] == to[i]) {
      numbers.push_back(0);
    } else {
      numbers.push_back(-1);
      ++open;
    }
  }
  if (has_zero && open > 0) return c.emit("Reshape", {value, c.shape(to)}, {{"allowzero", 1}});
  if (open > 1) return c.emit("Reshape", {value, c.shape(to)});
  if (has_zero) return c.emit("Reshape", {value, c.ints(numbers)}, {{"allowzero", 1}});
  return c.emit("Reshape", {value, c.ints(numbers)});
}

}  // namespace slipway::torch::aten
