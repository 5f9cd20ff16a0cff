// Elements written to places along one axis, by number.
#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// What PyTorch calls a way of combining, as ONNX does.
const char* reduction_named(const std::string& name) {
  if (name == "add" || name == "sum" || name == "mean") return "add";
  if (name == "multiply" || name == "prod") return "mul";
  if (name == "amax") return "max";
  if (name == "amin") return "min";
  fail(ErrorCode::kInvalidModel, "'{}' is no way of combining elements", name);
}

Attributes attributes_of(int64_t axis, const char* reduction) {
  Attributes attributes;
  if (axis != 0) attributes.emplace_back("axis", axis);
  if (reduction) attributes.emplace_back("reduction", reduction);
  return attributes;
}

// The index as a tensor of at least one axis.
Value* index_of(Conversion& c) {
  Value* index = operand(c, "index", DataType::kInt64);
  return c.rank("index") == 0 ? unsqueeze(c, index, {0}) : index;
}

Shape at_least_vector(const Shape& sizes) {
  return sizes.empty() ? Shape{1} : sizes;
}

// The part of src that the index has elements for.
Value* source_of(Conversion& c) {
  const DataType type = c.result_meta().type;
  const Shape index = at_least_vector(c.meta("index").sizes);
  if (c.has("value")) return expand(c, operand(c, "value", type), {}, index);
  if (c.is_number("src")) return expand(c, operand(c, "src", type), {}, index);
  const Shape source = at_least_vector(c.meta("src").sizes);
  Value* value = operand(c, "src", type);
  if (c.rank("src") == 0) value = unsqueeze(c, value, {0});
  std::vector<int64_t> axes;
  std::vector<Dim> ends;
  for (size_t i = 0; i < index.size(); ++i)
    if (!(index[i] == source.at(i))) {
      axes.push_back(static_cast<int64_t>(i));
      ends.push_back(index[i]);
    }
  if (axes.empty()) return value;
  return c.emit("Slice", {value, c.ints(std::vector<int64_t>(axes.size(), 0)), c.shape(ends), c.ints(axes)});
}

Value* self_of(Conversion& c) {
  return c.rank("self") == 0 ? unsqueeze(c, c.tensor("self"), {0}) : c.tensor("self");
}

void finish(Conversion& c, Value* result) {
  c.result(c.rank("self") == 0 ? squeeze(c, result, {0}) : result);
}

// What changes nothing when it is combined with others.
Value* neutral(Conversion& c, const std::string& reduction, DataType type) {
  const bool real = is_floating_point(type);
  if (reduction == "prod") return c.scalar(type, int64_t{1});
  if (reduction == "sum" || reduction == "mean") return c.scalar(type, int64_t{0});
  const bool largest = reduction == "amin";
  if (real) {
    const double infinity = std::numeric_limits<double>::infinity();
    return c.scalar(type, largest ? infinity : -infinity);
  }
  if (type == DataType::kInt64) {
    using Limits = std::numeric_limits<int64_t>;
    return c.scalar(type, largest ? Limits::max() : Limits::min());
  }
  if (type == DataType::kInt32) {
    using Limits = std::numeric_limits<int32_t>;
    return c.scalar(type, int64_t{largest ? Limits::max() : Limits::min()});
  }
  c.refuse("extremes of this type that leave out what is there have no counterpart in ONNX");
}

}  // namespace

// scatter, scatter_add, scatter.reduce
void convert_scatter(Conversion& c) {
  const char* reduction = nullptr;
  if (operator_name(c) == "scatter_add")
    reduction = "add";
  else if (c.has("reduce"))
    reduction = reduction_named(c.text("reduce"));
  const int64_t axis = c.axis("dim", c.rank("self"));
  finish(c,
         c.emit("ScatterElements", {self_of(c), index_of(c), source_of(c)}, attributes_of(axis, reduction)));
}

