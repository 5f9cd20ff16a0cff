// BatchNormalization (inference and training) and LRN.
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// [images][channels][area]
struct ChannelView {
  int64_t images, channels, area = 1;
  explicit ChannelView(const Dims& dims)
      : images(dims.empty() ? 1 : dims[0]), channels(dims.size() > 1 ? dims[1] : 1) {
    for (size_t axis = 2; axis < dims.size(); ++axis) area *= dims[axis];
  }
};

bool is_training(const Node& node) {
  return node.int_attribute("training_mode", 0) != 0;
}

// Throws for numbers of the channels that are known not to be one for each.
void check_of_channels(const InferenceContext& context, size_t input, const char* what) {
  const auto &image = context.input_shape(0), &of_channels = context.input_shape(input);
  if (!image || !of_channels) return;
  const Dim channels = image->size() > 1 ? (*image)[1] : Dim(1);
  if (of_channels->size() != 1 || contradict((*of_channels)[0], channels))
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but {} is expected", what, to_string(*of_channels),
         to_string(Shape{channels}));
}

void infer_batch_normalization(InferenceContext& context) {
  constexpr const char* kOfChannels[] = {"scale", "B", "input_mean", "input_var"};
  for (size_t i = 0; i < 4; ++i) check_of_channels(context, i + 1, kOfChannels[i]);
  infer_like_first_input(context);
  for (size_t output = 1; output < context.output_count() && output < 3; ++output)
    if (context.node().output(output)) context.set_output_type(output, context.input_type(output + 2));
}

// The elements of one channel's statistics, of any float type, as double.
CountedVector<double> as_doubles(const Tensor& tensor, int64_t channels, const char* what) {
  if (tensor.dims() != Dims{channels})
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but [{}] is expected", what, to_string(tensor.dims()),
         channels);
  CountedVector<double> values;
  dispatch<Floats>(tensor.type(), [&]<typename T>(ElementType<T>) {
    for (T value : tensor.data<T>()) values.push_back(static_cast<double>(to_exact(value)));
  });
  return values;
}

void write_doubles(KernelContext& context, size_t output, DataType type,
                   const CountedVector<double>& values) {
  Tensor& tensor = context.make_output(output, type, {static_cast<int64_t>(values.size())});
  dispatch<Floats>(type, [&]<typename T>(ElementType<T>) {
    auto to = tensor.data<T>();
    for (size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(values[i]);
  });
}

// The batch's own mean and variance of each channel.
template <typename T>
void measure(const T* in, const ChannelView& view, CountedVector<double>& mean,
             CountedVector<double>& variance) {
  const double count = static_cast<double>(view.images * view.area);
  const auto each = [&](int64_t channel, auto&& visit) {
    for (int64_t image = 0; image < view.images; ++image)
      for (int64_t i = 0; i < view.area; ++i)
        visit(static_cast<double>(to_exact(in[(image * view.channels + channel) * view.area + i])));
  };
  for (int64_t channel = 0; channel < view.channels; ++channel) {
    double sum = 0.0, squares = 0.0;
    each(channel, [&](double value) { sum += value; });
    const double average = sum / count;
    each(channel, [&](double value) { squares += (value - average) * (value - average); });
    mean[static_cast<size_t>(channel)] = average;
    variance[static_cast<size_t>(channel)] = squares / count;
  }
}

void compute_batch_normalization(KernelContext& context) {
  const Tensor& input = context.input(0);
  const ChannelView view(input.dims());
  const double epsilon = double{context.node().float_attribute("epsilon", 1e-5f)};
  const double momentum = double{context.node().float_attribute("momentum", 0.9f)};
  const auto scale = as_doubles(context.input(1), view.channels, "scale");
  const auto shift = as_doubles(context.input(2), view.channels, "B");
  auto mean = as_doubles(context.input(3), view.channels, "input_mean");
  auto variance = as_doubles(context.input(4), view.channels, "input_var");
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const T* in = input.data<T>().data();
    if (is_training(context.node())) {
      auto running_mean = mean, running_variance = variance;
      measure(in, view, mean, variance);
      for (size_t c = 0; c < mean.size(); ++c) {
        running_mean[c] = running_mean[c] * momentum + mean[c] * (1 - momentum);
        running_variance[c] = running_variance[c] * momentum + variance[c] * (1 - momentum);
      }
      if (context.wants_output(1)) write_doubles(context, 1, context.input(3).type(), running_mean);
      if (context.wants_output(2)) write_doubles(context, 2, context.input(4).type(), running_variance);
    }
    T* out = context.make_output(0, input.type(), input.dims()).template data<T>().data();
    for (int64_t plane = 0; plane < view.images * view.channels; ++plane) {
      const size_t c = static_cast<size_t>(plane % view.channels);
      const double factor = scale[c] / std::sqrt(variance[c] + epsilon);
      for (int64_t i = plane * view.area; i < (plane + 1) * view.area; ++i) {
        const double x = static_cast<double>(to_exact(in[i]));
        out[i] = static_cast<T>(((x - mean[c]) * factor + shift[c]));
      }
    }
  });
}

