// CDist: the distance of each row of one matrix from each row of another.
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/shape_checks.hpp"

namespace slipway::ops {
namespace {

void compute(KernelContext& context) {
  const std::string metric = context.node().string_attribute("metric", "sqeuclidean");
  if (metric != "euclidean" && metric != "sqeuclidean")
    fail(ErrorCode::kUnsupported, "attribute 'metric' is '{}', but euclidean and sqeuclidean are known",
         metric);
  const Tensor a = exact_input(context, 0), b = exact_input(context, 1);
  if (a.rank() != 2 || b.rank() != 2 || a.dim(1) != b.dim(1))
    fail(ErrorCode::kInvalidModel,
         "the inputs have shapes {} and {}, but two matrices with as many columns are expected",
         to_string(a.dims()), to_string(b.dims()));
  Tensor distances(DataType::kDouble, {a.dim(0), b.dim(0)});
  double* to = distances.data<double>().data();
  for (int64_t row = 0; row < a.dim(0); ++row) {
    WorkScope::spend(static_cast<double>(b.dim(0)) * static_cast<double>(a.dim(1)));
    for (int64_t other = 0; other < b.dim(0); ++other) {
      const double *x = a.data<double>().data() + row * a.dim(1),
                   *y = b.data<double>().data() + other * a.dim(1);
      double sum = 0;
      for (int64_t i = 0; i < a.dim(1); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
      *to++ = metric == "euclidean" ? std::sqrt(sum) : sum;
    }
  }
  round_to_output(context, 0, context.input(0).type(), distances);
}

void infer(InferenceContext& context) {
  const auto &a = context.input_shape(0), &b = context.input_shape(1);
  std::optional<Shape> shape;
  if (a && b && a->size() == 2 && b->size() == 2) shape = Shape{(*a)[0], (*b)[0]};
  context.set_output_type(0, Type::tensor(context.input_element_type(0), shape));
}

}  // namespace

void register_cdist(Registry& registry) {
  registry.add({.name = "CDist",
                .domain = "com.microsoft",
                .inputs = {{"A", "T"}, {"B", "T"}},
                .outputs = {{"C", "T"}},
                .attributes = {{"metric", Attribute::Kind::kString}},
                .type_constraints = {{"T", {DataType::kFloat, DataType::kDouble}}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
