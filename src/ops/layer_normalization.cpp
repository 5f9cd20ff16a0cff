// LayerNormalization, RMSNormalization, GroupNormalization and InstanceNormalization: rows of the tensor,
// each brought to mean 0 and variance 1 (RMS: to mean square 1), then scaled and shifted. Whatever stash_type
// says, everything is calculated in double.
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

using Kind = Attribute::Kind;

// A row's x becomes (x - mean) * factor.
struct Statistics {
  double mean;
  double factor;
};

Statistics standardize(const CountedVector<double>& row, double epsilon) {
  const auto count = static_cast<double>(row.size());
  double sum = 0, squares = 0;
  for (double x : row) sum += x;
  const double mean = sum / count;
  for (double x : row) squares += (x - mean) * (x - mean);
  return {mean, 1 / std::sqrt(squares / count + epsilon)};
}

Statistics to_mean_square_one(const CountedVector<double>& row, double epsilon) {
  double squares = 0;
  for (double x : row) squares += x * x;
  return {0, 1 / std::sqrt(squares / static_cast<double>(row.size()) + epsilon)};
}

struct Normalization {
  Statistics (*measure)(const CountedVector<double>& row, double epsilon);
  int64_t rows;
  int64_t row_size;
  DataType result_type;
  Tensor scale, bias;  // f64, broadcast to the input
};

// Makes output 0; returns the statistics of each row.
CountedVector<Statistics> normalize_rows(KernelContext& context, const Normalization& how) {
  const Tensor& x = context.input(0);
  const double epsilon = double{context.node().float_attribute("epsilon", 1e-5f)};
  CountedVector<Statistics> statistics(static_cast<size_t>(how.rows));
  CountedVector<double> row(static_cast<size_t>(how.row_size));
  Tensor& y = context.make_output(0, how.result_type, x.dims());
  StridedWalk<2> at(x.dims(), {broadcast_strides(how.scale.dims(), x.dims()),
                               broadcast_strides(how.bias.dims(), x.dims())});
  const double *scale = how.scale.data<double>().data(), *bias = how.bias.data<double>().data();
  dispatch<Floats>(x.type(), [&]<typename T>(ElementType<T>) {
    dispatch<Floats>(how.result_type, [&]<typename R>(ElementType<R>) {
      const T* in = x.data<T>().data();
      R* out = y.data<R>().data();
      for (Statistics& one : statistics) {
        for (double& value : row) value = to_exact(*in++);
        one = how.measure(row, epsilon);
        for (double value : row) {
          *out++ = static_cast<R>((value - one.mean) * one.factor * scale[at[0]] + bias[at[1]]);
          at.next();
        }
      }
    });
  });
  return statistics;
}

Tensor as_doubles(const KernelContext& context, size_t input, double otherwise) {
  if (!context.has_input(input)) return Tensor::scalar(otherwise);
  return cast_elements(context.input(input), DataType::kDouble);
}

// ---- From an axis on ----

struct AxisRows {
  Dims count, row;
  AxisRows(const Dims& dims, size_t axis)
      : count(dims.begin(), dims.begin() + static_cast<std::ptrdiff_t>(axis)),
        row(dims.begin() + static_cast<std::ptrdiff_t>(axis), dims.end()) {}
};

size_t axis_of(const Node& node, size_t rank) {
  return normalize_axis(node.int_attribute("axis", -1), rank);
}

void infer_layer_normalization(InferenceContext& context) {
  infer_like_first_input(context);
  std::optional<Shape> statistics = context.input_shape(0);
  if (statistics) {
    const size_t axis = axis_of(context.node(), statistics->size());
    std::fill(statistics->begin() + static_cast<std::ptrdiff_t>(axis), statistics->end(), Dim(1));
  }
  const DataType type = type_attribute(context.node(), "stash_type", DataType::kFloat);
  for (size_t output : {1u, 2u})
    if (context.node().output(output)) context.set_output_type(output, Type::tensor(type, statistics));
}

void compute_layer_normalization(KernelContext& context) {
  const Tensor& x = context.input(0);
  const size_t axis = axis_of(context.node(), x.rank());
  const AxisRows rows(x.dims(), axis);
  const auto statistics = normalize_rows(context, {.measure = standardize,
                                                   .rows = element_count(rows.count),
                                                   .row_size = element_count(rows.row),
                                                   .result_type = x.type(),
                                                   .scale = as_doubles(context, 1, 1),
                                                   .bias = as_doubles(context, 2, 0)});
  Dims dims = x.dims();
  std::fill(dims.begin() + static_cast<std::ptrdiff_t>(axis), dims.end(), 1);
  const DataType type = type_attribute(context.node(), "stash_type", DataType::kFloat);
  const auto write = [&](size_t output, double Statistics::* member) {
    if (!context.wants_output(output)) return;
    Tensor values(DataType::kDouble, dims);
    for (size_t i = 0; i < statistics.size(); ++i) values.data<double>()[i] = statistics[i].*member;
    cast_elements(values, context.make_output(output, type, dims));
  };
  write(1, &Statistics::mean);
  write(2, &Statistics::factor);
}