// scatter_reduce: with what is there or without
void convert_scatter_reduce(Conversion& c) {
  const int64_t axis = c.axis("dim", c.rank("self"));
  const DataType type = c.result_meta().type;
  const std::string name = c.text("reduce");
  Value* index = index_of(c);
  Value* self = self_of(c);
  const Shape sizes = at_least_vector(c.meta("index").sizes);
  const bool include_self = c.truth("include_self", true);
  if (!include_self)
    self = c.emit("ScatterElements", {self, index, expand(c, neutral(c, name, type), {}, sizes)},
                  attributes_of(axis, nullptr));
  Value* combined =
      c.emit("ScatterElements", {self, index, source_of(c)}, attributes_of(axis, reduction_named(name)));
  if (name != "mean") return finish(c, combined);
  if (!is_floating_point(type)) c.refuse("means of whole numbers have no counterpart in ONNX");
  Value* ones = expand(c, c.scalar(type, int64_t{1}), {}, sizes);
  Value* start = c.emit("ConstantOfShape", {c.emit("Shape", {self})},
                        {{"value", element_list(type, {1}, [&](int64_t) { return include_self ? 1 : 0; })}});
  Value* counts = c.emit("ScatterElements", {start, index, ones}, attributes_of(axis, "add"));
  // Where nothing was written there is one element, the old one.
  if (!include_self) counts = c.emit("Max", {counts, c.scalar(type, int64_t{1})});
  finish(c, c.emit("Div", {combined, counts}));
}

namespace {

// Whole slices along an axis: by ScatterND along the first one, else by an index for every element.
void scatter_slices(Conversion& c, Value* source, const Shape& source_sizes, const char* reduction) {
  const int64_t rank = std::max<int64_t>(c.rank("self"), 1);
  const int64_t axis = c.axis("dim", c.rank("self"));
  Value* index = index_of(c);
  if (axis == 0) {
    Value* places = unsqueeze(c, index, {1});
    return finish(c, c.emit("ScatterND", {self_of(c), places, source}, attributes_of(0, reduction)));
  }
  std::vector<int64_t> axes = other_axes({axis}, rank);
  Shape sizes(static_cast<size_t>(rank), 1);
  sizes.at(static_cast<size_t>(axis)) = source_sizes.at(static_cast<size_t>(axis));
  Value* everywhere = expand(c, unsqueeze(c, index, axes), sizes, source_sizes);
  finish(c, c.emit("ScatterElements", {self_of(c), everywhere, source}, attributes_of(axis, reduction)));
}

Value* source_slices(Conversion& c, DataType type) {
  Value* source = operand(c, "source", type);
  return c.rank("source") == 0 ? unsqueeze(c, source, {0}) : source;
}

}  // namespace

void convert_index_copy(Conversion& c) {
  scatter_slices(c, source_slices(c, c.result_meta().type), at_least_vector(c.meta("source").sizes), nullptr);
}

void convert_index_add(Conversion& c) {
  const DataType type = c.result_meta().type;
  Value* source = source_slices(c, type);
  if (c.has("alpha") && !(c.is_constant("alpha") && c.number("alpha") == 1))
    source = c.emit("Mul", {source, operand(c, "alpha", type)});
  scatter_slices(c, source, at_least_vector(c.meta("source").sizes), "add");
}

void convert_index_reduce(Conversion& c) {
  const std::string name = c.text("reduce");
  if (name == "mean" || !c.truth("include_self", true))
    c.refuse("means and results without self are not converted");
  scatter_slices(c, source_slices(c, c.result_meta().type), at_least_vector(c.meta("source").sizes),
                 reduction_named(name));
}

void convert_index_fill(Conversion& c) {
  const DataType type = c.result_meta().type;
  Shape sizes = at_least_vector(c.meta("self").sizes);
  sizes[static_cast<size_t>(c.axis("dim", c.rank("self")))] = at_least_vector(c.meta("index").sizes)[0];
  scatter_slices(c, expand(c, operand(c, "value", type), {}, sizes), sizes, nullptr);
}

}  // namespace slipway::torch::aten
