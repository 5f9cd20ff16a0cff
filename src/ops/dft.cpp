// DFT and STFT: discrete Fourier transforms along an axis, and of the frames of a signal. The last axis of
// their tensors holds the real and, if there is one, the imaginary part.
#include <cmath>

#include "base/error.hpp"
#include "ops/axis_split.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/fourier.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

int64_t one_integer(const Tensor& tensor, const char* what) {
  const std::vector<int64_t> numbers = read_integers(tensor, what);
  if (numbers.size() != 1)
    fail(ErrorCode::kInvalidArgument, "{} is {}, but one number was expected", what, tensor.describe());
  return numbers[0];
}

int64_t check_length(int64_t length) {
  if (length < 1) fail(ErrorCode::kInvalidArgument, "a transform of length {} was asked for", length);
  return length;
}

bool is_complex(int64_t parts) {
  if (parts != 1 && parts != 2)
    fail(ErrorCode::kInvalidArgument, "the last axis has size {}, but 1 (real) or 2 (complex) was expected",
         parts);
  return parts == 2;
}

// Calls run(ElementType<Real>()) with the type that numbers of this element type are calculated in: their
// own, or float for the short ones.
template <typename Run>
void in_precision_of(DataType type, Run run) {
  type == DataType::kDouble ? run(ElementType<double>()) : run(ElementType<float>());
}

// Numbers as [..., parts], read as complex ones.
template <typename Real>
class ComplexReader {
 public:
  explicit ComplexReader(const Tensor& tensor)
      : numbers_(cast_elements(tensor, data_type_of<Real>)), complex_(is_complex(tensor.dims().back())) {}
  bool are_real() const { return !complex_; }
  std::complex<Real> operator[](int64_t index) const {
    const auto elements = numbers_.data<Real>();
    const auto at = static_cast<size_t>(index);
    return complex_ ? std::complex<Real>(elements[2 * at], elements[2 * at + 1])
                    : std::complex<Real>(elements[at]);
  }

 private:
  Tensor numbers_;
  bool complex_;
};

struct DftForm {
  bool inverse;
  bool onesided;
  explicit DftForm(const Node& node)
      : inverse(node.int_attribute("inverse", 0) != 0), onesided(node.int_attribute("onesided", 0) != 0) {}
  // Half of a spectrum comes in, real numbers come out.
  bool makes_real() const { return inverse && onesided; }
  bool makes_half() const { return !inverse && onesided; }
  Dim default_length(const Dim& size) const { return makes_real() ? (size - Dim(1)) * Dim(2) : size; }
  Dim output_size(const Dim& length) const { return makes_half() ? floor_div(length, 2) + Dim(1) : length; }
};

size_t signal_axis(int64_t axis, size_t rank) {
  const size_t normalized = rank < 2 ? rank : normalize_axis(axis, rank);
  if (normalized + 1 >= rank)
    fail(ErrorCode::kInvalidArgument, "axis {} of a tensor of rank {} is no axis of a signal", axis, rank);
  return normalized;
}

void infer_dft(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  std::optional<Shape> shape = context.input_shape(0);
  const auto axis = context.has_input(2) ? context.input_integers(2, "the axis") : std::vector<int64_t>{-2};
  const DftForm form(context.node());
  if (!shape || shape->empty()) return context.set_output_type(0, Type::tensor(type, std::move(shape)));
  if (!axis || axis->size() != 1) {
    // Whichever axis it is, a whole spectrum of complex numbers has as many as it is of.
    const bool keeps_size = !context.has_input(1) && !form.makes_half() && !form.makes_real();
    if (!keeps_size) shape = Shape(shape->size());
    shape->back() = form.makes_real() ? 1 : 2;
    return context.set_output_type(0, Type::tensor(type, std::move(shape)));
  }
  Dim& size = (*shape)[signal_axis((*axis)[0], shape->size())];
  const auto stated = context.has_input(1) ? context.input_elements(1) : std::nullopt;
  const Dim length = !context.has_input(1)           ? form.default_length(size)
                     : stated && stated->size() == 1 ? stated->front()
                                                     : Dim();
  size = form.output_size(length);
  shape->back() = form.makes_real() ? 1 : 2;
  context.set_output_type(0, Type::tensor(type, std::move(shape)));
}

// The other half of the spectrum of real numbers, which is the conjugate of the first one.
template <typename Real>
void mirror(std::span<std::complex<Real>> spectrum) {
  const size_t size = spectrum.size();
  spectrum[0] = spectrum[0].real();
  if (size % 2 == 0) spectrum[size / 2] = spectrum[size / 2].real();
  for (size_t k = 1; 2 * k < size; ++k) spectrum[size - k] = std::conj(spectrum[k]);
}

