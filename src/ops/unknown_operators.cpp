#include "ops/unknown_operators.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graph/function_call.hpp"

namespace slipway::ops {
namespace {

using ByName = std::map<std::pair<std::string, std::string>, std::vector<const Node*>>;

void collect(const Graph& graph, const Model& model, const Registry& registry, ByName& unknown) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    if (!registry.find(node->domain(), node->op_type()) && !find_function(model.functions, *node)) {
      const std::string_view domain = canonical_domain(node->domain());
      unknown[{domain.empty() ? "ai.onnx" : std::string(domain), node->op_type()}].push_back(node);
    }
    for_each_subgraph(*node, [&](const Graph& body) { collect(body, model, registry, unknown); });
  }
}

}  // namespace

std::vector<UnknownOperator> unknown_operators(const Model& model, const Registry& registry) {
  ByName unknown;
  collect(*model.graph, model, registry, unknown);
  for (const Function& function : model.functions) collect(*function.body, model, registry, unknown);
  std::vector<UnknownOperator> listed;
  for (auto& [name, nodes] : unknown) listed.push_back({name.first, name.second, std::move(nodes)});
  return listed;
}

std::string name_nodes(const std::vector<const Node*>& nodes, size_t most) {
  std::string text;
  for (size_t i = 0; i < std::min(nodes.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + nodes[i]->describe();
  if (nodes.size() > most) text += fmt::format(" and {} more", nodes.size() - most);
  return text;
}

}  // namespace slipway::ops