void infer_rms_normalization(InferenceContext& context) {
  const auto& shape = context.input_shape(0);
  context.set_output_type(0, Type::tensor(context.input_element_type(1), shape));
  if (shape) axis_of(context.node(), shape->size());
}

void compute_rms_normalization(KernelContext& context) {
  const AxisRows rows(context.input(0).dims(), axis_of(context.node(), context.input(0).rank()));
  normalize_rows(context, {.measure = to_mean_square_one,
                           .rows = element_count(rows.count),
                           .row_size = element_count(rows.row),
                           .result_type = context.input(1).type(),
                           .scale = as_doubles(context, 1, 1),
                           .bias = Tensor::scalar(0.0)});
}

// ---- By channels ----

void require_channels(size_t rank) {
  if (rank < 2) fail(ErrorCode::kInvalidModel, "the input has rank {}: it has no channel axis", rank);
}

void check_groups(int64_t groups, int64_t channels) {
  if (groups < 1 || channels % groups != 0)
    fail(ErrorCode::kInvalidModel, "{} channels cannot be divided into {} groups", channels, groups);
}

void infer_by_channels(InferenceContext& context) {
  infer_like_first_input(context);
  const auto& shape = context.input_shape(0);
  if (!shape) return;
  require_channels(shape->size());
  if (context.node().is("GroupNormalization") && (*shape)[1].is_known())
    check_groups(context.node().int_attribute("num_groups", 0), (*shape)[1].value());
}

// One number a channel, to be broadcast over [N, C, D1, …].
Tensor per_channel(const KernelContext& context, size_t input) {
  const Tensor& values = context.input(input);
  const Tensor& x = context.input(0);
  if (values.dims() != Dims{x.dim(1)})
    fail(ErrorCode::kInvalidArgument, "input {} has shape {}, but [{}] was expected: one number a channel",
         input, to_string(values.dims()), x.dim(1));
  Dims dims(x.rank() - 1, 1);
  dims[0] = x.dim(1);
  return cast_elements(values, DataType::kDouble).reshaped(dims);
}

void normalize_groups(KernelContext& context, int64_t groups) {
  const Tensor& x = context.input(0);
  const AxisRows rows(x.dims(), 1);
  normalize_rows(context, {.measure = standardize,
                           .rows = element_count({x.dim(0), groups}),
                           .row_size = groups == 0 ? 0 : element_count(rows.row) / groups,
                           .result_type = x.type(),
                           .scale = per_channel(context, 1),
                           .bias = per_channel(context, 2)});
}

void compute_group_normalization(KernelContext& context) {
  const Tensor& x = context.input(0);
  require_channels(x.rank());
  const int64_t groups = context.node().int_attribute("num_groups", 0);
  check_groups(groups, x.dim(1));
  normalize_groups(context, groups);
}

void compute_instance_normalization(KernelContext& context) {
  require_channels(context.input(0).rank());
  normalize_groups(context, context.input(0).dim(1));
}

// Two passes for the statistics, then scale and shift.
double flops(const ShapeContext& context) {
  return 6 * static_cast<double>(element_count(context.outputs[0]));
}

}  // namespace

void register_layer_normalization(Registry& registry) {
  registry.add(
      {.name = "LayerNormalization",
       .since_version = 17,
       .inputs = {{"X", "T"}, {"Scale", "T"}, {"B", "T", Arity::kOptional}},
       .outputs = {{"Y", "T"}, {"Mean", "U", Arity::kOptional}, {"InvStdDev", "U", Arity::kOptional}},
       .attributes = {{"axis", Kind::kInt}, {"epsilon", Kind::kFloat}, {"stash_type", Kind::kInt}},
       .type_constraints = {{"T", kFloats}, {"U", {DataType::kFloat, DataType::kBfloat16}}},
       .infer = infer_layer_normalization,
       .compute = compute_layer_normalization,
       .flops = flops});
  registry.add({.name = "RMSNormalization",
                .since_version = 23,
                .inputs = {{"X", "T"}, {"scale", "V"}},
                .outputs = {{"Y", "V"}},
                .attributes = {{"axis", Kind::kInt}, {"epsilon", Kind::kFloat}, {"stash_type", Kind::kInt}},
                .type_constraints = {{"T", kFloats}, {"V", kFloats}},
                .infer = infer_rms_normalization,
                .compute = compute_rms_normalization,
                .flops = flops});
  registry.add({.name = "GroupNormalization",
                .since_version = 21,
                .inputs = {{"X", "T"}, {"scale", "T"}, {"bias", "T"}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"epsilon", Kind::kFloat},
                               {"num_groups", Kind::kInt, true},
                               {"stash_type", Kind::kInt}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_by_channels,
                .compute = compute_group_normalization,
                .flops = flops});
  registry.add({.name = "InstanceNormalization",
                .since_version = 22,
                .inputs = {{"input", "T"}, {"scale", "T"}, {"B", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"epsilon", Kind::kFloat}},
                .type_constraints = {{"T", kFloats}},
                .infer = infer_by_channels,
                .compute = compute_instance_normalization,
                .flops = flops});
}

}  // namespace slipway::ops
