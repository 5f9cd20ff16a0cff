#include "torch/aten/index_list.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// The size that two sizes are broadcast to. Unknown ones are taken to be no 1, as the tracer did.
Dim broadcast(const Dim& a, const Dim& b) {
  return a == Dim(1) ? b : a;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape result = a.size() > b.size() ? a : b;
  const Shape& shorter = a.size() > b.size() ? b : a;
  const size_t added = result.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) result[added + i] = broadcast(result[added + i], shorter[i]);
  return result;
}

// A mask over several axes: an index for each of them.
void add_mask(Conversion& c, IndexList& list, Value* mask, const Shape& sizes, int64_t axis) {
  Value* places = c.emit("NonZero", {mask});
  list.places = list.axes.empty() ? places : nullptr;
  for (size_t i = 0; i < sizes.size(); ++i) {
    list.axes.push_back(axis + static_cast<int64_t>(i));
    list.indices.push_back(gather(c, places, integer(c, static_cast<int64_t>(i)), 0));
    list.sizes.push_back({Dim()});
  }
}

}  // namespace

bool IndexList::adjacent() const {
  return axes.back() - axes.front() + 1 == static_cast<int64_t>(axes.size());
}

std::vector<int64_t> IndexList::indexed_first() const {
  std::vector<int64_t> order = axes;
  const auto others = other_axes(axes, rank);
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

std::vector<int64_t> IndexList::found_in_place() const {
  const auto found = static_cast<int64_t>(common.size());
  const auto all = found + rank - static_cast<int64_t>(axes.size());
  auto order = consecutive(0, all);
  std::rotate(order.begin(), order.begin() + found, order.begin() + found + place());
  return order;
}

IndexList index_list(Conversion& c) {
  IndexList list;
  list.rank = c.rank("self");
  const std::vector<Value*> given = c.optional_tensors("indices");
  int64_t axis = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i]) {
      ++axis;
      continue;
    }
    const ir::TensorMeta& meta = c.meta("indices", i);
    if (meta.type == DataType::kBool || meta.type == DataType::kUint8) {
      if (meta.sizes.empty()) c.refuse("a mask of rank 0 adds an axis; write it as a choice instead");
      Value* mask = converted(c, given[i], meta.type, DataType::kBool);
      add_mask(c, list, mask, meta.sizes, axis);
      axis += static_cast<int64_t>(meta.sizes.size());
      continue;
    }
    list.places = nullptr;
    const bool is_index = meta.type == DataType::kInt32 || meta.type == DataType::kInt64;
    list.axes.push_back(axis++);
    list.indices.push_back(is_index ? given[i] : converted(c, given[i], meta.type, DataType::kInt64));
    list.sizes.push_back(meta.sizes);
  }
  if (axis > list.rank)
    fail(ErrorCode::kInvalidModel, "{} axes of a tensor of rank {} are indexed", axis, list.rank);
  if (list.axes.empty()) c.refuse("none of its indices is given");
  for (const Shape& sizes : list.sizes) list.common = broadcast(list.common, sizes);
  return list;
}

Value* places_of(Conversion& c, const IndexList& list) {
  if (list.places) return transpose(c, list.places, {1, 0});
  std::vector<Value*> columns;
  const auto last = static_cast<int64_t>(list.common.size());
  for (size_t i = 0; i < list.indices.size(); ++i) {
    Value* index = c.cast(list.indices[i], DataType::kInt64);
    // Sizes that are not known are those of one mask.
    const bool open = list.sizes[i].size() == 1 && list.sizes[i][0].is_unknown();
    if (!open) index = expand(c, index, list.sizes[i], list.common);
    columns.push_back(unsqueeze(c, index, {last}));
  }
  return concat(c, columns, last);
}

}  // namespace slipway::torch::aten