// What a DFT is asked for: `given` numbers along an axis become a transform of `length`.
struct DftRequest {
  DftForm form;
  size_t axis;
  int64_t given;
  int64_t length;
};

DftRequest read_request(const KernelContext& context) {
  const Tensor& input = context.input(0);
  const DftForm form(context.node());
  const size_t axis =
      signal_axis(context.has_input(2) ? one_integer(context.input(2), "the axis") : -2, input.rank());
  if (form.makes_half() && is_complex(input.dims().back()))
    fail(ErrorCode::kInvalidArgument, "onesided is 1, but the signal is complex: its spectrum has two sides");
  const int64_t given = input.dim(axis);
  const int64_t length = check_length(context.has_input(1) ? one_integer(context.input(1), "dft_length")
                                      : form.makes_real()  ? 2 * (given - 1)
                                                           : given);
  return {form, axis, given, length};
}

Dims output_dims(const DftRequest& request, Dims dims) {
  dims[request.axis] = request.form.makes_half() ? request.length / 2 + 1 : request.length;
  dims.back() = request.form.makes_real() ? 1 : 2;
  return dims;
}

template <typename Real>
void transform_lines(const DftRequest& request, const Tensor& input, Tensor& output) {
  if (output.empty()) return;
  const DftForm& form = request.form;
  const ComplexReader<Real> numbers(input);
  const auto out = output.data<Real>();
  const FourierTransform<Real> transform(request.length);
  Dims dims = output.dims();
  dims.pop_back();
  const AxisSplit all = split_at(dims, request.axis);
  CountedVector<std::complex<Real>> line(static_cast<size_t>(request.length)), scratch(line.size());
  const int64_t used = std::min(request.given, form.makes_real() ? request.length / 2 + 1 : request.length);
  for (int64_t outer = 0; outer < all.outer; ++outer)
    for (int64_t inner = 0; inner < all.inner; ++inner) {
      std::fill(line.begin(), line.end(), std::complex<Real>());
      for (int64_t i = 0; i < used; ++i)
        line[static_cast<size_t>(i)] = numbers[(outer * request.given + i) * all.inner + inner];
      if (form.makes_real()) mirror<Real>(line);
      form.inverse ? transform.inverse(line, scratch) : transform.forward(line, scratch);
      // Rounding must not make it another.
      if (numbers.are_real()) mirror<Real>(line);
      for (int64_t i = 0; i < all.size; ++i) {
        const auto at = static_cast<size_t>((outer * all.size + i) * all.inner + inner);
        const std::complex<Real> number = line[static_cast<size_t>(i)];
        if (form.makes_real()) {
          out[at] = number.real();
        } else {
          out[2 * at] = number.real();
          out[2 * at + 1] = number.imag();
        }
      }
    }
}

void compute_dft(KernelContext& context) {
  const Tensor& input = context.input(0);
  const DftRequest request = read_request(context);
  in_precision_of(input.type(), [&]<typename Real>(ElementType<Real>) {
    Tensor output = context.allocate(data_type_of<Real>, output_dims(request, input.dims()));
    transform_lines<Real>(request, input, output);
    cast_elements(output, context.make_output(0, input.type(), output.dims()));
  });
}

bool is_onesided(const Node& node) {
  return node.int_attribute("onesided", 1) != 0;
}

// Of one frame: as stated, as the window, or all of the signal.
Dim frame_length(const InferenceContext& context, const Dim& signal) {
  if (context.has_input(3)) {
    const auto stated = context.input_elements(3);
    return stated && stated->size() == 1 ? stated->front() : Dim();
  }
  if (!context.has_input(2)) return signal;
  const auto& window = context.input_shape(2);
  return window && window->size() == 1 ? window->front() : Dim();
}

void infer_stft(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  if (shape && shape->size() != 3)
    fail(ErrorCode::kInvalidModel,
         "the signal has rank {}, but [batch_size,signal_length,1 or 2] was expected", shape->size());
  const Dim signal = shape ? (*shape)[1] : Dim();
  const Dim length = frame_length(context, signal);
  const auto step = context.input_integers(1, "frame_step");
  Dim frames;
  if (step && step->size() == 1 && (*step)[0] > 0) frames = floor_div(signal - length, (*step)[0]) + Dim(1);
  const Dim bins = is_onesided(context.node()) ? floor_div(length, 2) + Dim(1) : length;
  context.set_output_type(
      0, Type::tensor(context.input_element_type(0), Shape{shape ? shape->front() : Dim(), frames, bins, 2}));
}

