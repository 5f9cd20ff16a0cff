// The states of one operator: one for all nodes with the same attributes. What tells nodes apart is the
// attributes' content, since a node may be a copy (of a function's body, of a model that is being optimised).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "graph/node.hpp"

namespace slipway::custom {

class StateStore {
 public:
  using State = std::shared_ptr<const void>;

  // The state for these attributes, by `make` when it is not there yet; what `make` throws is thrown, and
  // nothing kept. Thread-safe; states live as long as the store.
  State get(const std::vector<Attribute>& attributes, const std::function<State()>& make);

 private:
  struct Entry {
    std::vector<Attribute> attributes;
    State state;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace slipway::custom
