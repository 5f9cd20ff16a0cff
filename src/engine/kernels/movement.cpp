// Concat and Transpose for elements of any whole number of bytes: both are copies of runs that are contiguous
// on both sides.
#include <algorithm>
#include <cstring>

#include "engine/kernel.hpp"
#include "ops/inference_context.hpp"

namespace slipway::engine {
namespace {

// Bytes of an element, 0 for packed types and strings: the reference kernel moves those.
size_t element_bytes(DataType type) {
  return static_cast<size_t>(bits_of(type)) / 8;
}

int64_t product(const Dims& dims, size_t begin, size_t end) {
  int64_t result = 1;
  for (size_t axis = begin; axis < end; ++axis) result *= dims[axis];
  return result;
}

class Concat : public Kernel {
 public:
  Concat(const KernelRequest& request, size_t axis) {
    const Dims& out = request.shapes.outputs[0];
    const size_t width = element_bytes(request.output_types[0]);
    outer_ = product(out, 0, axis);
    for (const Dims& input : request.shapes.inputs)
      bytes_.push_back(static_cast<size_t>(product(input, axis, input.size())) * width);
    for (size_t bytes : bytes_) row_bytes_ += bytes;
  }

  void run(const KernelRun& run) const override {
    run.pool.parallel_for(bytes_.size(), [&](size_t input, int) {
      size_t before = 0;
      for (size_t i = 0; i < input; ++i) before += bytes_[i];
      const auto* from = static_cast<const std::byte*>(run.input(input).raw());
      auto* to = static_cast<std::byte*>(run.output(0).raw()) + before;
      for (int64_t row = 0; row < outer_; ++row, from += bytes_[input], to += row_bytes_)
        std::memcpy(to, from, bytes_[input]);
    });
  }

 private:
  int64_t outer_;
  std::vector<size_t> bytes_;  // of each input behind one index of the axes before the joined one
  size_t row_bytes_ = 0;
};

class Transpose : public Kernel {
 public:
  Transpose(const KernelRequest& request, const std::vector<int64_t>& permutation)
      : width_(element_bytes(request.input_types[0])) {
    const Dims& in = request.shapes.inputs[0];
    Dims strides(in.size(), 1);
    for (size_t axis = in.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * in[axis];
    for (int64_t from : permutation)
      add_axis(in[static_cast<size_t>(from)], strides[static_cast<size_t>(from)]);
    if (sizes_.empty()) sizes_.push_back(1), strides_.push_back(1);
    // The innermost axis is one contiguous run where it is the input's innermost too.
    if (strides_.back() == 1) {
      width_ *= static_cast<size_t>(sizes_.back());
      unit_ = sizes_.back();
      sizes_.pop_back(), strides_.pop_back();
    }
    if (sizes_.empty()) sizes_.push_back(1), strides_.push_back(0);
  }

  void run(const KernelRun& run) const override {
    const int64_t outer = product(sizes_, 0, sizes_.size() - 1), inner = sizes_.back();
    const auto* from = static_cast<const std::byte*>(run.input(0).raw());
    auto* to = static_cast<std::byte*>(run.output(0).raw());
    const int64_t rows = std::max<int64_t>(1, 16384 / inner), pieces = (outer + rows - 1) / rows;
    run.pool.parallel_for(static_cast<size_t>(pieces), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * rows;
      for (int64_t row = first; row < std::min(outer, first + rows); ++row)
        copy_row(from + offset_of(row), to + static_cast<size_t>(row * inner) * width_);
    });
  }

 private:
  // Neighbouring axes that stay neighbours are one.
  void add_axis(int64_t size, int64_t stride) {
    if (size == 1) return;
    if (!sizes_.empty() && strides_.back() == size * stride) {
      sizes_.back() *= size;
      strides_.back() = stride;
      return;
    }
    sizes_.push_back(size);
    strides_.push_back(stride);
  }

  int64_t offset_of(int64_t row) const {
    int64_t offset = 0;
    for (size_t axis = sizes_.size() - 1; axis-- > 0; row /= sizes_[axis])
      offset += row % sizes_[axis] * strides_[axis];
    return offset * element_width();
  }

  int64_t element_width() const { return static_cast<int64_t>(width_) / unit_; }

  void copy_row(const std::byte* from, std::byte* to) const {
    const int64_t step = strides_.back() * element_width();
    switch (width_) {
      case 1:
        return copy_elements<1>(from, step, to);
      case 2:
        return copy_elements<2>(from, step, to);
      case 4:
        return copy_elements<4>(from, step, to);
      case 8:
        return copy_elements<8>(from, step, to);
      default:
        for (int64_t i = 0; i < sizes_.back(); ++i, from += step, to += width_) std::memcpy(to, from, width_);
    }
  }

  template <size_t kWidth>
  void copy_elements(const std::byte* from, int64_t step, std::byte* to) const {
    for (int64_t i = 0; i < sizes_.back(); ++i, from += step, to += kWidth) std::memcpy(to, from, kWidth);
  }

  size_t width_;      // bytes that are copied at a time
  int64_t unit_ = 1;  // elements in them
  Dims sizes_;        // of the output's axes, merged
  Dims strides_;      // in the input, in elements
};

}  // namespace

std::unique_ptr<Kernel> make_concat(const KernelRequest& request) {
  if (element_bytes(request.output_types[0]) == 0) return nullptr;
  const Dims& out = request.shapes.outputs[0];
  return std::make_unique<Concat>(request,
                                  ops::normalize_axis(request.node().int_attribute("axis", 0), out.size()));
}

std::unique_ptr<Kernel> make_transpose(const KernelRequest& request) {
  if (element_bytes(request.input_types[0]) == 0) return nullptr;
  const size_t rank = request.shapes.inputs[0].size();
  std::vector<int64_t> reversed;
  for (size_t axis = rank; axis-- > 0;) reversed.push_back(static_cast<int64_t>(axis));
  const auto permutation = request.node().ints_attribute("perm", reversed);
  return permutation.size() == rank ? std::make_unique<Transpose>(request, permutation) : nullptr;
}

}  // namespace slipway::engine
