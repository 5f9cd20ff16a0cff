#include "workbench/compare/deviation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "ops/cast.hpp"
#include "tensor/tensor_text.hpp"
#include "workbench/compare_values.hpp"

namespace slipway::workbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Dims place_of(int64_t index, const Dims& dims) {
  Dims place(dims.size());
  for (size_t axis = dims.size(); axis-- > 0;) {
    place[axis] = index % dims[axis];
    index /= dims[axis];
  }
  return place;
}

Deviation cannot_be_compared(std::string form) {
  Deviation deviation;
  deviation.exceeds = true;
  deviation.largest = kInfinity;
  deviation.form = std::move(form);
  return deviation;
}

void note_place(const Tensor& a, const Tensor& b, int64_t index, Deviation& deviation) {
  deviation.place = fmt::format("[{}]", fmt::join(place_of(index, a.dims()), ","));
  deviation.a = element_text(a, index);
  deviation.b = element_text(b, index);
}

// Infinite where only one of the two is a finite number, or they are infinities of different signs.
double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  return std::isfinite(a) && std::isfinite(b) ? std::abs(b - a) : kInfinity;
}

Deviation measure_floats(const Tensor& a, const Tensor& b, const Tolerance& tolerance) {
  const Tensor exact_a = ops::cast_elements(a, DataType::kDouble);
  const Tensor exact_b = ops::cast_elements(b, DataType::kDouble);
  const auto of_a = exact_a.data<double>(), of_b = exact_b.data<double>();
  Deviation deviation;
  int64_t worst = -1;
  for (size_t i = 0; i < of_a.size(); ++i) {
    if (std::isfinite(of_a[i])) deviation.scale = std::max(deviation.scale, std::abs(of_a[i]));
    const double apart = distance(of_a[i], of_b[i]);
    if (apart > deviation.largest) deviation.largest = apart, worst = static_cast<int64_t>(i);
  }
  if (worst < 0) return deviation;
  const double relative =
      tolerance.relative.value_or(std::max(default_relative(a.type()), default_relative(b.type())));
  deviation.exceeds = !(deviation.largest <= tolerance.absolute + relative * deviation.scale);
  note_place(a, b, worst, deviation);
  return deviation;
}

Deviation measure_integers(const Tensor& a, const Tensor& b) {
  const Tensor exact_a = ops::cast_elements(a, DataType::kInt64);
  const Tensor exact_b = ops::cast_elements(b, DataType::kInt64);
  const auto of_a = exact_a.data<int64_t>(), of_b = exact_b.data<int64_t>();
  Deviation deviation;
  int64_t worst = -1;
  for (size_t i = 0; i < of_a.size(); ++i) {
    deviation.scale = std::max(deviation.scale, std::abs(static_cast<double>(of_a[i])));
    if (of_a[i] == of_b[i]) continue;
    // Neighbours beyond 2^53 differ although they are the same double.
    const double apart = std::max(1.0, std::abs(static_cast<double>(of_b[i]) - static_cast<double>(of_a[i])));
    if (apart > deviation.largest) deviation.largest = apart, worst = static_cast<int64_t>(i);
  }
  deviation.exceeds = worst >= 0;
  if (worst >= 0) note_place(a, b, worst, deviation);
  return deviation;
}

Deviation measure_strings(const Tensor& a, const Tensor& b) {
  for (int64_t i = 0; i < a.count(); ++i) {
    if (element_text(a, i) == element_text(b, i)) continue;
    Deviation deviation = cannot_be_compared("");
    note_place(a, b, i, deviation);
    return deviation;
  }
  return {};
}

// The real and imaginary parts as a last axis.
Tensor parts_of(const Tensor& complex) {
  Dims dims = complex.dims();
  dims.push_back(2);
  const DataType part = complex.type() == DataType::kComplex64 ? DataType::kFloat : DataType::kDouble;
  return Tensor(part, std::move(dims), complex.buffer(),
                static_cast<size_t>(static_cast<const std::byte*>(complex.raw()) -
                                    static_cast<const std::byte*>(complex.buffer()->data())));
}

bool is_complex(DataType type) {
  return type == DataType::kComplex64 || type == DataType::kComplex128;
}

enum class Comparable { kNot, kFloats, kIntegers, kStrings, kComplex };

Comparable kind_of(DataType a, DataType b) {
  const auto both = [&](auto is) { return is(a) && is(b); };
  if (both(is_floating_point)) return Comparable::kFloats;
  if (both(is_integer) || (a == DataType::kBool && b == a)) return Comparable::kIntegers;
  if (a == DataType::kString && b == a) return Comparable::kStrings;
  return both(is_complex) ? Comparable::kComplex : Comparable::kNot;
}

Deviation measure_tensors(const Tensor& given_a, const Tensor& given_b, const Tolerance& tolerance) {
  const Tensor a = given_a.is_contiguous() ? given_a : given_a.clone();
  const Tensor b = given_b.is_contiguous() ? given_b : given_b.clone();
  const Comparable kind = a.dims() == b.dims() ? kind_of(a.type(), b.type()) : Comparable::kNot;
  switch (kind) {
    case Comparable::kNot:
      return cannot_be_compared(a.describe() + " and " + b.describe());
    case Comparable::kFloats:
      return measure_floats(a, b, tolerance);
    case Comparable::kIntegers:
      return measure_integers(a, b);
    case Comparable::kStrings:
      return measure_strings(a, b);
    case Comparable::kComplex:
      break;
  }
  return a.empty() ? Deviation{} : measure_floats(parts_of(a), parts_of(b), tolerance);
}

Deviation measure_sequences(const Sequence& a, const Sequence& b, const Tolerance& tolerance) {
  if (a.size() != b.size())
    return cannot_be_compared(fmt::format("sequences of {} and of {}", a.size(), b.size()));
  Deviation worst;
  for (size_t i = 0; i < a.size(); ++i) {
    Deviation deviation = measure(a[i], b[i], tolerance);
    const bool worse =
        deviation.exceeds != worst.exceeds ? deviation.exceeds : deviation.relative() > worst.relative();
    if (!worse) continue;
    if (!deviation.place.empty()) deviation.place = fmt::format("element {}, {}", i, deviation.place);
    worst = std::move(deviation);
  }
  return worst;
}

Deviation measure_maps(const RuntimeValue& a, const RuntimeValue& b, const Tolerance& tolerance) {
  const double relative = tolerance.relative.value_or(default_relative(a.map().values.type()));
  std::string found = difference(b, a, {relative, tolerance.absolute});
  return found.empty() ? Deviation{} : cannot_be_compared("maps: " + found);
}

}  // namespace

double default_relative(DataType type) {
  switch (type) {
    case DataType::kFloat:
    case DataType::kDouble:
    case DataType::kComplex64:
    case DataType::kComplex128:
      return 1e-4;
    case DataType::kFloat16:
      return 5e-3;
    case DataType::kBfloat16:
      return 4e-2;
    default:
      return is_floating_point(type) ? 0.25 : 0;
  }
}

Deviation measure(const RuntimeValue& a, const RuntimeValue& b, const Tolerance& tolerance) {
  if (a.is_tensor() && b.is_tensor()) return measure_tensors(a.tensor(), b.tensor(), tolerance);
  if (a.is_sequence() && b.is_sequence()) return measure_sequences(a.sequence(), b.sequence(), tolerance);
  if (a.is_map() && b.is_map()) return measure_maps(a, b, tolerance);
  if (!a.has_value() && !b.has_value()) return {};
  return cannot_be_compared(fmt::format("{} and {}", a.kind_name(), b.kind_name()));
}

}  // namespace slipway::workbench
