// Range: start, start + delta, … up to limit, which is not reached.
#include <cmath>

#include "base/error.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Rangeable = Join<Floats, Elements<int16_t, int32_t, int64_t>>;

int64_t length(double start, double limit, double delta) {
  if (delta == 0) fail(ErrorCode::kInvalidArgument, "the range from {} to {} has delta 0", start, limit);
  const double count = std::ceil((limit - start) / delta);
  // Also when it is NaN.
  if (!(count < 0x1p62))
    fail(ErrorCode::kInvalidArgument, "the range from {} to {} by {} never ends", start, limit, delta);
  return count > 0 ? static_cast<int64_t>(count) : 0;
}

template <std::integral T>
int64_t length(T start, T limit, T delta) {
  if (delta == 0) fail(ErrorCode::kInvalidArgument, "the range from {} to {} has delta 0", start, limit);
  if (delta > 0 ? start >= limit : start <= limit) return 0;
  // The distance may need 64 bits, and the step's magnitude too.
  const auto from = static_cast<uint64_t>(start), to = static_cast<uint64_t>(limit);
  const auto step = static_cast<uint64_t>(delta);
  const uint64_t steps = delta > 0 ? (to - from - 1) / step : (from - to - 1) / (0 - step);
  if (steps >= uint64_t{1} << 62)
    fail(ErrorCode::kInvalidArgument, "the range from {} to {} by {} is too long", start, limit, delta);
  return static_cast<int64_t>(steps) + 1;
}

template <typename T>
ExactType<T> scalar(const Tensor& tensor, const char* name) {
  if (tensor.count() != 1)
    fail(ErrorCode::kInvalidArgument, "input '{}' is {}, but a scalar was expected", name, tensor.describe());
  return to_exact(tensor.data<T>()[0]);
}

// The output's size. Where the numbers are not known, they may be symbols.
Dim inferred_length(const InferenceContext& context) {
  const Tensor *start = context.input_constant(0), *limit = context.input_constant(1),
               *delta = context.input_constant(2);
  Dim result;
  if (start && limit && delta) {
    dispatch<Rangeable>(start->type(), [&]<typename T>(ElementType<T>) {
      result = length(scalar<T>(*start, "start"), scalar<T>(*limit, "limit"), scalar<T>(*delta, "delta"));
    });
    return result;
  }
  const auto begin = context.input_elements(0), end = context.input_elements(1),
             step = context.input_elements(2);
  if (!begin || !end || !step || begin->size() != 1 || end->size() != 1 || step->size() != 1) return {};
  // From 0 on: of other differences the sign is not known.
  if (begin->front() != Dim(0) || !step->front().is_known() || step->front().value() == 0) return {};
  return floor_div(end->front() + Dim(step->front().value() - 1), step->front().value());
}

void infer(InferenceContext& context) {
  context.set_output_type(0, Type::tensor(context.input_element_type(0), Shape{inferred_length(context)}));
}

void compute(KernelContext& context) {
  dispatch<Rangeable>(context.input(0).type(), [&]<typename T>(ElementType<T>) {
    const auto start = scalar<T>(context.input(0), "start"), limit = scalar<T>(context.input(1), "limit"),
               delta = scalar<T>(context.input(2), "delta");
    const auto out =
        context.make_output(0, context.input(0).type(), {length(start, limit, delta)}).template data<T>();
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<T>(wrapping_add(start, wrapping_multiply(static_cast<ExactType<T>>(i), delta)));
  });
}

}  // namespace

void register_range(Registry& registry) {
  registry.add(
      {.name = "Range",
       .since_version = 27,
       .inputs = {{"start", "T"}, {"limit", "T"}, {"delta", "T"}},
       .outputs = {{"output", "T"}},
       // For f16 and bf16; the numbers are always calculated in double.
       .attributes = {{"stash_type", Attribute::Kind::kInt}},
       .type_constraints = {{"T", kFloats | TypeSet{DataType::kInt16, DataType::kInt32, DataType::kInt64}}},
       .infer = infer,
       .compute = compute});
}

}  // namespace slipway::ops