// What an STFT is asked for: `frames` of `length` samples, one begins every `step`; `bins` of each are kept.
struct StftRequest {
  int64_t step;
  int64_t length;
  int64_t frames;
  int64_t bins;
};

StftRequest read_stft_request(const KernelContext& context) {
  const Tensor& signal = context.input(0);
  if (signal.rank() != 3)
    fail(ErrorCode::kInvalidArgument, "the signal is {}, but [batch_size,signal_length,1 or 2] was expected",
         signal.describe());
  const bool onesided = is_onesided(context.node());
  if (onesided && is_complex(signal.dim(2)))
    fail(ErrorCode::kInvalidArgument,
         "the signal is complex: its spectrum has two sides, but attribute 'onesided' is not 0");
  const int64_t step = one_integer(context.input(1), "frame_step");
  if (step < 1) fail(ErrorCode::kInvalidArgument, "frame_step is {}, but at least 1 was expected", step);
  const int64_t length = check_length(context.has_input(3)   ? one_integer(context.input(3), "frame_length")
                                      : context.has_input(2) ? context.input(2).count()
                                                             : signal.dim(1));
  if (context.has_input(2) && context.input(2).dims() != Dims{length})
    fail(ErrorCode::kInvalidArgument, "the window is {}, but the frames have {} samples",
         context.input(2).describe(), length);
  return {step, length, signal.dim(1) < length ? 0 : (signal.dim(1) - length) / step + 1,
          onesided ? length / 2 + 1 : length};
}

template <typename Real>
CountedVector<Real> window_of(const KernelContext& context, int64_t length) {
  if (!context.has_input(2)) return CountedVector<Real>(static_cast<size_t>(length), Real(1));
  const Tensor window = cast_elements(context.input(2), data_type_of<Real>);
  return {window.data<Real>().begin(), window.data<Real>().end()};
}

template <typename Real>
void transform_frames(const KernelContext& context, const StftRequest& request, Tensor& output) {
  if (output.count() == 0) return;
  const Tensor& signal = context.input(0);
  const CountedVector<Real> window = window_of<Real>(context, request.length);
  const ComplexReader<Real> numbers(signal);
  const FourierTransform<Real> transform(request.length);
  CountedVector<std::complex<Real>> line(window.size()), scratch(window.size());
  auto out = output.data<Real>().begin();
  for (int64_t batch = 0; batch < signal.dim(0); ++batch)
    for (int64_t frame = 0; frame < request.frames; ++frame) {
      for (size_t i = 0; i < line.size(); ++i)
        line[i] = window[i] * numbers[batch * signal.dim(1) + frame * request.step + static_cast<int64_t>(i)];
      transform.forward(line, scratch);
      if (numbers.are_real()) mirror<Real>(line);
      for (size_t k = 0; k < static_cast<size_t>(request.bins); ++k) {
        *out++ = line[k].real();
        *out++ = line[k].imag();
      }
    }
}

void compute_stft(KernelContext& context) {
  const Tensor& signal = context.input(0);
  const StftRequest request = read_stft_request(context);
  in_precision_of(signal.type(), [&]<typename Real>(ElementType<Real>) {
    Tensor output = context.allocate(data_type_of<Real>, {signal.dim(0), request.frames, request.bins, 2});
    transform_frames<Real>(context, request, output);
    cast_elements(output, context.make_output(0, signal.type(), output.dims()));
  });
}

}  // namespace

void register_dft(Registry& registry) {
  using Kind = Attribute::Kind;
  const std::vector<TypeConstraint> types{{"T1", kFloats}, {"T2", {DataType::kInt32, DataType::kInt64}}};
  registry.add({.name = "DFT",
                .since_version = 20,
                .inputs = {{"input", "T1"},
                           {"dft_length", "T2", Arity::kOptional},
                           {"axis", "tensor(int64)", Arity::kOptional}},
                .outputs = {{"output", "T1"}},
                .attributes = {{"inverse", Kind::kInt}, {"onesided", Kind::kInt}},
                .type_constraints = types,
                .infer = infer_dft,
                .compute = compute_dft});
  registry.add({.name = "STFT",
                .since_version = 17,
                .inputs = {{"signal", "T1"},
                           {"frame_step", "T2"},
                           {"window", "T1", Arity::kOptional},
                           {"frame_length", "T2", Arity::kOptional}},
                .outputs = {{"output", "T1"}},
                .attributes = {{"onesided", Kind::kInt}},
                .type_constraints = types,
                .infer = infer_stft,
                .compute = compute_stft});
}

}  // namespace slipway::ops
