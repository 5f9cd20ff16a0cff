#include "workbench/compare/segments.hpp"

#include "workbench/compare/reads.hpp"

namespace slipway::workbench {

Segment segment_before(const Value& end, const std::unordered_set<const Value*>& known) {
  Segment segment;
  std::unordered_set<const Value*> seen{&end};
  std::unordered_set<const Node*> taken;
  std::vector<const Value*> pending{&end};
  while (!pending.empty()) {
    const Value* value = pending.back();
    pending.pop_back();
    const Node* node = value->producer();
    const bool begins = value != &end && known.count(value) > 0;
    if (begins || (!node && value->is_graph_input() && !value->initializer())) segment.from.push_back(value);
    if (begins || !node || !taken.insert(node).second) continue;
    segment.nodes.push_back(node);
    for (const Value* read : reads_of(*node))
      if (seen.insert(read).second) pending.push_back(read);
  }
  return segment;
}

}  // namespace slipway::workbench
