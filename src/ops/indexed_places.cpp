#include "ops/indexed_places.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

int64_t checked(int64_t index, size_t axis, const Dims& dims) {
  const int64_t size = dims[axis];
  if (index < -size || index >= size)
    fail(ErrorCode::kInvalidArgument, "index {} is outside axis {} of a tensor of shape {}", index, axis,
         to_string(dims));
  return index < 0 ? index + size : index;
}

}  // namespace

CountedVector<int64_t> places_along_axis(const Dims& dims, const Tensor& indices, size_t axis) {
  if (indices.rank() != dims.size())
    fail(ErrorCode::kInvalidArgument, "the indices are {}, but rank {} was expected: that of the data",
         indices.describe(), dims.size());
  for (size_t other = 0; other < dims.size(); ++other)
    if (other != axis && indices.dim(other) > dims[other])
      fail(ErrorCode::kInvalidArgument, "the indices {} are larger on axis {} than the data of shape {}",
           indices.describe(), other, to_string(dims));
  const Tensor wide = cast_elements(indices, DataType::kInt64);
  const Dims strides = contiguous_strides(dims);
  Dims others = strides;
  others[axis] = 0;
  StridedWalk<1> at(indices.dims(), {std::move(others)});
  CountedVector<int64_t> places;
  places.reserve(static_cast<size_t>(wide.count()));
  for (int64_t index : wide.data<int64_t>()) {
    places.push_back(at[0] + checked(index, axis, dims) * strides[axis]);
    at.next();
  }
  return places;
}

Slices places_of_rows(const Dims& dims, const Tensor& indices, size_t batch_dims) {
  if (indices.rank() < 1 || batch_dims >= indices.rank() || batch_dims >= std::max<size_t>(dims.size(), 1))
    fail(ErrorCode::kInvalidArgument,
         "{} batch axes were asked for, but the data has shape {} and the indices {}", batch_dims,
         to_string(dims), to_string(indices.dims()));
  const auto width = static_cast<size_t>(indices.dims().back());
  if (batch_dims + width > dims.size())
    fail(ErrorCode::kInvalidArgument, "rows of {} indices are too long for data of shape {}", width,
         to_string(dims));
  for (size_t axis = 0; axis < batch_dims; ++axis)
    if (indices.dim(axis) != dims[axis])
      fail(ErrorCode::kInvalidArgument, "batch axis {} has size {} in the data, but {} in the indices", axis,
           dims[axis], indices.dim(axis));
  const Dims strides = contiguous_strides(dims);
  const Dims rows(indices.dims().begin(), indices.dims().end() - 1);
  Dims batch_strides(rows.size(), 0);
  std::copy_n(strides.begin(), batch_dims, batch_strides.begin());
  StridedWalk<1> at(rows, {std::move(batch_strides)});
  Slices slices{{}, Dims(dims.begin() + static_cast<std::ptrdiff_t>(batch_dims + width), dims.end())};
  const int64_t* index = indices.data<int64_t>().data();
  for (int64_t row = element_count(rows); row > 0; --row, at.next()) {
    int64_t place = at[0];
    for (size_t axis = batch_dims; axis < batch_dims + width; ++axis)
      place += checked(*index++, axis, dims) * strides[axis];
    slices.places.push_back(place);
  }
  return slices;
}

}  // namespace slipway::ops
