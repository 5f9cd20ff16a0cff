#include "engine/kernels/product_shapes.hpp"

#include <algorithm>

namespace slipway::engine {
namespace {

// For each matrix of the output's batch, the element offset of the operand's matrix, by broadcasting.
CountedVector<int64_t> batch_offsets(const Dims& operand, const Dims& out) {
  const size_t batch_rank = out.size() - 2;
  const int64_t matrix = operand[operand.size() - 2] * operand[operand.size() - 1];
  CountedVector<int64_t> offsets{0};
  for (size_t axis = 0; axis < batch_rank; ++axis) {
    const size_t from_end = out.size() - axis;
    int64_t stride = matrix;
    const bool has = operand.size() >= from_end && operand[operand.size() - from_end] != 1;
    for (size_t inner = operand.size() - std::min(from_end, operand.size()) + 1; inner + 2 < operand.size();
         ++inner)
      stride *= operand[inner];
    CountedVector<int64_t> next;
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < out[axis]; ++i) next.push_back(offset + (has ? i * stride : 0));
    offsets = std::move(next);
  }
  return offsets;
}

}  // namespace

ProductShapes product_shapes(Dims a, Dims b, Dims out) {
  if (a.size() == 1) a.insert(a.begin(), 1), out.insert(out.end() - (b.size() > 1 ? 1 : 0), 1);
  if (b.size() == 1) b.push_back(1), out.push_back(1);
  ProductShapes shapes;
  shapes.m = a[a.size() - 2], shapes.k = a.back(), shapes.n = b.back();
  if (b.size() == 2) {
    for (size_t axis = 0; axis + 2 < a.size(); ++axis) shapes.m *= a[axis];
  } else {
    shapes.a_offsets = batch_offsets(a, out);
    shapes.b_offsets = batch_offsets(b, out);
  }
  return shapes;
}

CountedVector<int64_t> distinct(CountedVector<int64_t> offsets) {
  std::sort(offsets.begin(), offsets.end());
  offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
  return offsets;
}

int64_t place_of(const CountedVector<int64_t>& distinct_offsets, int64_t offset) {
  return std::lower_bound(distinct_offsets.begin(), distinct_offsets.end(), offset) -
         distinct_offsets.begin();
}

}  // namespace slipway::engine
