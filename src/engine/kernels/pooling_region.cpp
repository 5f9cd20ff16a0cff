// MaxPool and AveragePool of f32 images as region kernels: a vector of neighbouring outputs takes one place
// of their windows after the other.
#include <algorithm>
#include <limits>

#include "engine/ceil_div.hpp"
#include "engine/kernels/pool_row.hpp"
#include "engine/region_kernel.hpp"
#include "ops/window.hpp"

namespace slipway::engine {

namespace {

// Places of a window that are few whatever the image is.
constexpr int64_t kFewPlaces = 4096;
// So many times may each element of the image be read by larger windows, such as those of the whole image.
constexpr double kMostReads = 16;

class Pooling : public RegionKernel {
 public:
  Pooling(const KernelRequest& request, const ops::Window& window, bool maximum)
      : window_(window),
        maximum_(maximum),
        count_padding_(request.node().int_attribute("count_include_pad", 0) != 0) {
    const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
    input_ = {in[1], in[2], in[3]};
    output_ = {out[1], out[2], out[3]};
    for (int64_t column = 0; column < out[3] && !maximum; ++column)
      horizontal_places_.push_back(places(column, 1, in[3]));
  }

  Interval input_rows(Interval rows) const override { return needed(rows, 0); }
  Interval input_columns(Interval columns) const override { return needed(columns, 1); }
  float padding_value() const override { return maximum_ ? -std::numeric_limits<float>::infinity() : 0.0f; }

  void run(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns,
           float*) const override {
    CountedVector<const float*> taps(static_cast<size_t>(window_.kernel[0] * window_.kernel[1]));
    for (int64_t channel = 0; channel < output_.channels; ++channel)
      for (int64_t row = rows.begin; row < rows.end; ++row) run_row(in, out, channel, row, columns, taps);
  }

 private:
  Interval needed(Interval output, size_t axis) const {
    const int64_t stride = window_.strides[axis], pad = window_.pads_begin[axis];
    const int64_t reach = window_.dilations[axis] * (window_.kernel[axis] - 1);
    return {output.begin * stride - pad, std::max(output.begin, output.end - 1) * stride - pad + reach + 1};
  }

  void run_row(const PlaneView& in, const PlaneView& out, int64_t channel, int64_t row, Interval columns,
               CountedVector<const float*>& taps) const {
    float* to = out.at(channel, row, columns.begin);
    const int64_t top = row * window_.strides[0] - window_.pads_begin[0];
    const int64_t left = columns.begin * window_.strides[1] - window_.pads_begin[1];
    size_t tap = 0;
    for (int64_t y = 0; y < window_.kernel[0]; ++y)
      for (int64_t x = 0; x < window_.kernel[1]; ++x)
        taps[tap++] = in.at(channel, top + y * window_.dilations[0], left + x * window_.dilations[1]);
    pool_row(maximum_, taps.data(), static_cast<int64_t>(taps.size()), window_.strides[1], columns.size(),
             to);
    if (!maximum_) divide(row, columns, to);
  }

  // How many places of the window at this output lie inside of the image, or inside of its padding where that
  // counts.
  int64_t places(int64_t output, size_t axis, int64_t size) const {
    const int64_t begin = output * window_.strides[axis] - window_.pads_begin[axis];
    const auto before = [&](int64_t limit) {
      return limit <= begin
                 ? 0
                 : std::min(window_.kernel[axis], ceil_div(limit - begin, window_.dilations[axis]));
    };
    return count_padding_ ? before(size + window_.pads_end[axis]) : before(size) - before(0);
  }

  void divide(int64_t row, Interval columns, float* to) const {
    const int64_t vertical = places(row, 0, input_.height);
    const int64_t* horizontal = horizontal_places_.data() + columns.begin;
    for (int64_t i = 0; i < columns.size(); ++i) to[i] /= static_cast<float>(vertical * horizontal[i]);
  }

  ops::Window window_;
  bool maximum_;
  bool count_padding_;
  CountedVector<int64_t> horizontal_places_;  // of each output column
};

// Every place of the window is read for each output.
bool is_in_proportion(const ops::Window& window, const Dims& in, const Dims& out) {
  const int64_t area = window.kernel[0] * window.kernel[1];
  const auto plane = [](const Dims& dims) {
    return static_cast<double>(dims[2]) * static_cast<double>(dims[3]);
  };
  return area <= kFewPlaces || static_cast<double>(area) * plane(out) <= kMostReads * plane(in);
}

std::unique_ptr<RegionKernel> make_pooling(const KernelRequest& request, bool maximum) {
  const Dims& in = request.shapes.inputs[0];
  if (!request.is_all_float() || in.size() != 4 || request.shapes.outputs.size() != 1) return nullptr;
  const ops::Window window = ops::window_of(request.node(), in, {});
  if (!is_walkable(window) || !is_in_proportion(window, in, request.shapes.outputs[0])) return nullptr;
  return std::make_unique<Pooling>(request, window, maximum);
}

}  // namespace

std::unique_ptr<RegionKernel> make_max_pool(const KernelRequest& request) {
  return make_pooling(request, true);
}
std::unique_ptr<RegionKernel> make_average_pool(const KernelRequest& request) {
  return make_pooling(request, false);
}

}  // namespace slipway::engine
