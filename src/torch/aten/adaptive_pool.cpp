// Pools that are told the size of their output: element i of o is pooled of the elements from floor(i·n/o)
// to ceil((i + 1)·n/o) of n.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "torch/aten/normalization.hpp"
#include "torch/aten/reshape.hpp"
#include "torch/aten/window.hpp"

namespace slipway::torch::aten {
namespace {

// More windows, or windows times elements, are nobody's pool: a number in a file must not become a table of
// that size.
constexpr int64_t kLargestCount = 1 << 16, kLargestSize = 1 << 24;
// Of all axes together.
constexpr int64_t kLargestPlane = int64_t{1} << 40;

// The windows along one axis of known size.
struct AxisWindows {
  std::vector<int64_t> begins, ends;

  AxisWindows(int64_t size, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      begins.push_back(i * size / count);
      ends.push_back(((i + 1) * size + count - 1) / count);
    }
  }
  size_t count() const { return begins.size(); }
  int64_t length(size_t i) const { return ends[i] - begins[i]; }
  int64_t stride() const { return count() > 1 ? begins[1] - begins[0] : length(0); }
  // Equal windows at equal distances, as plain pools have them.
  bool regular() const {
    if (stride() < 1) return false;
    for (size_t i = 0; i < count(); ++i)
      if (length(i) != length(0) || begins[i] != static_cast<int64_t>(i) * stride()) return false;
    return true;
  }
};

struct Pool {
  Pool(Conversion& conversion, size_t axis_count)
      : c(conversion), axes(axis_count), image(c, "self", axes), sizes(image.sizes()) {
    const Shape given = c.dims("output_size");
    if (given.size() != 1 && given.size() != axes)
      c.refuse(fmt::format("output_size has {} numbers for {} axes", given.size(), axes));
    for (size_t i = 0; i < axes; ++i) {
      counts.push_back(given[given.size() == 1 ? 0 : i]);
      if (!counts[i].is_known()) {
        // nn.AdaptiveAvgPool2d((None, 7)) leaves an axis as it is.
        if (counts[i] == sizes[i + 2]) continue;
        c.refuse("output_size is known only when the model runs; it must be a number here");
      }
      if (counts[i].value() < 1 || counts[i].value() > kLargestCount)
        c.refuse(fmt::format("output_size is {}", counts[i].value()));
      if (!keeps(i) && sizes[i + 2].value() > kLargestSize / counts[i].value())
        c.refuse(fmt::format("{} windows along {} elements are too many", counts[i].value(),
                             sizes[i + 2].value()));
    }
  }

  bool keeps(size_t i) const { return counts[i] == sizes[i + 2]; }
  bool is_global() const {
    return std::all_of(counts.begin(), counts.end(), [](const Dim& count) { return count == Dim(1); });
  }
  // Kernel and strides of a plain pool that does the same, where there is one.
  std::optional<Attributes> regular() const {
    std::vector<int64_t> kernel, strides;
    for (size_t i = 0; i < axes; ++i) {
      if (!keeps(i) && !sizes[i + 2].is_known()) return {};
      if (keeps(i)) {
        kernel.push_back(1);
        strides.push_back(1);
        continue;
      }
      const AxisWindows windows(sizes[i + 2].value(), counts[i].value());
      if (!windows.regular()) return {};
      kernel.push_back(windows.length(0));
      strides.push_back(windows.stride());
    }
    Attributes attributes = {{"kernel_shape", kernel}};
    add_unless(attributes, "strides", strides, 1);
    return attributes;
  }

