// MaxPool and AveragePool of f32 images, plane by plane: first along the rows, then down the columns, since
// the maximum and the sum of a window are those of its rows' (kernel width + kernel height steps instead of
// their product).
#include <algorithm>
#include <limits>

#include "engine/kernel.hpp"
#include "engine/kernels/gemm_block.hpp"
#include "engine/kernels/pool_row.hpp"
#include "ops/window.hpp"

namespace slipway::engine {
namespace {

// The rows' maxima of a plane should stay in a thread's cache.
constexpr int64_t kLargestPlane = 1 << 16;

// Places of the window at each output that lie inside of the image, or of its padding where that counts.
std::vector<float> places(const ops::Window& window, size_t axis, int64_t in, int64_t out,
                          bool count_padding) {
  const int64_t low = count_padding ? -window.pads_begin[axis] : 0;
  const int64_t high = count_padding ? in + window.pads_end[axis] : in;
  std::vector<float> counts(static_cast<size_t>(out), 0.0f);
  for (int64_t i = 0; i < out; ++i)
    for (int64_t tap = 0; tap < window.kernel[axis]; ++tap) {
      const int64_t place = i * window.strides[axis] - window.pads_begin[axis] + tap * window.dilations[axis];
      if (place >= low && place < high) counts[static_cast<size_t>(i)] += 1;
    }
  return counts;
}

class PlanePooling : public Kernel {
 public:
  PlanePooling(const KernelRequest& request, ops::Window window, bool maximum)
      : window_(std::move(window)), maximum_(maximum) {
    const Dims &in = request.shapes.inputs[0], &out = request.shapes.outputs[0];
    planes_ = in[0] * in[1];
    in_height_ = in[2], in_width_ = in[3], out_height_ = out[2], out_width_ = out[3];
    if (maximum) return;
    const bool count_padding = request.node().int_attribute("count_include_pad", 0) != 0;
    vertical_places_ = places(window_, 0, in_height_, out_height_, count_padding);
    horizontal_places_ = places(window_, 1, in_width_, out_width_, count_padding);
  }

  size_t scratch_bytes(int workers) const override {
    return static_cast<size_t>(workers * scratch_floats()) * sizeof(float);
  }

  void run(const KernelRun& run) const override {
    const int64_t in_size = in_height_ * in_width_, out_size = out_height_ * out_width_;
    if (planes_ * out_size == 0) return;
    run.pool.parallel_for(static_cast<size_t>(planes_), [&](size_t piece, int worker) {
      const auto plane = static_cast<int64_t>(piece);
      run_plane(run.input_floats(0) + plane * in_size, run.output_floats(0) + plane * out_size,
                reinterpret_cast<float*>(run.scratch) + worker * scratch_floats());
    });
  }

 private:
  // A row between its padding, then what the rows come to.
  int64_t padded_width() const {
    const int64_t reach = (out_width_ - 1) * window_.strides[1] + window_.reach(1);
    return (std::max(reach, window_.pads_begin[1] + in_width_) + 2 * kLanePadding + 15) / 16 * 16;
  }
  int64_t row_stride() const { return (out_width_ + kLanePadding + 15) / 16 * 16; }
  int64_t scratch_floats() const { return padded_width() + in_height_ * row_stride(); }

  void run_plane(const float* in, float* out, float* scratch) const {
    float* padded = scratch;
    float* rows = scratch + padded_width();
    std::fill_n(padded, padded_width(), maximum_ ? -std::numeric_limits<float>::infinity() : 0.0f);
    std::vector<const float*> taps(static_cast<size_t>(std::max(window_.kernel[0], window_.kernel[1])));
    for (int64_t x = 0; x < window_.kernel[1]; ++x)
      taps[static_cast<size_t>(x)] = padded + x * window_.dilations[1];
    for (int64_t row = 0; row < in_height_; ++row) {
      std::copy_n(in + row * in_width_, in_width_, padded + window_.pads_begin[1]);
      pool_row(maximum_, taps.data(), window_.kernel[1], window_.strides[1], out_width_,
               rows + row * row_stride());
    }
    for (int64_t row = 0; row < out_height_; ++row) make_output_row(rows, row, taps, out + row * out_width_);
  }

  void make_output_row(const float* rows, int64_t row, std::vector<const float*>& taps, float* out) const {
    int64_t count = 0;
    for (int64_t y = 0; y < window_.kernel[0]; ++y) {
      const int64_t place = row * window_.strides[0] - window_.pads_begin[0] + y * window_.dilations[0];
      if (place >= 0 && place < in_height_) taps[static_cast<size_t>(count++)] = rows + place * row_stride();
    }
    if (count == 0) {
      std::fill_n(out, out_width_, maximum_ ? -std::numeric_limits<float>::infinity() : 0.0f);
    } else {
      pool_row(maximum_, taps.data(), count, 1, out_width_, out);
    }
    if (maximum_) return;
    const float vertical = vertical_places_[static_cast<size_t>(row)];
    const float* horizontal = horizontal_places_.data();
    for (int64_t i = 0; i < out_width_; ++i) out[i] /= vertical * horizontal[i];
  }

  ops::Window window_;
  bool maximum_;
  int64_t planes_ = 0, in_height_ = 0, in_width_ = 0, out_height_ = 0, out_width_ = 0;
  std::vector<float> vertical_places_, horizontal_places_;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, bool maximum) {
  const Dims& in = request.shapes.inputs[0];
  if (!request.is_all_float() || in.size() != 4 || request.shapes.outputs.size() != 1) return nullptr;
  if (in[2] * request.shapes.outputs[0][3] > kLargestPlane) return nullptr;
  auto window = ops::window_of(request.node(), in, {});
  if (!is_walkable(window)) return nullptr;
  return std::make_unique<PlanePooling>(request, std::move(window), maximum);
}

}  // namespace

std::unique_ptr<Kernel> make_plane_max_pool(const KernelRequest& request) {
  return make(request, true);
}
std::unique_ptr<Kernel> make_plane_average_pool(const KernelRequest& request) {
  return make(request, false);
}

}  // namespace slipway::engine
