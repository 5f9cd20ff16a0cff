// Tensors one behind the other, along an axis that they have or along a new one.
#include <fmt/format.h>

#include <algorithm>

#include "torch/aten/operands.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// The tensors of the list in the result's type; without empty vectors among tensors of other ranks, which
// PyTorch overlooks. `reshaped` brings one to the form in which it is joined.
template <typename Reshaped>
std::vector<Value*> parts(Conversion& c, const Reshaped& reshaped) {
  const std::vector<Value*> given = c.tensors("tensors");
  const size_t rank = c.result_meta().sizes.size();
  std::vector<Value*> parts;
  for (size_t i = 0; i < given.size(); ++i) {
    const ir::TensorMeta& meta = c.meta("tensors", i);
    if (rank != 1 && meta.sizes == Shape{0}) continue;
    parts.push_back(reshaped(converted(c, given[i], meta.type, c.result_meta().type), meta.sizes));
  }
  if (parts.empty()) c.refuse("nothing but empty vectors is joined");
  return parts;
}

}  // namespace

// cat, concat, concatenate
void convert_cat(Conversion& c) {
  const int64_t axis = c.axis("dim", static_cast<int64_t>(c.result_meta().sizes.size()), 0);
  c.result(concat(c, parts(c, [](Value* value, const Shape&) { return value; }), axis));
}

void convert_stack(Conversion& c) {
  const int64_t axis = c.axis("dim", static_cast<int64_t>(c.result_meta().sizes.size()), 0);
  std::vector<Value*> values;
  const std::vector<Value*> given = c.tensors("tensors");
  for (size_t i = 0; i < given.size(); ++i)
    values.push_back(
        unsqueeze(c, converted(c, given[i], c.meta("tensors", i).type, c.result_meta().type), {axis}));
  c.result(concat(c, values, axis));
}

namespace {

// As concatenation of tensors that have at least `rank` axes, and `place` says where the missing ones are.
void join_at_least(Conversion& c, size_t rank, int64_t axis,
                   const std::vector<std::vector<int64_t>>& new_axes) {
  c.result(concat(c,
                  parts(c,
                        [&](Value* value, const Shape& sizes) {
                          return sizes.size() >= rank ? value
                                                      : unsqueeze(c, value, new_axes.at(sizes.size()));
                        }),
                  axis));
}

}  // namespace

void convert_hstack(Conversion& c) {
  const bool vectors = c.result_meta().sizes.size() == 1;
  join_at_least(c, 1, vectors ? 0 : 1, {{0}});
}

// vstack, row_stack
void convert_vstack(Conversion& c) {
  join_at_least(c, 2, 0, {{0, 1}, {0}});
}

void convert_dstack(Conversion& c) {
  join_at_least(c, 3, 2, {{0, 1, 2}, {0, 2}, {2}});
}

void convert_column_stack(Conversion& c) {
  join_at_least(c, 2, 1, {{0, 1}, {1}});
}

// Matrices along the diagonal, zero elsewhere.
void convert_block_diag(Conversion& c) {
  const std::vector<Value*> given = c.tensors("tensors");
  const DataType type = c.result_meta().type;
  std::vector<std::vector<int64_t>> sizes;
  int64_t columns = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    const Shape& shape = c.meta("tensors", i).sizes;
    if (!all_known(shape)) c.refuse("the sizes of the blocks must be known here");
    auto known = known_dims(shape);
    while (known.size() < 2) known.insert(known.begin(), 1);
    element_count(known);
    columns += known.at(1);
    if (columns > Conversion::kLargestInteger) c.refuse(fmt::format("it has {} columns", columns));
    sizes.push_back(known);
  }
  std::vector<Value*> rows;
  int64_t before = 0;
  for (size_t i = 0; i < given.size(); ++i) {
    Value* block = converted(c, given[i], c.meta("tensors", i).type, type);
    block = reshape(c, block, c.meta("tensors", i).sizes, Shape(sizes[i].begin(), sizes[i].end()));
    const int64_t after = columns - before - sizes[i][1];
    if (before > 0 || after > 0) block = c.emit("Pad", {block, c.ints({0, before, 0, after})});
    rows.push_back(block);
    before += sizes[i][1];
  }
  c.result(concat(c, rows, 0));
}

}  // namespace slipway::torch::aten
