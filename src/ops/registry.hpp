// The operators that an Environment knows. Filled once, constant afterwards, so it may be read from any
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ops/operator.hpp"

namespace slipway::ops {

class Registry {
 public:
  Registry() = default;
  // Knows what `base` knows too, which must outlive it.
  static Registry beyond(const Registry& base);

  // Throws kInternal when the operator is there already.
  void add(Operator definition);
  // nullptr when nobody registered it. Domain "ai.onnx" is "".
  const Operator* find(std::string_view domain, std::string_view name) const;
  // Throws kUnsupported naming the node's operator and domain.
  const Operator& get(const Node& node) const;
  // In order of domain and name, those of the base too.
  std::vector<const Operator*> all() const;

 private:
  const Registry* base_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<Operator>> operators_;
};

// Every operator of operators.txt. Made at the first call.
const Registry& standard_operators();

// Does the node keep to the schema: number of inputs and outputs, attributes known, required and of the right
// kind, element types allowed and consistent? Throws kInvalidModel naming node, parameter, what came and what
// is expected.
void check_schema(const Operator& definition, const Node& node);
// The same with types that are not (yet) the graph's.
using TypeLookup = std::function<const Type&(const Value&)>;
void check_schema(const Operator& definition, const Node& node, const TypeLookup& type_of);
// The same with the inputs that a run has at hand, before their elements are read: a model may leave types
// open, or state others than come out. The error does not name the node.
using RunLookup = std::function<const RuntimeValue&(size_t input)>;
void check_run(const Operator& definition, const Node& node, const RunLookup& value_of);

}  // namespace slipway::ops
