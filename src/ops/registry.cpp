#include "ops/registry.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway::ops {

#include "ops/operator_table.inc"

namespace {

std::string key_of(std::string_view domain, std::string_view name) {
  return fmt::format("{}:{}", canonical_domain(domain), name);
}

}  // namespace

Registry Registry::beyond(const Registry& base) {
  Registry registry;
  registry.base_ = &base;
  return registry;
}

void Registry::add(Operator definition) {
  std::string key = key_of(definition.domain, definition.name);
  if (base_ && base_->find(definition.domain, definition.name))
    fail(ErrorCode::kInternal, "operator '{}' is registered in the base already", key);
  auto entry = std::make_unique<Operator>(std::move(definition));
  if (!operators_.emplace(key, std::move(entry)).second)
    fail(ErrorCode::kInternal, "operator '{}' is registered twice", key);
}

const Operator* Registry::find(std::string_view domain, std::string_view name) const {
  const auto found = operators_.find(key_of(domain, name));
  if (found != operators_.end()) return found->second.get();
  return base_ ? base_->find(domain, name) : nullptr;
}

const Operator& Registry::get(const Node& node) const {
  if (const Operator* found = find(node.domain(), node.op_type())) return *found;
  const std::string_view domain = canonical_domain(node.domain());
  fail(ErrorCode::kUnsupported, "{}: this build has no operator '{}' of domain '{}'", node.describe(),
       node.op_type(), domain.empty() ? "ai.onnx" : domain);
}

std::vector<const Operator*> Registry::all() const {
  std::vector<const Operator*> result;
  if (base_) result = base_->all();
  for (const auto& [key, definition] : operators_) result.push_back(definition.get());
  std::sort(result.begin(), result.end(), [](const Operator* a, const Operator* b) {
    return std::pair(a->domain, a->name) < std::pair(b->domain, b->name);
  });
  return result;
}

const Registry& standard_operators() {
  static const Registry registry = [] {
    Registry made;
    for (auto* register_family : kOperatorFamilies) register_family(made);
    return made;
  }();
  return registry;
}

}  // namespace slipway::ops
