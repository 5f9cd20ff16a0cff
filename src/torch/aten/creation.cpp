// Tensors out of nothing but sizes and numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// Constants up to so many elements stand in the file; larger ones are made when the model runs.
constexpr int64_t kLongestList = 1 << 16;

// The sizes of the result, as i64[n]: of a tensor that it is like, or as the call states them.
Value* result_sizes(Conversion& c) {
  const Shape& sizes = c.result_meta().sizes;
  if (all_known(sizes)) return c.ints(known_dims(sizes));
  if (c.has("size")) return c.sizes("size");
  if (c.has("self")) return c.emit("Shape", {c.tensor("self")});
  return c.shape(sizes);
}

// A tensor of one number throughout.
void fill(Conversion& c, const Tensor& number) {
  const Shape& sizes = c.result_meta().sizes;
  if (sizes.empty()) return c.result(c.constant(number));
  Attributes attributes;
  const bool is_default = number.type() == DataType::kFloat && number.data<float>()[0] == 0 &&
                          !std::signbit(number.data<float>()[0]);
  if (!is_default) attributes.emplace_back("value", number.reshaped({1}));
  c.result(c.emit("ConstantOfShape", {result_sizes(c)}, attributes));
}

void fill_with(Conversion& c, std::string_view argument) {
  const DataType type = c.result_meta().type;
  Value* number = operand(c, argument, type);
  if (const Tensor* constant = number->constant(); constant && constant->rank() == 0)
    return fill(c, *constant);
  const Shape& sizes = c.result_meta().sizes;
  c.result(sizes.empty() ? number : c.emit("Expand", {number, result_sizes(c)}));
}

void fill_with(Conversion& c, int64_t number) {
  fill(c, *c.scalar(c.result_meta().type, number)->constant());
}

// start, start + step, … as PyTorch computes them: in f64, or in integers.
void convert_constant_range(Conversion& c, int64_t count) {
  const DataType type = c.result_meta().type;
  const bool whole = is_integer(type);
  if (whole) {
    const int64_t start = c.any_integer("start", 0), step = c.any_integer("step", 1);
    return c.result(c.constant(element_list(type, {count}, [&](int64_t i) {
      return ops::wrapping_add(start, ops::wrapping_multiply(step, i));
    })));
  }
  const double start = c.number("start", 0), step = c.number("step", 1);
  c.result(c.constant(
      element_list(type, {count}, [&](int64_t i) { return start + step * static_cast<double>(i); })));
}

bool is_whole(const Conversion& c, std::string_view argument) {
  const ir::Argument* given = c.call().find(argument);
  return !given || given->as<ir::Int>();
}

}  // namespace

void convert_zeros(Conversion& c) {
  fill_with(c, 0);
}

void convert_ones(Conversion& c) {
  fill_with(c, 1);
}

// full, full_like, new_full
void convert_full(Conversion& c) {
  fill_with(c, "fill_value");
}

// fill: self gives the sizes
void convert_fill(Conversion& c) {
  fill_with(c, "value");
}

void convert_scalar_tensor(Conversion& c) {
  c.result(operand(c, "s", c.result_meta().type));
}

void convert_arange(Conversion& c) {
  const Dim& count = c.result_meta().sizes.at(0);
  const DataType type = c.result_meta().type;
  const auto constant = [&](std::string_view argument) {
    return !c.has(argument) || c.is_constant(argument);
  };
  const bool stated = constant("start") && constant("step");
  if (count.is_known() && count.value() <= kLongestList && stated)
    return convert_constant_range(c, count.value());
  const bool whole = is_whole(c, "start") && is_whole(c, "end") && is_whole(c, "step");
  const DataType computed = whole ? DataType::kInt64 : DataType::kDouble;
  const auto bound = [&](std::string_view argument, int64_t otherwise) {
    return c.has(argument) ? operand(c, argument, computed) : c.scalar(computed, otherwise);
  };
  Value* start = bound("start", 0);
  Value* end = bound("end", 0);
  c.result(converted(c, c.emit("Range", {start, end, bound("step", 1)}), computed, type));
}

