// AffineGrid: the positions that an affine matrix gives the elements of an image or volume, for GridSample.
#include "base/error.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/index_walk.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

// `size` is [N, C, H, W] or [N, C, D, H, W], theta [N, axes, axes + 1].
Shape output_shape(const Shape& theta, const Shape& size) {
  const auto axes = static_cast<int64_t>(size.size()) - 2;
  if (axes != 2 && axes != 3)
    fail(ErrorCode::kInvalidModel, "the size has {} entries, but [N, C, H, W] or [N, C, D, H, W] is expected",
         size.size());
  const Shape expected{size[0], axes, axes + 1};
  bool fits = theta.size() == 3;
  for (size_t i = 0; i < 3 && fits; ++i)
    fits = !theta[i].is_known() || !expected[i].is_known() || theta[i] == expected[i];
  if (!fits)
    fail(ErrorCode::kInvalidModel, "theta is {}, but {} is expected for the size {}", to_string(theta),
         to_string(expected), to_string(size));
  Shape out{size[0].is_known() ? size[0] : theta[0]};
  out.insert(out.end(), size.begin() + 2, size.end());
  out.push_back(axes);
  return out;
}

void infer(InferenceContext& context) {
  const auto& theta = context.input_shape(0);
  const auto size = context.input_elements(1);
  std::optional<Shape> out;
  if (theta && size) out = output_shape(*theta, *size);
  context.set_output_type(0, Type::tensor(context.input_element_type(0), std::move(out)));
}

// Between -1 and 1, which are the centres of the outermost elements or their outer edges.
double coordinate(int64_t index, int64_t size, bool align_corners) {
  const auto i = static_cast<double>(index), n = static_cast<double>(size);
  if (!align_corners) return (2 * i + 1) / n - 1;
  return size > 1 ? 2 * i / (n - 1) - 1 : -1;
}

void compute(KernelContext& context) {
  const Tensor theta = exact_input(context, 0);
  const Dims size = read_integers(context.input(1), "the size");
  for (const int64_t extent : size)
    if (extent < 0)
      fail(ErrorCode::kInvalidArgument, "the size is {}, which has a negative entry", to_string(size));
  const Dims out = known_dims(output_shape(shape_of(theta), Shape(size.begin(), size.end())));
  const bool align_corners = context.node().int_attribute("align_corners", 0) != 0;
  const Dims places(out.begin() + 1, out.end() - 1);
  const size_t axes = places.size();
  Tensor grid(DataType::kDouble, out);
  double* to = grid.data<double>().data();
  for (int64_t image = 0; image < out[0]; ++image)
    for (IndexWalk walk(places); !walk.done(); walk.next()) {
      const double* row = theta.data<double>().data() + image * theta.dim(1) * theta.dim(2);
      for (size_t result = 0; result < axes; ++result, row += axes + 1) {
        double sum = row[axes];
        // x, the innermost axis, is the first of the coordinates.
        for (size_t k = 0; k < axes; ++k) {
          const size_t axis = axes - 1 - k;
          sum += row[k] * coordinate(walk.index()[axis], places[axis], align_corners);
        }
        *to++ = sum;
      }
    }
  round_to_output(context, 0, context.input(0).type(), grid);
}

}  // namespace

void register_affine_grid(Registry& registry) {
  registry.add({.name = "AffineGrid",
                .since_version = 20,
                .inputs = {{"theta", "T1"}, {"size", "T2"}},
                .outputs = {{"grid", "T1"}},
                .attributes = {{"align_corners", Attribute::Kind::kInt}},
                .type_constraints = {{"T1", kFloats}, {"T2", {DataType::kInt64}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
