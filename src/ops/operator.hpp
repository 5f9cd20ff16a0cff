// One ONNX operator: everything that is known of it apart from how to make it fast.
//
//   void register_softmax(Registry& registry) {
//     registry.add({.name = "Softmax", .since_version = 13,
//                   .inputs = {{"input", "T"}}, .outputs = {{"output", "T"}},
//                   .attributes = {{"axis", Attribute::Kind::kInt}},
//                   .type_constraints = {{"T", kFloats}},
//                   .infer = infer_like_first_input, .compute = compute_softmax});
//   }
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/attribute.hpp"
#include "ops/footprint.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"
#include "ops/type_set.hpp"

namespace slipway::ops {

enum class Arity : uint8_t { kRequired, kOptional, kVariadic };

// One input or output of the schema. `type` names a type constraint ("T"), or is a type as ONNX's
// documentation spells it: "tensor(int64)", "seq(T)", "optional(T)"; "" takes anything.
struct Parameter {
  std::string_view name;
  std::string_view type;
  Arity arity = Arity::kRequired;
};

struct AttributeSpec {
  std::string_view name;
  Attribute::Kind kind;
  bool required = false;
};

struct TypeConstraint {
  std::string_view name;
  TypeSet types;
};

struct Operator {
  std::string_view name;
  std::string_view domain = "";
  int since_version = 1;  // the opset from which on this is what the operator means
  std::vector<Parameter> inputs = {};
  std::vector<Parameter> outputs = {};
  std::vector<AttributeSpec> attributes = {};
  std::vector<TypeConstraint> type_constraints = {};
  // At least so many of a variadic last input.
  int min_inputs = 0;

  // States the outputs' types from the inputs'. Throws kInvalidModel when they contradict the operator.
  std::function<void(InferenceContext&)> infer = nullptr;
  // The meaning: computes the outputs plainly. Throws Error for inputs that the operator does not take.
  std::function<void(KernelContext&)> compute = nullptr;
  // For spatially local operators, see footprint.hpp; nullptr for others.
  FootprintFunction footprint = nullptr;
  // Floating-point operations of one run, a multiply-add counted as two; nullptr where nobody counts them.
  std::function<double(const ShapeContext&)> flops = nullptr;
  // The same inputs give the same outputs, always; such nodes may be folded and merged.
  bool deterministic = true;
  // The library that brought the operator (src/custom/); "" for the standard's.
  std::string_view library = "";
};

}  // namespace slipway::ops
