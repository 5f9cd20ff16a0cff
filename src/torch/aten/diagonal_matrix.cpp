// Matrices that have a given diagonal, and what stands on the diagonal of a matrix.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "torch/aten/element_list.hpp"
#include "torch/aten/operands.hpp"
#include "torch/aten/shaping.hpp"

namespace slipway::torch::aten {
namespace {

// bool, [height, width]: true on this diagonal.
Value* mask_of_diagonal(Conversion& c, int64_t height, int64_t width, int64_t offset) {
  return c.constant(element_list(DataType::kBool, {height, width},
                                 [&](int64_t i) { return i % width - i / width == offset; }));
}

}  // namespace

// diag_embed, and diag of a vector: a matrix with this diagonal, zero elsewhere
void convert_diag_embed(Conversion& c) {
  const int64_t offset = c.has("diagonal") ? c.integer("diagonal") : c.integer("offset", 0);
  const auto rank = static_cast<int64_t>(c.result_meta().sizes.size());
  const bool is_diag = operator_name(c) == "diag";
  const int64_t row_axis = is_diag ? 0 : c.axis("dim1", rank, -2),
                column_axis = is_diag ? 1 : c.axis("dim2", rank, -1);
  if (rank < 2 || c.rank("self") + 1 != rank) c.refuse("a diagonal has one axis less than its matrix");
  const Dim& size = c.meta("self").sizes.back();
  if (!size.is_known()) c.refuse("the length of the diagonal must be known here");
  const DataType type = c.result_meta().type;
  const int64_t width = size.value() + std::abs(offset);
  Value* self = c.tensor("self");
  if (offset != 0) {
    std::vector<int64_t> pads(static_cast<size_t>(2 * (rank - 1)), 0);
    pads[static_cast<size_t>(offset > 0 ? rank - 2 : 2 * rank - 3)] = std::abs(offset);
    self = c.emit("Pad", {self, c.ints(pads)});
  }
  Value* on_it = mask_of_diagonal(c, width, width, offset);
  Value* matrix = c.emit("Where", {on_it, unsqueeze(c, self, {rank - 2}), c.scalar(type, int64_t{0})});
  // Rows and columns stand last; they belong to these axes.
  auto order = other_axes({row_axis, column_axis}, rank);
  order.insert(order.end(), {row_axis, column_axis});
  std::vector<int64_t> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  c.result(transpose(c, matrix, back));
}

// diag: the diagonal of a matrix, or a matrix of a diagonal
void convert_diag(Conversion& c) {
  if (c.rank("self") == 1) return convert_diag_embed(c);
  const int64_t offset = c.integer("diagonal", 0);
  const Shape& sizes = c.meta("self").sizes;
  if (!all_known(sizes)) c.refuse("the sizes of its rows and columns must be known here");
  const int64_t height = sizes.at(0).value(), width = sizes.at(1).value();
  const int64_t count = c.result_meta().sizes.at(0).value();
  if (offset <= -height || offset >= width || count > std::min(height, width))
    c.refuse(fmt::format("{} elements of its diagonal {}", count, offset));
  const int64_t start = offset >= 0 ? offset : -offset * width;
  Value* flat = c.emit("Reshape", {c.tensor("self"), c.ints({-1})});
  c.result(slice(c, flat, 0, start, count == 0 ? start : start + (count - 1) * (width + 1) + 1, width + 1));
}

// trace: the sum of the diagonal
void convert_trace(Conversion& c) {
  const DataType type = c.result_meta().type;
  const Shape& sizes = c.meta("self").sizes;
  if (!all_known(sizes)) c.refuse("the sizes of its rows and columns must be known here");
  const int64_t height = sizes.at(0).value(), width = sizes.at(1).value();
  Value* on_it = mask_of_diagonal(c, height, width, 0);
  Value* diagonal = c.emit("Where", {on_it, operand(c, "self", type), c.scalar(type, int64_t{0})});
  c.result(c.emit("ReduceSum", {diagonal}, {{"keepdims", 0}}));
}

}  // namespace slipway::torch::aten