  Conversion& c;
  size_t axes;
  Batched image;
  Shape sizes;
  std::vector<Dim> counts;
};

// begin and end of each window, i64[count], along an axis whose size is known only at run time.
struct Bounds {
  Bounds(Conversion& c, Value* size, int64_t count) {
    std::vector<int64_t> numbers(static_cast<size_t>(count)), next;
    for (int64_t i = 0; i < count; ++i) numbers[static_cast<size_t>(i)] = i;
    for (const int64_t i : numbers) next.push_back(i + 1);
    Value* divisor = c.ints({count});
    begins = c.emit("Div", {c.emit("Mul", {c.ints(numbers), size}), divisor});
    Value* up = c.emit("Add", {c.emit("Mul", {c.ints(next), size}), c.ints({count - 1})});
    ends = c.emit("Div", {up, divisor});
  }
  Value *begins, *ends;
};

Value* range(Conversion& c, Value* size) {
  return c.emit("Range", {c.scalar(DataType::kInt64, int64_t{0}), c.emit("Squeeze", {size}),
                          c.scalar(DataType::kInt64, int64_t{1})});
}

// The matrix that averages along an axis: [count, size], or turned for the last axis.
Value* averaging_matrix(Conversion& c, const AxisWindows& windows, int64_t size, bool turned) {
  const auto count = static_cast<int64_t>(windows.count());
  std::vector<double> weights(static_cast<size_t>(count * size), 0.0);
  for (int64_t i = 0; i < count; ++i) {
    const auto w = static_cast<size_t>(i);
    for (int64_t k = windows.begins[w]; k < windows.ends[w]; ++k)
      weights[static_cast<size_t>(turned ? k * count + i : i * size + k)] =
          1.0 / static_cast<double>(windows.length(w));
  }
  const Dims dims = turned ? Dims{size, count} : Dims{count, size};
  if (c.result_meta().type == DataType::kDouble) return c.constant(Tensor::from<double>(dims, weights));
  const std::vector<float> rounded(weights.begin(), weights.end());
  return c.cast(c.constant(Tensor::from<float>(dims, rounded)), c.result_meta().type);
}

Value* averaging_matrix(Conversion& c, Value* size, int64_t count, bool turned) {
  const DataType type = c.result_meta().type;
  const Bounds bounds(c, size, count);
  Value* behind = c.ints({turned ? 0 : 1});
  const auto line = [&](Value* value) { return c.emit("Unsqueeze", {value, behind}); };
  Value* place = c.emit("Unsqueeze", {range(c, size), c.ints({turned ? 1 : 0})});
  Value* inside = c.emit("And", {c.emit("GreaterOrEqual", {place, line(bounds.begins)}),
                                 c.emit("Less", {place, line(bounds.ends)})});
  Value* length = c.emit("Cast", {line(c.emit("Sub", {bounds.ends, bounds.begins}))}, {{"to", type}});
  return c.emit("Div", {c.emit("Cast", {inside}, {{"to", type}}), length});
}

// Averages along axis `i`, the last or the one before, of a matrix product's operands.
Value* average_along(Pool& pool, Value* input, size_t i, bool last) {
  Conversion& c = pool.c;
  const Dim& size = pool.sizes[i + 2];
  const int64_t count = pool.counts[i].value();
  Value* matrix = size.is_known() ? averaging_matrix(c, AxisWindows(size.value(), count), size.value(), last)
                                  : averaging_matrix(c, c.shape({&size, 1}), count, last);
  return c.emit("MatMul", last ? std::vector{input, matrix} : std::vector{matrix, input});
}

// A mean over windows is one along each axis, and each of these a product with a matrix.
Value* average_by_matrices(Pool& pool) {
  Conversion& c = pool.c;
  Value* output = pool.image.input();
  Shape sizes = pool.sizes;
  const size_t axes = pool.axes;
  for (size_t i = axes; i-- > 0;) {
    if (pool.keeps(i)) continue;
    if (i + 2 >= axes || axes == 1) {
      output = average_along(pool, output, i, i + 1 == axes);
    } else {
      // The first of three: the two behind it are one axis meanwhile.
      Shape flat = {sizes[0], sizes[1], sizes[2], sizes[3] * sizes[4]};
      output = average_along(pool, reshape(c, output, sizes, flat), i, false);
      flat[2] = pool.counts[i];
      Shape apart = sizes;
      apart[2] = pool.counts[i];
      output = reshape(c, output, flat, apart);
    }
    sizes[i + 2] = pool.counts[i];
  }
  return output;
}

void average(Conversion& c, size_t axes) {
  Pool pool(c, axes);
  if (pool.is_global()) return pool.image.result(c.emit("GlobalAveragePool", {pool.image.input()}));
  const auto attributes = pool.regular();
  bool keeps_all = true;
  for (size_t i = 0; i < axes; ++i) keeps_all = keeps_all && pool.keeps(i);
  if (keeps_all) return c.result(c.tensor("self"));
  pool.image.result(attributes ? c.emit("AveragePool", {pool.image.input()}, *attributes)
                               : average_by_matrices(pool));
}

// The elements of all windows one behind the other, every window filled up to the longest one's length with
// its last element: what is the largest does not change.
std::vector<int64_t> window_elements(const AxisWindows& windows, int64_t& length) {
  length = 0;
  for (size_t i = 0; i < windows.count(); ++i) length = std::max(length, windows.length(i));
  std::vector<int64_t> elements;
  for (size_t i = 0; i < windows.count(); ++i)
    for (int64_t k = 0; k < length; ++k)
      elements.push_back(std::min(windows.begins[i] + k, windows.ends[i] - 1));
  return elements;
}

// Where in the plane an element of the gathered input stood.
Value* original_place(Pool& pool, Value* place, const std::vector<std::vector<int64_t>>& elements) {
  Conversion& c = pool.c;
  Value* sum = nullptr;
  int64_t stride = 1;
  for (size_t i = pool.axes; i-- > 0;) {
    const auto size = static_cast<int64_t>(elements[i].size());
    Value* at = i > 0 || pool.axes > 1 ? c.emit("Mod", {place, c.scalar(DataType::kInt64, size)}) : place;
    place = c.emit("Div", {place, c.scalar(DataType::kInt64, size)});
    Value* original = c.emit("Gather", {c.ints(elements[i]), at});
    if (stride != 1) original = c.emit("Mul", {original, c.scalar(DataType::kInt64, stride)});
    sum = sum ? c.emit("Add", {original, sum}) : original;
    stride *= pool.sizes[i + 2].value();
  }
  return sum;
}

void max_of_irregular_windows(Pool& pool) {
  Conversion& c = pool.c;
  std::vector<std::vector<int64_t>> elements;
  std::vector<int64_t> lengths;
  Value* gathered = pool.image.input();
  int64_t plane = 1;
  for (size_t i = 0; i < pool.axes; ++i) {
    int64_t length = 0;
    elements.push_back(window_elements({pool.sizes[i + 2].value(), pool.counts[i].value()}, length));
    lengths.push_back(length);
    const auto size = static_cast<int64_t>(elements[i].size());
    if (plane > kLargestPlane / std::max<int64_t>(size, 1)) c.refuse("its windows are too many");
    plane *= size;
    const bool all_in_order = std::is_sorted(elements[i].begin(), elements[i].end(), std::less_equal<>()) &&
                              size == pool.sizes[i + 2].value();
    if (!all_in_order)
      gathered = c.emit("Gather", {gathered, c.ints(elements[i])}, {{"axis", static_cast<int64_t>(i + 2)}});
  }
  const bool indices = c.is_used(1);
  Attributes attributes = {{"kernel_shape", lengths}, {"strides", lengths}};
  const auto made = c.emit_several("MaxPool", {gathered}, indices ? 2 : 1, attributes);
  pool.image.result(made[0]);
  if (!indices) return;
  Value* place = c.emit("Mod", {made[1], c.scalar(DataType::kInt64, plane)});
  pool.image.result(1, original_place(pool, place, elements));
}

// Windows along one axis whose size is known only at run time, as an axis of their own to be reduced.
Value* max_along(Pool& pool, Value* input, size_t i) {
  Conversion& c = pool.c;
  const int64_t count = pool.counts[i].value(), axis = static_cast<int64_t>(i) + 2;
  Value* size = c.shape({&pool.sizes[i + 2], 1});
  const Bounds bounds(c, size, count);
  // No window is longer than this.
  Value* longest = c.emit("Add", {c.emit("Div", {size, c.ints({count})}), c.ints({2})});
  Value* places = c.emit("Add", {c.emit("Unsqueeze", {bounds.begins, c.ints({1})}), range(c, longest)});
  Value* last = c.emit("Unsqueeze", {c.emit("Sub", {bounds.ends, c.ints({1})}), c.ints({1})});
  Value* windows = c.emit("Gather", {input, c.emit("Min", {places, last})}, {{"axis", axis}});
  return c.emit("ReduceMax", {windows, c.ints({axis + 1})}, {{"keepdims", 0}});
}

void max(Conversion& c, size_t axes) {
  Pool pool(c, axes);
  const bool indices = c.is_used(1);
  if (pool.is_global() && !indices) return pool.image.result(c.emit("GlobalMaxPool", {pool.image.input()}));
  bool known = true;
  for (size_t i = 0; i < axes; ++i) known = known && pool.sizes[i + 2].is_known();
  if (known && (indices || !pool.regular())) return max_of_irregular_windows(pool);
  if (indices) c.refuse("the places of the largest elements need sizes that are known");
  if (const auto attributes = pool.regular())
    return pool.image.result(c.emit("MaxPool", {pool.image.input()}, *attributes));
  Value* output = pool.image.input();
  for (size_t i = 0; i < axes; ++i)
    if (!pool.keeps(i)) output = max_along(pool, output, i);
  pool.image.result(output);
}

}  // namespace

// adaptive_avg_pool1d, _adaptive_avg_pool2d and so on
void convert_adaptive_avg_pool(Conversion& c) {
  average(c, window_axes(c));
}

void convert_adaptive_max_pool(Conversion& c) {
  max(c, window_axes(c));
}

}  // namespace slipway::torch::aten
