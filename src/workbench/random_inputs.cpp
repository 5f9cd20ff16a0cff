#include "workbench/random_inputs.hpp"

#include <algorithm>
#include <complex>
#include <type_traits>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // In [0, 1), a multiple of 2^-24, so that every float type below 64 bits sees the same number.
  float fraction() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  bool flag() { return (next() >> 63) != 0; }

 private:
  uint64_t state_;
};

template <typename T>
void fill(Tensor& tensor, Random& random) {
  for (T& element : tensor.data<T>()) {
    if constexpr (std::is_same_v<T, Text>) {
      element = random.flag() ? "1" : "0";
    } else if constexpr (std::is_same_v<T, bool>) {
      element = random.flag();
    } else if constexpr (std::is_integral_v<T>) {
      element = static_cast<T>(random.flag());
    } else if constexpr (std::is_floating_point_v<T>) {
      element = static_cast<T>(random.fraction());
    } else if constexpr (std::is_constructible_v<T, float, float>) {
      const float real = random.fraction();
      element = T(real, random.fraction());
    } else {
      element = T(random.fraction());
    }
  }
}

struct Filler {
  DataType type;
  void (*fill)(Tensor&, Random&);
};

template <typename... Ts>
void fill_any(Tensor& tensor, Random& random) {
  constexpr Filler kFillers[] = {{data_type_of<Ts>, fill<Ts>}...};
  for (const Filler& filler : kFillers)
    if (filler.type == tensor.type()) return filler.fill(tensor, random);
  fail(ErrorCode::kUnsupported, "no random elements of type {} can be made", name_of(tensor.type()));
}

void check_names(const std::vector<backends::Port>& ports, const InputValues& values) {
  for (const auto& [name, value] : values)
    if (std::none_of(ports.begin(), ports.end(), [&](const auto& port) { return port.name == name; }))
      fail(ErrorCode::kInvalidArgument, "the model has no input '{}'", name);
}

}  // namespace

Tensor random_tensor(DataType type, const Dims& dims, uint64_t seed) {
  Tensor tensor(type, dims);
  Random random(seed);
  fill_any<float, double, Float16, Bfloat16, Float8e4m3fn, Float8e4m3fnuz, Float8e5m2, Float8e5m2fnuz,
           Float8e8m0, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, bool, Text,
           std::complex<float>, std::complex<double>>(tensor, random);
  return tensor;
}

std::vector<RuntimeValue> make_inputs(const Model& model, const std::vector<backends::Port>& ports,
                                      const InputShapes& given_shapes, const InputValues& given,
                                      uint64_t seed) {
  check_names(ports, given);
  const InputShapes shapes = choose_shapes(model, given_shapes);
  std::vector<RuntimeValue> values(ports.size());
  for (size_t i = 0; i < ports.size(); ++i) {
    const backends::Port& port = ports[i];
    if (const auto value = given.find(port.name); value != given.end()) {
      values[i] = value->second;
    } else if (const auto shape = shapes.find(port.name); shape != shapes.end()) {
      values[i] = random_tensor(port.type.element_type(), shape->second, seed + i);
    } else if (!port.optional && port.type.kind() != Type::Kind::kOptional) {
      fail(ErrorCode::kInvalidArgument,
           "input '{}' is {}, whose sizes are not fixed; state them, for example --shape {}=1x3x224x224",
           port.name, port.type.to_string(), port.name);
    }
  }
  return values;
}

}  // namespace slipway::workbench
