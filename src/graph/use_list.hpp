// The places where a value is read. Adding and removing take constant time, for a value with a hundred
// thousand readers too, at no memory for the many values that have a few.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace slipway {

class Node;

// One place where a value is read: the node and which of its inputs.
struct Use {
  Node* node;
  uint32_t index;
  friend bool operator==(const Use&, const Use&) = default;
};

class UseList {
 public:
  const std::vector<Use>& uses() const { return uses_; }
  void add(Use use);
  // The use must be there.
  void remove(Use use);
  void clear();

 private:
  struct Hash {
    size_t operator()(const Use& use) const {
      return std::hash<Node*>()(use.node) ^ (size_t{use.index} * 0x9E3779B97F4A7C15U);
    }
  };
  size_t position_of(Use use);

  std::vector<Use> uses_;
  // Where each use stands in uses_; made by the first removal from a long list.
  std::unique_ptr<std::unordered_map<Use, uint32_t, Hash>> positions_;
};

}  // namespace slipway
