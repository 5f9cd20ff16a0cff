// Runs B's nodes one after the other on A's values and finds the counterparts on the way.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/progress.hpp"
#include "workbench/compare/activations.hpp"
#include "workbench/compare/deviation.hpp"
#include "workbench/compare/ends.hpp"
#include "workbench/compare/known_values.hpp"
#include "workbench/compare/partners.hpp"

namespace slipway::workbench {

// A value of B with its counterpart.
struct Match {
  const Value *a, *b;
  std::optional<Deviation> own;
  std::string failure;  // of B's node on A's values
};

class Walk {
 public:
  // All must outlive this.
  Walk(const OpenedModel& b, Activations& of_a, const Partners& partners, const Ends& ends,
       const Tolerance& tolerance);

  // In the order of B's nodes. Throws what running A throws.
  std::vector<Match> run(Progress& progress);

 private:
  struct Made {
    std::vector<RuntimeValue> outputs;  // empty when the node did not run
    std::string failure;                // why not
  };

  Made run_node(const Node& node) const;
  void visit(const Node& node);
  const Value* counterpart_of(const Value& b, const RuntimeValue* made);
  const Value* output_counterpart_of(const Value& b) const;
  bool reads_counterpart(const Node& b, const Value& a) const;
  bool agrees(const Value& a, const RuntimeValue& made);

  const OpenedModel& b_;
  Activations& of_a_;
  const Partners& partners_;
  const Ends& ends_;
  Tolerance tolerance_;
  KnownValues known_;
  std::vector<Match> matches_;
  std::unordered_map<const Value*, const Value*> counterpart_;  // of B's values in A
  // What the nodes of B read: A's values where there is a counterpart, else what B's nodes made of them.
  std::unordered_map<const Value*, RuntimeValue> current_;
  // What could not be made, and why not.
  std::unordered_map<const Value*, std::string> missing_;
};

}  // namespace slipway::workbench