// As PyTorch does, from both ends to the middle.
void convert_linspace(Conversion& c) {
  const DataType type = c.result_meta().type;
  const Dim& count = c.result_meta().sizes.at(0);
  if (!count.is_known() || !c.is_number("start") || !c.is_number("end") || count.value() > kLongestList)
    c.refuse("its bounds and their number must be known here");
  const double start = c.number("start"), end = c.number("end");
  const int64_t steps = count.value();
  const double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  c.result(c.constant(element_list(type, {steps}, [&](int64_t i) {
    const double value = i < steps / 2 || steps == 1 ? start + step * static_cast<double>(i)
                                                     : end - step * static_cast<double>(steps - 1 - i);
    return is_integer(type) ? std::trunc(value) : value;
  })));
}

void convert_eye(Conversion& c) {
  const Shape& sizes = c.result_meta().sizes;
  const DataType type = c.result_meta().type;
  if (all_known(sizes) && element_count(known_dims(sizes)) <= kLongestList) {
    const auto dims = known_dims(sizes);
    const int64_t columns = std::max<int64_t>(dims.at(1), 1);
    return c.result(
        c.constant(element_list(type, dims, [&](int64_t i) { return int64_t{i / columns == i % columns}; })));
  }
  Value* zeros = c.emit("ConstantOfShape", {c.shape(sizes)});
  c.result(c.emit("EyeLike", {zeros}, type == DataType::kFloat ? Attributes{} : Attributes{{"dtype", type}}));
}

namespace {

void convert_triangle(Conversion& c, bool upper) {
  Attributes attributes;
  if (!upper) attributes.emplace_back("upper", 0);
  Value* diagonal = nullptr;
  if (c.has("diagonal") && !(c.is_constant("diagonal") && c.integer("diagonal") == 0))
    diagonal = c.tensor("diagonal");
  c.result(c.emit("Trilu", {c.tensor("self"), diagonal}, attributes));
}

// The places of a triangle, rows above columns: [2, n].
void convert_triangle_places(Conversion& c, bool upper) {
  const int64_t rows = c.integer("row"), columns = c.integer("col"), offset = c.integer("offset", 0);
  const Dim& count = c.result_meta().sizes.at(1);
  if (!count.is_known() || count.value() > kLongestList || (rows > 0 && columns > kLongestConstant / rows))
    c.refuse("the triangle is too large");
  std::vector<int64_t> places, column_places;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      if (upper ? column - row >= offset : column - row <= offset) {
        places.push_back(row);
        column_places.push_back(column);
      }
  places.insert(places.end(), column_places.begin(), column_places.end());
  c.result(c.constant(element_list(c.result_meta().type, {2, static_cast<int64_t>(column_places.size())},
                                   [&](int64_t i) { return places[static_cast<size_t>(i)]; })));
}

}  // namespace

void convert_tril(Conversion& c) {
  convert_triangle(c, false);
}

void convert_triu(Conversion& c) {
  convert_triangle(c, true);
}

void convert_tril_indices(Conversion& c) {
  convert_triangle_places(c, false);
}

void convert_triu_indices(Conversion& c) {
  convert_triangle_places(c, true);
}

// A new last axis with a 1 where the number says.
void convert_one_hot(Conversion& c) {
  Value* self = c.tensor("self");
  Value* classes = nullptr;
  if (c.is_constant("num_classes") && c.integer("num_classes", -1) < 0)
    classes = c.emit("Add", {c.emit("ReduceMax", {self}, {{"keepdims", 0}}), integer(c, 1)});
  else
    classes = c.tensor("num_classes");
  c.result(c.emit("OneHot", {self, classes, c.ints({0, 1})}));
}

// meshgrid: tensor i along axis i, repeated along the others; "xy" exchanges the first two axes.
void convert_meshgrid(Conversion& c) {
  const std::vector<Value*> given = c.tensors("tensors");
  const size_t count = given.size();
  const bool exchanged = c.text("indexing", "ij") == "xy" && count > 1;
  for (size_t i = 0; i < count; ++i) {
    if (!c.is_used(i)) continue;
    const Shape& sizes = c.result_meta(i).sizes;
    const size_t axis = exchanged && i < 2 ? 1 - i : i;
    Shape own(count, 1);
    own[axis] = sizes.at(axis);
    std::vector<int64_t> numbers(count, 1);
    numbers[axis] = -1;
    Value* along = count == 1 && c.meta("tensors", i).sizes.size() == 1
                       ? given[i]
                       : c.emit("Reshape", {given[i], c.ints(numbers)});
    c.result(i, expand(c, along, own, sizes));
  }
}

}  // namespace slipway::torch::aten
