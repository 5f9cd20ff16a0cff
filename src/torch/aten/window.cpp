#include "torch/aten/window.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/operands.hpp"

namespace slipway::torch::aten {

std::vector<int64_t> per_axis(const Conversion& c, std::string_view argument, size_t axes,
                              std::vector<int64_t> otherwise) {
  auto values = c.integers(argument, otherwise);
  if (values.empty()) values = std::move(otherwise);
  if (values.size() == 1) values.resize(axes, values[0]);
  if (values.size() != axes)
    c.refuse(fmt::format("'{}' has {} numbers for {} axes", argument, values.size(), axes));
  return values;
}

bool is_window(int64_t kernel, int64_t stride, int64_t pad, int64_t dilation) {
  constexpr int64_t kLargest = 1 << 24;
  const auto is_size = [](int64_t number) { return number >= 1 && number <= kLargest; };
  return is_size(kernel) && is_size(stride) && is_size(dilation) && pad >= 0 && pad <= kLargest;
}

std::vector<int64_t> both_sides(const std::vector<int64_t>& begins, const std::vector<int64_t>& ends) {
  std::vector<int64_t> pads = begins;
  pads.insert(pads.end(), ends.begin(), ends.end());
  return pads;
}

void add_unless(Attributes& attributes, const char* name, std::vector<int64_t> values, int64_t otherwise) {
  const auto is_default = [&](int64_t value) { return value == otherwise; };
  if (!std::all_of(values.begin(), values.end(), is_default))
    attributes.emplace_back(name, std::move(values));
}

Batched::Batched(Conversion& c, std::string_view argument, size_t axes)
    : c_(c), added_(c.meta(argument).sizes.size() == axes + 1), sizes_(c.meta(argument).sizes) {
  if (!added_ && sizes_.size() != axes + 2)
    c.refuse(fmt::format("'{}' is {}, but {} axes are expected", argument, to_string(sizes_), axes + 2));
  if (added_) sizes_.insert(sizes_.begin(), 1);
  input_ = c.tensor(argument);
  if (added_) input_ = c.emit("Unsqueeze", {input_, c.ints({0})});
}

Shape Batched::result_sizes(size_t index) const {
  Shape sizes = c_.result_meta(index).sizes;
  if (added_) sizes.insert(sizes.begin(), 1);
  return sizes;
}

void Batched::result(size_t index, Value* value) {
  c_.result(index, added_ ? c_.emit("Squeeze", {value, c_.ints({0})}) : value);
}

size_t window_axes(const Conversion& c) {
  const std::string_view name = operator_name(c);
  return static_cast<size_t>(name.at(name.find_first_of("123")) - '0');
}

}  // namespace slipway::torch::aten