// How many neighbouring channels count.
int64_t neighbours(const Node& node) {
  const int64_t size = node.int_attribute("size", 1);
  if (size < 1) fail(ErrorCode::kInvalidModel, "attribute size is {}, but at least 1 is expected", size);
  return size;
}

void infer_lrn(InferenceContext& context) {
  neighbours(context.node());
  infer_like_first_input(context);
}

void compute_lrn(KernelContext& context) {
  const Tensor& input = context.input(0);
  if (input.rank() < 2)
    fail(ErrorCode::kInvalidModel, "the input {} has no channel axis", to_string(input.dims()));
  const ChannelView view(input.dims());
  const Node& node = context.node();
  const int64_t size = neighbours(node);
  const double alpha = double{node.float_attribute("alpha", 1e-4f)} / static_cast<double>(size);
  const double beta = double{node.float_attribute("beta", 0.75f)},
               bias = double{node.float_attribute("bias", 1.0f)};
  dispatch<Floats>(input.type(), [&]<typename T>(ElementType<T>) {
    const T* in = input.data<T>().data();
    T* out = context.make_output(0, input.type(), input.dims()).template data<T>().data();
    const auto at = [&](int64_t image, int64_t channel, int64_t i) {
      return static_cast<double>(to_exact(in[(image * view.channels + channel) * view.area + i]));
    };
    for (int64_t image = 0; image < view.images; ++image)
      for (int64_t channel = 0; channel < view.channels; ++channel) {
        const int64_t first = std::max<int64_t>(0, channel - (size - 1) / 2);
        const int64_t last = channel + std::min(view.channels - 1 - channel, size / 2);
        WorkScope::spend(static_cast<double>(last - first + 1) * static_cast<double>(view.area));
        for (int64_t i = 0; i < view.area; ++i) {
          double squares = 0.0;
          for (int64_t c = first; c <= last; ++c) squares += at(image, c, i) * at(image, c, i);
          *out++ = static_cast<T>((at(image, channel, i) / std::pow(bias + alpha * squares, beta)));
        }
      }
  });
}

}  // namespace

void register_normalization(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "BatchNormalization",
       .since_version = 15,
       .inputs = {{"X", "T"}, {"scale", "T1"}, {"B", "T1"}, {"input_mean", "T2"}, {"input_var", "T2"}},
       .outputs = {{"Y", "T"},
                   {"running_mean", "T2", Arity::kOptional},
                   {"running_var", "T2", Arity::kOptional}},
       .attributes = {{"epsilon", Kind::kFloat}, {"momentum", Kind::kFloat}, {"training_mode", Kind::kInt}},
       .type_constraints = {{"T", kFloats}, {"T1", kFloats}, {"T2", kFloats}},
       .infer = infer_batch_normalization,
       .compute = compute_batch_normalization});
  registry.add({.name = "LRN",
                .since_version = 13,
                .inputs = {{"X", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"alpha", Kind::kFloat},
                               {"beta", Kind::kFloat},
                               {"bias", Kind::kFloat},
                               {"size", Kind::kInt, true}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_lrn,
                .compute = compute_lrn});
}

}  // namespace slipway::ops
