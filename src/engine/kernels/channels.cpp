// Operators along the channels of f32 tensors: GlobalAveragePool, LRN and BatchNormalization that could not
// be folded. Plain loops that compilers vectorise where the order of additions allows; sums are taken in
// double, so that they do not depend on vector widths.
#include <algorithm>
#include <cmath>

#include "engine/kernel.hpp"

namespace slipway::engine {
namespace {

int64_t product(const Dims& dims, size_t begin, size_t end) {
  int64_t result = 1;
  for (size_t axis = begin; axis < end; ++axis) result *= dims[axis];
  return result;
}

// [outer][axis][inner]
struct AxisView {
  int64_t outer, size, inner;
  AxisView(const Dims& dims, size_t axis)
      : outer(product(dims, 0, axis)), size(dims[axis]), inner(product(dims, axis + 1, dims.size())) {}
};

// y = x / (bias + alpha / size · Σ x²)^beta over `size` neighbouring channels.
class LocalResponseNormalization : public Kernel {
 public:
  explicit LocalResponseNormalization(const KernelRequest& request)
      : view_(request.shapes.inputs[0], 1),
        size_(request.node().int_attribute("size", 1)),
        alpha_(request.node().float_attribute("alpha", 1e-4f)),
        beta_(request.node().float_attribute("beta", 0.75f)),
        bias_(request.node().float_attribute("bias", 1.0f)) {}

  void run(const KernelRun& run) const override {
    const float* in = run.input_floats(0);
    float* out = run.output_floats(0);
    run.pool.parallel_for(static_cast<size_t>(view_.outer * view_.size), [&](size_t piece, int) {
      const int64_t image = static_cast<int64_t>(piece) / view_.size,
                    channel = static_cast<int64_t>(piece) % view_.size;
      run.cancellation.check();
      run_channel(in + image * view_.size * view_.inner, channel,
                  out + static_cast<int64_t>(piece) * view_.inner);
    });
  }

 private:
  void run_channel(const float* image, int64_t channel, float* out) const {
    const int64_t first = std::max<int64_t>(0, channel - (size_ - 1) / 2);
    const int64_t last = std::min(view_.size - 1, channel + size_ / 2);
    for (int64_t i = 0; i < view_.inner; ++i) {
      double squares = 0.0;
      for (int64_t c = first; c <= last; ++c)
        squares += double{image[c * view_.inner + i]} * image[c * view_.inner + i];
      const double base = bias_ + alpha_ / static_cast<double>(size_) * squares;
      // Networks use 3/4, for which two square roots are several times faster than pow.
      const double power =
          beta_ == 0.75 ? std::sqrt(base) * std::sqrt(std::sqrt(base)) : std::pow(base, beta_);
      out[i] = static_cast<float>(image[channel * view_.inner + i] / power);
    }
  }

  AxisView view_;
  int64_t size_;
  double alpha_, beta_, bias_;
};

// y = (x − mean) · scale / √(variance + ε) + shift, as one multiplication and one addition per element.
class BatchNormalization : public Kernel {
 public:
  explicit BatchNormalization(const KernelRequest& request) : view_(request.shapes.inputs[0], 1) {
    const auto values = [&](size_t input) { return request.shapes.constants[input]->data<float>(); };
    const double epsilon = request.node().float_attribute("epsilon", 1e-5f);
    for (size_t channel = 0; channel < static_cast<size_t>(view_.size); ++channel) {
      const double factor = values(1)[channel] / std::sqrt(values(4)[channel] + epsilon);
      factors_.push_back(static_cast<float>(factor));
      shifts_.push_back(static_cast<float>(values(2)[channel] - values(3)[channel] * factor));
    }
  }

  // Do the numbers fit into f32? Otherwise infinities meet where the formula's own values are finite.
  bool is_finite() const {
    const auto finite = [](float value) { return std::isfinite(value); };
    return std::all_of(factors_.begin(), factors_.end(), finite) &&
           std::all_of(shifts_.begin(), shifts_.end(), finite);
  }

  void run(const KernelRun& run) const override {
    const float* in = run.input_floats(0);
    float* out = run.output_floats(0);
    run.pool.parallel_for(static_cast<size_t>(view_.outer * view_.size), [&](size_t plane, int) {
      const size_t channel = plane % static_cast<size_t>(view_.size);
      const float factor = factors_[channel], shift = shifts_[channel];
      const int64_t begin = static_cast<int64_t>(plane) * view_.inner;
      for (int64_t i = begin; i < begin + view_.inner; ++i) out[i] = in[i] * factor + shift;
    });
  }

 private:
  AxisView view_;
  CountedVector<float> factors_, shifts_;
};

}  // namespace

std::unique_ptr<Kernel> make_lrn(const KernelRequest& request) {
  if (!request.is_all_float() || request.shapes.inputs[0].size() < 2) return nullptr;
  if (request.node().int_attribute("size", 1) < 1) return nullptr;
  return std::make_unique<LocalResponseNormalization>(request);
}

std::unique_ptr<Kernel> make_batch_normalization(const KernelRequest& request) {
  const auto& shapes = request.shapes;
  if (!request.is_all_float() || shapes.outputs.size() != 1 || shapes.inputs[0].size() < 2) return nullptr;
  if (shapes.node.int_attribute("training_mode", 0) != 0) return nullptr;
  for (size_t input = 1; input < 5; ++input)
    if (!shapes.constants[input] || shapes.inputs[input] != Dims{shapes.inputs[0][1]}) return nullptr;
  auto kernel = std::make_unique<BatchNormalization>(request);
  if (!kernel->is_finite()) return nullptr;
  return kernel;
}

}  // namespace slipway::engine
