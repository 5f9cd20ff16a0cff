// And, Or, Xor, Not; the comparisons; the bitwise operators.
#include "ops/elementwise.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

void compute_and(KernelContext& context) {
  map_pairs<Elements<bool>>(context, [](bool a, bool b) { return a && b; });
}
void compute_or(KernelContext& context) {
  map_pairs<Elements<bool>>(context, [](bool a, bool b) { return a || b; });
}
void compute_xor(KernelContext& context) {
  map_pairs<Elements<bool>>(context, [](bool a, bool b) { return a != b; });
}
void compute_not(KernelContext& context) {
  map_elements<Elements<bool>>(context, [](bool a) { return !a; });
}

void compute_equal_strings(KernelContext& context) {
  const Tensor& a = context.input(0);
  const Tensor& b = context.input(1);
  const Dims dims = broadcast_dims(a.dims(), b.dims());
  const auto left = a.data<Text>(), right = b.data<Text>();
  const auto out = context.make_output(0, DataType::kBool, dims).data<bool>();
  StridedWalk<2> at(dims, {broadcast_strides(a.dims(), dims), broadcast_strides(b.dims(), dims)});
  for (size_t i = 0; i < out.size(); ++i, at.next())
    out[i] = left[static_cast<size_t>(at[0])] == right[static_cast<size_t>(at[1])];
}

void compute_equal(KernelContext& context) {
  if (context.input(0).type() == DataType::kString) return compute_equal_strings(context);
  map_pairs<Join<Numbers, Elements<bool>>>(context, [](auto a, auto b) { return a == b; });
}
void compute_less(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return a < b; });
}
void compute_less_or_equal(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return a <= b; });
}
void compute_greater(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return a > b; });
}
void compute_greater_or_equal(KernelContext& context) {
  map_pairs<Numbers>(context, [](auto a, auto b) { return a >= b; });
}

void compute_bitwise_and(KernelContext& context) {
  map_pairs<Integers>(context, [](auto a, auto b) { return static_cast<decltype(a)>(a & b); });
}
void compute_bitwise_or(KernelContext& context) {
  map_pairs<Integers>(context, [](auto a, auto b) { return static_cast<decltype(a)>(a | b); });
}
void compute_bitwise_xor(KernelContext& context) {
  map_pairs<Integers>(context, [](auto a, auto b) { return static_cast<decltype(a)>(a ^ b); });
}
void compute_bitwise_not(KernelContext& context) {
  map_elements<Integers>(context, [](auto a) { return static_cast<decltype(a)>(~a); });
}

void compute_bit_shift(KernelContext& context) {
  const std::string direction = context.node().string_attribute("direction", "");
  if (direction != "LEFT" && direction != "RIGHT")
    fail(ErrorCode::kInvalidModel, "attribute 'direction' is '{}', but LEFT or RIGHT was expected",
         direction);
  const bool left = direction == "LEFT";
  map_pairs<UnsignedIntegers>(context, [left](auto x, auto by) {
    using T = decltype(x);
    // All bits are gone then; the language does not define it.
    if (by >= sizeof(T) * 8) return T{0};
    return left ? static_cast<T>(static_cast<uint64_t>(x) << by) : static_cast<T>(x >> by);
  });
}

constexpr TypeSet kComparable = kNumbers | TypeSet{DataType::kBool, DataType::kString};

}  // namespace

void register_logic(Registry& registry) {
  registry.add(binary_operator("And", 7, {DataType::kBool}, compute_and));
  registry.add(binary_operator("Or", 7, {DataType::kBool}, compute_or));
  registry.add(binary_operator("Xor", 7, {DataType::kBool}, compute_xor));
  registry.add(unary_operator("Not", 1, {DataType::kBool}, compute_not));

  registry.add(binary_predicate("Equal", 19, kComparable, compute_equal));
  registry.add(binary_predicate("Less", 13, kNumbers, compute_less));
  registry.add(binary_predicate("LessOrEqual", 16, kNumbers, compute_less_or_equal));
  registry.add(binary_predicate("Greater", 13, kNumbers, compute_greater));
  registry.add(binary_predicate("GreaterOrEqual", 16, kNumbers, compute_greater_or_equal));

  registry.add(binary_operator("BitwiseAnd", 18, kIntegers, compute_bitwise_and));
  registry.add(binary_operator("BitwiseOr", 18, kIntegers, compute_bitwise_or));
  registry.add(binary_operator("BitwiseXor", 18, kIntegers, compute_bitwise_xor));
  registry.add(unary_operator("BitwiseNot", 18, kIntegers, compute_bitwise_not));
  Operator shift = binary_operator("BitShift", 11, kUnsignedIntegers, compute_bit_shift);
  shift.attributes = {{"direction", Attribute::Kind::kString, true}};
  registry.add(std::move(shift));
}

}  // namespace slipway::ops
