// Col2Im: adds up the blocks that a sliding window took out of an image, each at its place.
#include <complex>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"
#include "ops/window.hpp"

namespace slipway::ops {
namespace {

Window block_window(const Node& node, const std::vector<int64_t>& block) {
  const size_t count = block.size();
  for (const int64_t size : block)
    if (size < 1 || size > kLargestWindow)
      fail(ErrorCode::kInvalidArgument, "the block's shape is {}, but its sizes must lie between 1 and {}",
           to_string(block), kLargestWindow);
  Window window;
  window.kernel = block;
  window.strides = window_attribute(node, "strides", count, 1, 1);
  window.dilations = window_attribute(node, "dilations", count, 1, 1);
  const auto pads = window_attribute(node, "pads", 2 * count, 0, 0);
  const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(count);
  window.pads_begin.assign(pads.begin(), middle);
  window.pads_end.assign(middle, pads.end());
  return window;
}

// [N, C, image…]
Shape output_shape(const Shape& input, const Shape& image, const std::vector<int64_t>& block) {
  if (input.size() != 3)
    fail(ErrorCode::kInvalidModel, "the input is {}, but [N, C * block, L] is expected", to_string(input));
  const int64_t area = element_count(block);
  if (input[1].is_known() && input[1].value() % area != 0)
    fail(ErrorCode::kInvalidModel, "{} rows of the input cannot be divided into blocks of {}",
         input[1].value(), to_string(block));
  Shape out{input[0], floor_div(input[1], area)};
  out.insert(out.end(), image.begin(), image.end());
  return out;
}

void infer(InferenceContext& context) {
  const DataType type = context.input_element_type(0);
  const auto& input = context.input_shape(0);
  const auto image = context.input_elements(1);
  const auto block = context.input_integers(2, "the block's shape");
  if (!image) return context.set_output_type(0, Type::tensor(type));
  if (!input || !block) {
    Shape shape{input && !input->empty() ? input->front() : Dim(), Dim()};
    shape.insert(shape.end(), image->begin(), image->end());
    return context.set_output_type(0, Type::tensor(type, std::move(shape)));
  }
  block_window(context.node(), *block);
  context.set_output_type(0, Type::tensor(type, output_shape(*input, *image, *block)));
}

// Blocks along each axis. Throws when they are not the `expected` ones altogether.
Dims block_counts(const Window& window, const Dims& image, int64_t expected) {
  if (image.size() != window.kernel.size())
    fail(ErrorCode::kInvalidArgument, "the image's shape is {}, but the block's is {}", to_string(image),
         to_string(window.kernel));
  Dims counts;
  for (size_t axis = 0; axis < image.size(); ++axis) {
    if (image[axis] < 0 || image[axis] > kLargestWindow)
      fail(ErrorCode::kInvalidArgument, "the image's shape is {}, whose sizes must lie between 0 and {}",
           to_string(image), kLargestWindow);
    counts.push_back(window.output_size(axis, image[axis]));
  }
  if (element_count(counts) != expected)
    fail(ErrorCode::kInvalidArgument, "an image of {} has {} blocks, but the input has {}", to_string(image),
         element_count(counts), expected);
  return counts;
}

// Where an element of a block lies in the image; -1 in the padding.
int64_t place_of(const Window& window, const Dims& image, const Dims& block, const Dims& tap) {
  int64_t offset = 0;
  for (size_t axis = 0; axis < image.size(); ++axis) {
    const int64_t place =
        block[axis] * window.strides[axis] - window.pads_begin[axis] + tap[axis] * window.dilations[axis];
    if (place < 0 || place >= image[axis]) return -1;
    offset = offset * image[axis] + place;
  }
  return offset;
}

template <typename T>
void add_to(T& sum, const T& value) {
  if constexpr (std::is_integral_v<T>)
    sum = wrapping_add(sum, value);
  else
    sum += value;
}

template <typename T>
void fold(const Tensor& input, const Window& window, const Dims& counts, const Dims& image, Tensor& output) {
  const T* in = input.data<T>().data();
  const auto out = output.data<T>();
  std::fill(out.begin(), out.end(), T{});
  const int64_t area = element_count(image);
  T* plane = out.data();
  for (int64_t i = 0; i < output.dim(0) * output.dim(1); ++i, plane += area)
    for (IndexWalk tap(window.kernel); !tap.done(); tap.next())
      for (IndexWalk block(counts); !block.done(); block.next(), ++in) {
        const int64_t place = place_of(window, image, block.index(), tap.index());
        if (place >= 0) add_to(plane[place], *in);
      }
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Dims image = read_integers(context.input(1), "the image's shape");
  const Window window = block_window(context.node(), read_integers(context.input(2), "the block's shape"));
  const Dims out =
      known_dims(output_shape(shape_of(input), Shape(image.begin(), image.end()), window.kernel));
  const Dims counts = block_counts(window, image, input.dim(2));
  Tensor& output = context.make_output(0, input.type(), out);
  if (input.type() == DataType::kString) fail(ErrorCode::kUnsupported, "strings cannot be added up");
  if (input.type() == DataType::kComplex64)
    return fold<std::complex<float>>(input, window, counts, image, output);
  if (input.type() == DataType::kComplex128)
    return fold<std::complex<double>>(input, window, counts, image, output);
  // Sums of integers are exact modulo 2^64, those of bools are true when one is.
  const DataType wide = is_floating_point(input.type()) ? DataType::kDouble : DataType::kInt64;
  Tensor sums(wide, out);
  const Tensor elements = cast_elements(input, wide);
  if (wide == DataType::kDouble)
    fold<double>(elements, window, counts, image, sums);
  else
    fold<int64_t>(elements, window, counts, image, sums);
  cast_elements(sums, output);
}

}  // namespace

void register_col2im(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "Col2Im",
       .since_version = 18,
       .inputs = {{"input", "T"}, {"image_shape", "tensor(int64)"}, {"block_shape", "tensor(int64)"}},
       .outputs = {{"output", "T"}},
       .attributes = {{"dilations", Kind::kInts}, {"pads", Kind::kInts}, {"strides", Kind::kInts}},
       .type_constraints = {{"T", kMovable}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
