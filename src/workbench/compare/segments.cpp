#include "workbench/compare/segments.hpp"

#include <algorithm>

#include "workbench/compare/reads.hpp"

namespace slipway::workbench {

Segments::Segments(const Graph& graph, const std::unordered_set<const Value*>& known) : known_(known) {
  for (const Node* node = graph.first_node(); node; node = node->next())
    position_.emplace(node, position_.size());
}

Segment Segments::before(const Value& end) const {
  Segment segment;
  std::unordered_set<const Value*> seen{&end};
  std::unordered_set<const Node*> taken;
  std::vector<const Value*> pending{&end};
  while (!pending.empty()) {
    const Value* value = pending.back();
    pending.pop_back();
    const Node* node = value->producer();
    const bool begins = value != &end && known_.count(value) > 0;
    if (begins || (!node && value->is_graph_input() && !value->initializer())) segment.from.push_back(value);
    if (begins || !node || !taken.insert(node).second) continue;
    segment.nodes.push_back(node);
    for (const Value* read : reads_of(*node))
      if (seen.insert(read).second) pending.push_back(read);
  }
  std::sort(segment.nodes.begin(), segment.nodes.end(),
            [&](const Node* a, const Node* b) { return position_.at(a) < position_.at(b); });
  return segment;
}

}  // namespace slipway::workbench
