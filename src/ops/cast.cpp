// Cast and CastLike. Elements go through the widest type of their kind (double, i64, u64 or string), a block
// at a time, so that there is one reader per source type and one writer per target type.
#include "ops/cast.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "ops/element_dispatch.hpp"
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"
#include "tensor/packed.hpp"

namespace slipway::ops {
namespace {

constexpr int64_t kBlock = 512;

using Castable = Join<Numbers, Join<Float8s, Elements<Float8e8m0, bool, Text>>>;

// ---- reading ----

template <typename Wide, typename T>
Wide widen(const T& value) {
  if constexpr (std::is_same_v<Wide, Text> || std::is_same_v<T, Text>) {
    if constexpr (std::is_same_v<Wide, T>) return value;
    return Wide{};  // never: a string is read as a string, and nothing else is
  } else {
    return static_cast<Wide>(to_exact(value));
  }
}

template <typename Wide>
void read_block(const Tensor& from, int64_t begin, std::span<Wide> block) {
  const auto count = static_cast<int64_t>(block.size());
  if (is_packed(from.type())) {
    if constexpr (!std::is_same_v<Wide, Text>)
      for (int64_t i = 0; i < count; ++i)
        block[static_cast<size_t>(i)] =
            static_cast<Wide>(decode_packed(from.type(), read_packed(from.type(), from.raw(), begin + i)));
    return;
  }
  dispatch<Castable>(from.type(), [&]<typename T>(ElementType<T>) {
    const auto elements = from.data<T>().subspan(static_cast<size_t>(begin), block.size());
    for (size_t i = 0; i < block.size(); ++i) block[i] = widen<Wide>(elements[i]);
  });
}

// ---- strings ----

std::string text_of(double value, DataType type) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-INF" : "INF";
  // The shortest digits that name this number among those of its type.
  return type == DataType::kDouble ? fmt::format("{}", value) : fmt::format("{}", static_cast<float>(value));
}
std::string text_of(std::integral auto value, DataType) {
  return fmt::format("{}", value);
}

template <typename Number>
std::optional<Number> parse(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  // What lies beyond the type's range is no number of it.
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

double parse_float(std::string_view text) {
  if (const auto number = parse<double>(text)) return *number;
  fail(ErrorCode::kInvalidArgument, "the string '{}' is not a number and cannot be cast to one",
       text.substr(0, 64));
}

// ---- writing ----

template <std::integral T>
T to_integer(std::integral auto value) {
  return static_cast<T>(value);
}
template <std::integral T>
T to_integer(double value) {
  return static_cast<T>(truncated(value));
}
template <std::integral T>
T to_integer(const Text& text) {
  if (const auto number = parse<T>(text)) return *number;
  return to_integer<T>(parse_float(text));
}

double to_float(const Text& text) {
  return parse_float(text);
}
template <typename Wide>
Wide to_float(Wide value) {
  return value;
}

bool to_bool(const Text& text) {
  return parse_float(text) != 0;
}
bool to_bool(auto value) {
  return value != 0;
}

template <typename T>
struct Narrow {
  CastOptions options;
  DataType source;

  T operator()(const auto& value) const {
    if constexpr (std::is_same_v<T, bool>)
      return to_bool(value);
    else if constexpr (std::is_integral_v<T>)
      return to_integer<T>(value);
    else
      return static_cast<T>(to_float(value));
  }
};

template <SmallFloatKind K, typename Bits>
struct Narrow<SmallFloat<K, Bits>> {
  CastOptions options;
  DataType source;

  SmallFloat<K, Bits> operator()(const auto& value) const {
    return SmallFloat<K, Bits>::from_bits(static_cast<Bits>(encode(static_cast<double>(to_float(value)))));
  }
  uint32_t encode(double value) const {
    if (K == SmallFloatKind::kFloat8e8m0)
      return encode_scale(value, options.scale_rounding, options.saturate);
    const bool is_float8 = sizeof(Bits) == 1;
    return encode_small_float(K, value, is_float8 && options.saturate);
  }
};

template <>
struct Narrow<Text> {
  CastOptions options;
  DataType source;

  Text operator()(const Text& text) const { return text; }
  Text operator()(auto value) const { return Text(text_of(value, source)); }
};

template <typename Wide>
void write_packed_block(std::span<const Wide> block, Tensor& to, int64_t begin) {
  for (size_t i = 0; i < block.size(); ++i) {
    const uint8_t bits = to.type() == DataType::kFloat4e2m1
                             ? static_cast<uint8_t>(encode_small_float(
                                   SmallFloatKind::kFloat4e2m1, static_cast<double>(to_float(block[i]))))
                             : encode_packed_integer(to.type(), to_integer<int64_t>(block[i]));
    write_packed(to.type(), to.raw(), begin + static_cast<int64_t>(i), bits);
  }
}

template <typename Wide>
void write_block(std::span<const Wide> block, Tensor& to, int64_t begin, const CastOptions& options,
                 DataType source) {
  if (is_packed(to.type())) return write_packed_block(block, to, begin);
  dispatch<Castable>(to.type(), [&]<typename T>(ElementType<T>) {
    const auto elements = to.data<T>().subspan(static_cast<size_t>(begin), block.size());
    const Narrow<T> narrow{options, source};
    for (size_t i = 0; i < block.size(); ++i) elements[i] = narrow(block[i]);
  });
}

template <typename Wide>
void cast_through(const Tensor& from, Tensor& to, const CastOptions& options) {
  std::array<Wide, kBlock> storage{};
  for (int64_t begin = 0; begin < from.count(); begin += kBlock) {
    const auto count = static_cast<size_t>(std::min(kBlock, from.count() - begin));
    const std::span<Wide> block(storage.data(), count);
    read_block(from, begin, block);
    write_block(std::span<const Wide>(block), to, begin, options, from.type());
  }
}

// ---- the operators ----

CastOptions options_of(const Node& node) {
  CastOptions options;
  options.saturate = node.int_attribute("saturate", 1) != 0;
  const std::string mode = node.string_attribute("round_mode", "up");
  if (mode == "down") {
    options.scale_rounding = ScaleRounding::kDown;
  } else if (mode == "nearest") {
    options.scale_rounding = ScaleRounding::kNearest;
  } else if (mode != "up") {
    fail(ErrorCode::kInvalidModel, "attribute 'round_mode' is '{}', but up, down or nearest was expected",
         mode);
  }
  return options;
}

DataType target_type(const Node& node) {
  return type_attribute(node, "to", DataType::kUndefined);
}

void compute(KernelContext& context, DataType to) {
  const Tensor& from = context.input(0);
  cast_elements(from, context.make_output(0, to, from.dims()), options_of(context.node()));
}

void compute_cast(KernelContext& context) {
  compute(context, target_type(context.node()));
}

void compute_cast_like(KernelContext& context) {
  compute(context, context.input(1).type());
}

// Throws where the fast kernel, which does not read them, would not notice.
void check_options(const InferenceContext& context) {
  static_cast<void>(options_of(context.node()));
}

void infer_cast(InferenceContext& context) {
  check_options(context);
  const DataType to = target_type(context.node());
  context.set_output_type(0, Type::tensor(to, context.input_shape(0)));
  if (to == DataType::kInt64 || to == DataType::kInt32)
    if (auto elements = context.input_elements(0)) context.set_output_elements(0, std::move(*elements));
}

void infer_cast_like(InferenceContext& context) {
  check_options(context);
  context.set_output_type(0, Type::tensor(context.input_element_type(1), context.input_shape(0)));
}

constexpr TypeSet kCastable = kNumbers | kFloat8s | kPacked | TypeSet{DataType::kBool, DataType::kString};

}  // namespace

int64_t truncated(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (value >= -kLimit && value < kLimit) return static_cast<int64_t>(value);
  // The upper half of u64.
  if (value >= kLimit && value < 2 * kLimit) return static_cast<int64_t>(static_cast<uint64_t>(value));
  return std::numeric_limits<int64_t>::min();
}

void cast_elements(const Tensor& from, Tensor& to, const CastOptions& options) {
  const DataType source = from.type();
  if (!kCastable.contains(source) || !kCastable.contains(to.type()))
    fail(ErrorCode::kUnsupported, "elements of type {} cannot be cast to {}", name_of(source),
         name_of(to.type()));
  if (source == DataType::kString) return cast_through<Text>(from, to, options);
  if (source == DataType::kUint64) return cast_through<uint64_t>(from, to, options);
  if (is_floating_point(source)) return cast_through<double>(from, to, options);
  cast_through<int64_t>(from, to, options);
}

Tensor cast_elements(const Tensor& from, DataType to, const CastOptions& options) {
  Tensor result(to, from.dims());
  cast_elements(from, result, options);
  return result;
}

void register_cast(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add(
      {.name = "Cast",
       .since_version = 25,
       .inputs = {{"input", "T1"}},
       .outputs = {{"output", "T2"}},
       .attributes = {{"to", Kind::kInt, true}, {"saturate", Kind::kInt}, {"round_mode", Kind::kString}},
       .type_constraints = {{"T1", kCastable}, {"T2", kCastable}},
       .infer = infer_cast,
       .compute = compute_cast,
       .footprint = footprint_elementwise});
  registry.add({.name = "CastLike",
                .since_version = 25,
                .inputs = {{"input", "T1"}, {"target_type", "T2"}},
                .outputs = {{"output", "T2"}},
                .attributes = {{"saturate", Kind::kInt}, {"round_mode", Kind::kString}},
                .type_constraints = {{"T1", kCastable}, {"T2", kCastable}},
                .infer = infer_cast_like,
                .compute = compute_cast_like});
}

}  // namespace slipway::ops
