// The values of a model's nodes for one set of inputs. What does not fit into the memory that is granted is
// worked out again when it is asked for.
#pragma once

#include <list>
#include <unordered_map>
#include <vector>

#include "workbench/compare/opened_model.hpp"

namespace slipway::workbench {

class Activations {
 public:
  // The model must outlive this. `budget`: bytes that the values may hold, as far as their types tell.
  Activations(const OpenedModel& model, size_t budget);

  // Throws what running the model throws.
  RuntimeValue at(const Value& value);

  // In the order of the nodes.
  const std::vector<const Value*>& values() const { return values_; }

 private:
  // Values that stand together in the model's order and are made by one run.
  struct Group {
    size_t begin = 0, end = 0;
  };
  void make_groups(size_t most);
  const std::vector<RuntimeValue>& load(size_t group);

  const OpenedModel& model_;
  std::vector<const Value*> values_;
  std::vector<size_t> bytes_;  // of each, estimated
  std::vector<Group> groups_;
  std::unordered_map<const Value*, size_t> place_;                  // among values_
  std::list<std::pair<size_t, std::vector<RuntimeValue>>> loaded_;  // the group asked for last in front
};

}  // namespace slipway::workbench
