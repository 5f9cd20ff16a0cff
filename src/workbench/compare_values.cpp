#include "workbench/compare_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>

#include "ops/cast.hpp"
#include "ops/element_dispatch.hpp"
#include "ops/element_mover.hpp"
#include "tensor/packed.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway::workbench {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far a tensor is from the expected one.
struct Distance {
  int64_t wrong = 0;
  int64_t worst = -1;  // its index
  double largest = -1;

  void add(int64_t index, double difference) {
    ++wrong;
    if (difference > largest) largest = difference, worst = index;
  }
};

using Compared =
    ops::Join<ops::Floats,
              ops::Join<ops::Float8s, ops::Elements<Float8e8m0, std::complex<float>, std::complex<double>>>>;

std::complex<double> as_complex(std::complex<double> value) {
  return value;
}
std::complex<double> as_complex(std::complex<float> value) {
  return {value.real(), value.imag()};
}
template <typename T>
std::complex<double> as_complex(T value) {
  return static_cast<double>(ops::to_exact(value));
}

bool same_part(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

void compare_number(int64_t index, std::complex<double> got, std::complex<double> expected,
                    const Bounds& bounds, Distance& distance) {
  if (same_part(got.real(), expected.real()) && same_part(got.imag(), expected.imag())) return;
  const double apart = std::abs(got - expected);
  const bool finite = std::isfinite(apart) && std::isfinite(std::abs(expected));
  if (!finite) return distance.add(index, kInfinity);
  if (apart > bounds.absolute + bounds.relative * std::abs(expected)) distance.add(index, apart);
}

Distance compare_elements(const Tensor& got, const Tensor& expected, const Bounds& bounds) {
  Distance distance;
  const DataType type = got.type();
  if (type == DataType::kFloat4e2m1) {
    for (int64_t i = 0; i < got.count(); ++i)
      compare_number(i, decode_packed(type, read_packed(type, got.raw(), i)),
                     decode_packed(type, read_packed(type, expected.raw(), i)), bounds, distance);
  } else if (is_integer(type) || type == DataType::kBool || type == DataType::kString) {
    for (int64_t i = 0; i < got.count(); ++i)
      if (element_text(got, i) != element_text(expected, i)) distance.add(i, 0);
  } else {
    ops::dispatch<Compared>(type, [&]<typename T>(ops::ElementType<T>) {
      const auto a = got.data<T>(), b = expected.data<T>();
      for (size_t i = 0; i < a.size(); ++i)
        compare_number(static_cast<int64_t>(i), as_complex(a[i]), as_complex(b[i]), bounds, distance);
    });
  }
  return distance;
}

// The index of an element by axis.
Dims place_of(int64_t index, const Dims& dims) {
  Dims place(dims.size());
  for (size_t axis = dims.size(); axis-- > 0;) {
    place[axis] = index % dims[axis];
    index /= dims[axis];
  }
  return place;
}

std::string tensor_form_difference(const Tensor& got, const Tensor& expected) {
  if (got.type() == expected.type() && got.dims() == expected.dims()) return "";
  return fmt::format("it is {}, expected was {}", got.describe(), expected.describe());
}

std::string tensor_difference(const Tensor& got, const Tensor& expected, const Bounds& bounds) {
  if (std::string form = tensor_form_difference(got, expected); !form.empty()) return form;
  if (got.empty() || identical(got, expected)) return "";
  const Distance distance = compare_elements(got, expected, bounds);
  if (distance.wrong == 0) return "";
  const std::string apart =
      distance.largest > 0 ? fmt::format(", the largest difference is {:.3g}", distance.largest) : "";
  return fmt::format("{} of {} elements differ{}: at [{}] stands {}, expected was {}", distance.wrong,
                     got.count(), apart, fmt::join(place_of(distance.worst, got.dims()), ","),
                     element_text(got, distance.worst), element_text(expected, distance.worst));
}

std::string kind_of(const RuntimeValue& value) {
  if (value.is_tensor()) return value.tensor().describe();
  if (value.is_sequence()) return fmt::format("a sequence of {}", value.sequence().size());
  if (value.is_map()) return fmt::format("a map of {}", value.map().keys.count());
  return "an empty optional";
}

// Maps are the same in any order; files have them in that of the keys.
Map sorted(const Map& map) {
  std::vector<int64_t> order(static_cast<size_t>(map.keys.count()));
  std::iota(order.begin(), order.end(), int64_t{0});
  const bool texts = map.keys.type() == DataType::kString;
  const Tensor keys = texts ? map.keys : ops::cast_elements(map.keys, DataType::kInt64);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    if (!texts)
      return keys.data<int64_t>()[static_cast<size_t>(a)] < keys.data<int64_t>()[static_cast<size_t>(b)];
    return keys.data<Text>()[static_cast<size_t>(a)] < keys.data<Text>()[static_cast<size_t>(b)];
  });
  const auto reordered = [&](const Tensor& tensor) {
    Tensor result(tensor.type(), tensor.dims());
    const ops::ElementMover mover(tensor, result);
    for (size_t i = 0; i < order.size(); ++i) mover.move(order[i], static_cast<int64_t>(i));
    return result;
  };
  return {reordered(map.keys), reordered(map.values)};
}

template <typename Compare>
std::string map_difference(const Map& got, const Map& expected, Compare compare) {
  const Map a = sorted(got), b = sorted(expected);
  if (const std::string keys = compare(a.keys, b.keys); !keys.empty()) return "keys: " + keys;
  const std::string values = compare(a.values, b.values);
  return values.empty() ? "" : "values in the keys' order: " + values;
}

// Tensors by `compare`, everything else by its form.
template <typename Compare>
std::string difference_by(const RuntimeValue& got, const RuntimeValue& expected, Compare compare) {
  if (got.is_tensor() && expected.is_tensor()) return compare(got.tensor(), expected.tensor());
  if (got.is_map() && expected.is_map()) return map_difference(got.map(), expected.map(), compare);
  const bool sequences = got.is_sequence() && expected.is_sequence();
  if (!got.has_value() && !expected.has_value()) return "";
  if (!sequences || got.sequence().size() != expected.sequence().size())
    return fmt::format("it is {}, expected was {}", kind_of(got), kind_of(expected));
  for (size_t i = 0; i < got.sequence().size(); ++i) {
    const std::string found = difference_by(got.sequence()[i], expected.sequence()[i], compare);
    if (!found.empty()) return fmt::format("element {}: {}", i, found);
  }
  return "";
}

}  // namespace

std::string difference(const RuntimeValue& got, const RuntimeValue& expected, const Bounds& bounds) {
  return difference_by(got, expected,
                       [&](const Tensor& a, const Tensor& b) { return tensor_difference(a, b, bounds); });
}

std::string form_difference(const RuntimeValue& got, const RuntimeValue& expected) {
  return difference_by(got, expected, tensor_form_difference);
}

}  // namespace slipway::workbench
