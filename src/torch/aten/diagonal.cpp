// Diagonals of two axes, which stand on the last axis then.
#include <algorithm>

#include "torch/aten/conversion.hpp"
#include "torch/aten/element_list.hpp"

namespace slipway::torch::aten {
namespace {

struct Diagonal {
  int64_t axis1 = 0, axis2 = 1;
  std::vector<int64_t> rows, columns;  // of its elements
  int64_t width = 0;                   // of axis2
};

Diagonal diagonal_of(const Conversion& c, std::string_view argument, int64_t axis1, int64_t axis2) {
  const int64_t rank = c.rank(argument), offset = c.integer("offset", 0);
  Diagonal result{c.axis("dim1", rank, axis1), c.axis("dim2", rank, axis2), {}, {}, 0};
  const Shape& sizes = c.meta(argument).sizes;
  const Dim &height = sizes.at(static_cast<size_t>(result.axis1)),
            &width = sizes.at(static_cast<size_t>(result.axis2));
  if (result.axis1 == result.axis2) c.refuse("a diagonal needs two axes");
  if (!height.is_known() || !width.is_known()) c.refuse("the sizes of a diagonal's axes must be known");
  if (std::min(height.value(), width.value()) > kLongestConstant) c.refuse("its diagonal is too long");
  result.width = width.value();
  for (int64_t row = std::max<int64_t>(0, -offset), column = std::max<int64_t>(0, offset);
       row < height.value() && column < width.value(); ++row, ++column) {
    result.rows.push_back(row);
    result.columns.push_back(column);
  }
  return result;
}

// The axes in their order but for the two of the diagonal.
std::vector<int64_t> other_axes(const Diagonal& diagonal, int64_t rank) {
  std::vector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != diagonal.axis1 && axis != diagonal.axis2) axes.push_back(axis);
  return axes;
}

Value* transposed(Conversion& c, Value* value, const std::vector<int64_t>& axes) {
  return std::ranges::is_sorted(axes) ? value : c.emit("Transpose", {value}, {{"perm", axes}});
}

std::vector<int64_t> inverse(const std::vector<int64_t>& axes) {
  std::vector<int64_t> result(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) result[static_cast<size_t>(axes[i])] = static_cast<int64_t>(i);
  return result;
}

void diagonal(Conversion& c, std::string_view argument, int64_t axis1, int64_t axis2) {
  const Diagonal found = diagonal_of(c, argument, axis1, axis2);
  const int64_t rank = c.rank(argument);
  std::vector<int64_t> places;
  for (size_t i = 0; i < found.rows.size(); ++i)
    places.push_back(found.rows[i] * found.width + found.columns[i]);
  if (places.empty()) c.refuse("its diagonal is empty");
  // The two axes become one, behind the others.
  std::vector<int64_t> axes = other_axes(found, rank);
  axes.insert(axes.end(), {found.axis1, found.axis2});
  std::vector<int64_t> flat(axes.size() - 1, 0);
  flat.back() = -1;
  Value* matrix = transposed(c, c.tensor(argument), axes);
  matrix = c.emit("Reshape", {matrix, c.ints(flat)});
  c.result(c.emit("Gather", {matrix, c.ints(places)}, {{"axis", rank - 2}}));
}

}  // namespace

void convert_diagonal(Conversion& c) {
  diagonal(c, "self", 0, 1);
}

void convert_linalg_diagonal(Conversion& c) {
  diagonal(c, "A", -2, -1);
}

// self with src on a diagonal
void convert_diagonal_scatter(Conversion& c) {
  const Diagonal found = diagonal_of(c, "self", 0, 1);
  const int64_t rank = c.rank("self");
  if (found.rows.empty()) return c.result(c.tensor("self"));
  std::vector<int64_t> places;
  for (size_t i = 0; i < found.rows.size(); ++i)
    places.insert(places.end(), {found.rows[i], found.columns[i]});
  std::vector<int64_t> axes = {found.axis1, found.axis2}, source_axes = {rank - 2};
  for (const int64_t axis : other_axes(found, rank)) axes.push_back(axis);
  for (int64_t axis = 0; axis < rank - 2; ++axis) source_axes.push_back(axis);
  const auto count = static_cast<int64_t>(found.rows.size());
  Value* written = c.emit("ScatterND", {transposed(c, c.tensor("self"), axes),
                                        c.constant(Tensor::from<int64_t>({count, 2}, places)),
                                        transposed(c, c.tensor("src"), source_axes)});
  c.result(transposed(c, written, inverse(axes)));
}

}  // namespace slipway::torch::aten
