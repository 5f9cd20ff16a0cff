// Values that make no sense in a place that is well-formed: what a damaged file does not reach, because its
// checksums and lengths no longer fit.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "hostile/mutator.hpp"
#include "workbench/random_inputs.hpp"

namespace slipway::hostile {

inline constexpr int64_t kNumbers[] = {std::numeric_limits<int64_t>::min(),
                                       std::numeric_limits<int64_t>::max(),
                                       int64_t{1} << 62,
                                       int64_t{1} << 40,
                                       int64_t{1} << 33,
                                       int64_t{1} << 31,
                                       (int64_t{1} << 31) - 1,
                                       -(int64_t{1} << 31),
                                       1'000'000'000,
                                       100'000,
                                       1000,
                                       64,
                                       17,
                                       8,
                                       7,
                                       6,
                                       5,
                                       4,
                                       3,
                                       2,
                                       1,
                                       0,
                                       -1,
                                       -2,
                                       -3,
                                       -4,
                                       -5,
                                       -17};
inline constexpr float kFloats[] = {0, -1, 1e-30f, 1e9f, 1e30f, INFINITY, NAN, 0.5f};
inline constexpr const char* kTexts[] = {"",     "SAME_LOWER", "VALID", "nearest", "edge",
                                         "wrap", "NOTSET",     "ij->",  "...i",    "RIGHT"};
inline constexpr DataType kTypes[] = {
    DataType::kFloat,  DataType::kDouble,    DataType::kFloat16,     DataType::kBfloat16, DataType::kInt64,
    DataType::kInt32,  DataType::kInt8,      DataType::kUint8,       DataType::kBool,     DataType::kString,
    DataType::kUint16, DataType::kComplex64, DataType::kFloat8e4m3fn};

inline Dims some_dims(Mutator& random) {
  constexpr int64_t kSizes[] = {0, 1, 1, 2, 3, 4, 5, 6, 8, 17};
  Dims dims(random.below(6));
  for (int64_t& size : dims) size = random.one_of(kSizes);
  return dims;
}

template <typename T, typename Choices>
Tensor with_some(const Tensor& tensor, const Choices& choices, Mutator& random) {
  Tensor changed = tensor.clone();
  for (size_t changes = 1 + random.below(2); changes > 0; --changes)
    changed.data<T>()[random.below(static_cast<size_t>(changed.count()))] = random.one_of(choices);
  return changed;
}

// Other elements, another rank or another type. Tensors that are no longer there have no type; those whose
// elements were never loaded have no memory.
inline Tensor damaged(const Tensor& tensor, Mutator& random) {
  if (!tensor.defined() || !tensor.raw() || random.one_in(12))
    return random.one_in(2) ? Tensor()
                            : workbench::random_tensor(DataType::kFloat, some_dims(random), random.number());
  if (tensor.type() == DataType::kInt64 && !tensor.empty() && !random.one_in(4))
    return with_some<int64_t>(tensor, kNumbers, random);
  if (tensor.type() == DataType::kFloat && !tensor.empty() && random.one_in(3))
    return with_some<float>(tensor, kFloats, random);
  const DataType type = random.one_in(3) ? random.one_of(kTypes) : tensor.type();
  Dims dims = random.one_in(2) || tensor.count() > 1 << 16 ? some_dims(random) : tensor.dims();
  if (!dims.empty() && random.one_in(2))
    dims[random.below(dims.size())] = static_cast<int64_t>(random.below(7));
  return workbench::random_tensor(type, dims, random.number());
}

inline void damage(int64_t& number, Mutator& random) {
  number = random.one_of(kNumbers);
}
inline void damage(float& number, Mutator& random) {
  number = random.one_of(kFloats);
}
inline void damage(std::string& text, Mutator& random) {
  text = random.one_of(kTexts);
}
template <typename T>
  requires requires(T& element, Mutator& random) { damage(element, random); }
void damage(std::vector<T>& list, Mutator& random) {
  if (random.one_in(3)) list.resize(random.below(6), T());
  if (!list.empty()) damage(list[random.below(list.size())], random);
}

// What an attribute holds, in any variant of kinds that float is one of. Graphs and types stay as they are.
template <typename Variant>
void damage_content(Variant& content, Mutator& random) {
  std::visit(
      [&](auto& value) {
        if constexpr (requires { damage(value, random); }) damage(value, random);
      },
      content);
  if (random.one_in(16)) content = 0.5f;
}

}  // namespace slipway::hostile
