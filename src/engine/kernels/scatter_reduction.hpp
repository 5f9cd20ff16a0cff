// What ScatterElements and ScatterND do with an update and what it meets, for those types that the fast
// kernels take.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>

#include "base/thread_pool.hpp"
#include "engine/kernel.hpp"
#include "tensor/tensor.hpp"

namespace slipway::engine {

// An element of 16 bytes that nobody looks into.
struct SixteenBytes {
  uint64_t low, high;
};

// Calls visit(Unit{}) with a type of `width` bytes: 1, 2, 4, 8 or 16.
template <typename Visit>
void with_unit(size_t width, Visit visit) {
  switch (width) {
    case 1:
      return visit(uint8_t{});
    case 2:
      return visit(uint16_t{});
    case 4:
      return visit(uint32_t{});
    case 8:
      return visit(uint64_t{});
    default:
      return visit(SixteenBytes{});
  }
}

// A copy by several threads.
inline void copy_whole(const Tensor& from, Tensor& to, ThreadPool& pool) {
  constexpr size_t kPieceBytes = size_t{256} * 1024;
  const size_t bytes = to.bytes();
  pool.parallel_for((bytes + kPieceBytes - 1) / kPieceBytes, [&](size_t piece, int) {
    const size_t begin = piece * kPieceBytes;
    std::memcpy(static_cast<std::byte*>(to.raw()) + begin, static_cast<const std::byte*>(from.raw()) + begin,
                std::min(kPieceBytes, bytes - begin));
  });
}

class ScatterReduction {
 public:
  // Nothing for what only the reference kernel does.
  static std::optional<ScatterReduction> of(const KernelRequest& request) {
    const DataType type = request.input_types[0];
    const std::string name = request.node().string_attribute("reduction", "none");
    const bool combines = type == DataType::kFloat || type == DataType::kDouble || type == DataType::kInt32 ||
                          type == DataType::kInt64;
    for (Kind kind : {Kind::kNone, Kind::kAdd, Kind::kMul, Kind::kMax, Kind::kMin})
      if (name == kNames[static_cast<size_t>(kind)] && bits_of(type) >= 8 &&
          (kind == Kind::kNone || combines))
        return ScatterReduction(kind, type);
    return std::nullopt;
  }

  // Calls visit(combine, T{}): combine(what is there, the update).
  template <typename Visit>
  void visit(Visit visit) const {
    if (kind_ == Kind::kNone)
      return with_unit(static_cast<size_t>(bits_of(type_)) / 8,
                       [&]<typename T>(T unit) { visit([](T, T update) { return update; }, unit); });
    switch (type_) {
      case DataType::kFloat:
        return visit_kind<float>(visit);
      case DataType::kDouble:
        return visit_kind<double>(visit);
      case DataType::kInt32:
        return visit_kind<int32_t>(visit);
      default:
        return visit_kind<int64_t>(visit);
    }
  }

 private:
  enum class Kind : uint8_t { kNone, kAdd, kMul, kMax, kMin };
  static constexpr std::string_view kNames[] = {"none", "add", "mul", "max", "min"};

  ScatterReduction(Kind kind, DataType type) : kind_(kind), type_(type) {}

  // Integers wrap. NaN wins.
  template <typename T, typename Visit>
  void visit_kind(Visit visit) const {
    using Wrapping = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>,
                                                 std::type_identity<T>>::type;
    const auto add = [](T a, T b) {
      return static_cast<T>(static_cast<Wrapping>(a) + static_cast<Wrapping>(b));
    };
    const auto multiply = [](T a, T b) {
      return static_cast<T>(static_cast<Wrapping>(a) * static_cast<Wrapping>(b));
    };
    if (kind_ == Kind::kAdd) return visit(add, T{});
    if (kind_ == Kind::kMul) return visit(multiply, T{});
    if (kind_ == Kind::kMax) return visit([](T a, T b) { return a > b || a != a ? a : b; }, T{});
    visit([](T a, T b) { return a < b || a != a ? a : b; }, T{});
  }

  Kind kind_;
  DataType type_;
};

}  // namespace slipway::engine
