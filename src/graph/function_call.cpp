#include "graph/function_call.hpp"

#include "base/error.hpp"

namespace slipway {
namespace {

const Attribute* argument(const Function& function, const Node& call, const std::string& parameter) {
  if (const Attribute* given = call.find_attribute(parameter)) return given;
  for (const Attribute& otherwise : function.attribute_defaults)
    if (otherwise.name() == parameter) return &otherwise;
  return nullptr;
}

void check_argument(const Attribute& reference, const Attribute& argument, const Node& call) {
  const bool same_kind =
      reference.kind() == Attribute::Kind::kUndefined || reference.kind() == argument.kind();
  if (argument.is_reference() || !same_kind)
    fail(ErrorCode::kInvalidModel, "{}: attribute '{}' is of kind {}, but the function reads it as {}",
         call.describe(), argument.name(), argument.is_reference() ? "reference" : name_of(argument.kind()),
         name_of(reference.kind()));
  if (argument.as<std::unique_ptr<Graph>>() || argument.as<Attribute::Graphs>())
    fail(ErrorCode::kUnsupported, "{}: attribute '{}' hands a graph to a function, which is not supported",
         call.describe(), argument.name());
}

void fill_in(Node& node, const Function& function, const Node& call) {
  std::vector<std::string> references;
  for (const Attribute& attribute : node.attributes())
    if (attribute.is_reference()) references.push_back(attribute.name());
  for (const std::string& name : references) {
    const Attribute& reference = *node.find_attribute(name);
    const Attribute* given = argument(function, call, reference.parameter());
    if (!given) {
      node.erase_attribute(name);
      continue;
    }
    check_argument(reference, *given, call);
    node.set_attribute(name, std::move(given->clone().content()));
  }
}

}  // namespace

const Function* find_function(std::span<const Function> functions, const Node& call) {
  for (const Function& function : functions)
    if (function.name == call.op_type() && function.overload == call.overload() &&
        canonical_domain(function.domain) == canonical_domain(call.domain()))
      return &function;
  return nullptr;
}

std::unique_ptr<Graph> instantiate(const Function& function, const Node& call) {
  std::unique_ptr<Graph> body = clone(*function.body);
  std::vector<Graph*> open{body.get()};
  while (!open.empty()) {
    Graph* graph = open.back();
    open.pop_back();
    for (Node* node = graph->first_node(); node; node = node->next()) {
      fill_in(*node, function, call);
      for_each_subgraph(*node, [&](Graph& inner) { open.push_back(&inner); });
    }
  }
  return body;
}

}  // namespace slipway
