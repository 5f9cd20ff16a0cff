#include "torch/aten/reshape.hpp"

#include <algorithm>

#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// The sizes, computed; -1 for the one that is not known, if there is one.
Value* computed_shape(Conversion& c, const Shape& sizes) {
  const auto open = std::find_if(sizes.begin(), sizes.end(), [](const Dim& dim) { return dim.is_unknown(); });
  if (open == sizes.end()) return c.shape(sizes);
  std::vector<Value*> parts;
  if (open != sizes.begin()) parts.push_back(c.shape({sizes.begin(), open}));
  parts.push_back(c.ints({-1}));
  if (open + 1 != sizes.end()) parts.push_back(c.shape({open + 1, sizes.end()}));
  return concat(c, parts, 0);
}

}  // namespace

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
  if (open > 1) return c.emit("Reshape", {value, computed_shape(c, to)});
  if (has_zero) return c.emit("Reshape", {value, c.ints(numbers)}, {{"allowzero", 1}});
  return c.emit("Reshape", {value, c.ints(numbers)});
}

}  // namespace slipway::torch::aten
