// CropAndResize: parts of pictures, given by their corners, brought to one size; the corners' pixels stay
// corners.
#include <cmath>

#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// The place in the picture of the crop's pixel `index` along an axis; corners are shares of the picture.
double place_of(int64_t index, int64_t count, double begin, double end, int64_t size) {
  const auto last = static_cast<double>(size - 1);
  if (count == 1) return 0.5 * (begin + end) * last;
  return begin * last + static_cast<double>(index) * (end - begin) * last / static_cast<double>(count - 1);
}

double interpolated(const double* plane, int64_t width, double y, double x) {
  const auto top = static_cast<int64_t>(std::floor(y)), left = static_cast<int64_t>(std::floor(x));
  const auto bottom = static_cast<int64_t>(std::ceil(y)), right = static_cast<int64_t>(std::ceil(x));
  const double down = y - static_cast<double>(top), along = x - static_cast<double>(left);
  const auto across = [&](int64_t row) {
    const double first = plane[row * width + left];
    return first + (plane[row * width + right] - first) * along;
  };
  const double upper = across(top);
  return upper + (across(bottom) - upper) * down;
}

Dims crop_size(const Tensor& tensor) {
  const auto size = read_integers(tensor, "crop_size");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1)
    fail(ErrorCode::kInvalidArgument, "crop_size is {}, but a height and a width above 0 are expected",
         to_string(Dims(size)));
  return size;
}

void compute(KernelContext& context) {
  const std::string mode = context.node().string_attribute("mode", "bilinear");
  if (mode != "bilinear" && mode != "nearest")
    fail(ErrorCode::kInvalidModel, "attribute 'mode' is '{}', but bilinear or nearest was expected", mode);
  const double outside = static_cast<double>(context.node().float_attribute("extrapolation_value", 0));
  const Tensor pictures = exact_input(context, 0), corners = exact_input(context, 1);
  if (pictures.rank() != 4)
    fail(ErrorCode::kInvalidModel, "the pictures have shape {}, but 4 axes are expected",
         to_string(pictures.dims()));
  const int64_t count = corners.rank() > 0 ? corners.dim(0) : 0;
  require_dims(corners, "the crops' corners", {count, 4});
  require_dims(context.input(2), "batch_indices", {count});
  const Dims size = crop_size(context.input(3));
  const int64_t channels = pictures.dim(1), height = pictures.dim(2), width = pictures.dim(3);
  Tensor result(DataType::kDouble, {count, channels, size[0], size[1]});
  double* to = result.data<double>().data();
  for (int64_t crop = 0; crop < count; ++crop) {
    const int64_t picture = context.input(2).data<int32_t>()[static_cast<size_t>(crop)];
    if (picture < 0 || picture >= pictures.dim(0))
      fail(ErrorCode::kInvalidArgument, "batch_indices has the entry {}, but there are {} pictures", picture,
           pictures.dim(0));
    const double* corner = corners.data<double>().data() + crop * 4;
    for (int64_t channel = 0; channel < channels; ++channel) {
      const double* plane = pictures.data<double>().data() + (picture * channels + channel) * height * width;
      for (int64_t row = 0; row < size[0]; ++row)
        for (int64_t column = 0; column < size[1]; ++column) {
          const double y = place_of(row, size[0], corner[0], corner[2], height);
          const double x = place_of(column, size[1], corner[1], corner[3], width);
          const bool inside =
              y >= 0 && y <= static_cast<double>(height - 1) && x >= 0 && x <= static_cast<double>(width - 1);
          const bool nearest = mode == "nearest";
          *to++ = inside
                      ? interpolated(plane, width, nearest ? std::round(y) : y, nearest ? std::round(x) : x)
                      : outside;
        }
    }
  }
  round_to_output(context, 0, context.input(0).type(), result);
}

void infer(InferenceContext& context) {
  const auto &pictures = context.input_shape(0), &corners = context.input_shape(1);
  std::optional<Shape> shape;
  if (pictures && corners && pictures->size() == 4 && corners->size() == 2) {
    const auto size = context.input_elements(3).value_or(Shape{});
    shape = size.size() == 2 ? Shape{(*corners)[0], (*pictures)[1], size[0], size[1]}
                             : Shape{(*corners)[0], (*pictures)[1], Dim(), Dim()};
  }
  context.set_output_type(0, Type::tensor(context.input_element_type(0), shape));
}

}  // namespace

void register_crop_and_resize(Registry& registry) {
  registry.add(
      {.name = "CropAndResize",
       .domain = "com.microsoft",
       .inputs = {{"X", "T1"}, {"rois", "T1"}, {"batch_indices", "T2"}, {"crop_size", "T2"}},
       .outputs = {{"Y", "T1"}},
       .attributes = {{"extrapolation_value", Attribute::Kind::kFloat}, {"mode", Attribute::Kind::kString}},
       .type_constraints = {{"T1", kIeeeFloats}, {"T2", {DataType::kInt32}}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
