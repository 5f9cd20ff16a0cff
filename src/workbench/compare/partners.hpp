// Which values of one graph may be which of another one, as far as the graphs tell without running: by their
// places, names and order. Renamed and reordered graphs keep their places; where operators are missing or
// more, what lies before keeps its place seen from the inputs and what lies behind seen from the outputs.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "workbench/compare/ends.hpp"
#include "workbench/compare/places.hpp"

namespace slipway::workbench {

struct Partner {
  const Value* value;
  // The same place: both graphs have the same operators around it.
  bool certain;
};

class Partners {
 public:
  // What is known of a value's type, as text, so that sequences of nodes can be aligned.
  using TypeText = std::function<std::string(const Value&)>;
  Partners(const Graph& a, const Graph& b, const Ends& ends, const TypeText& type_a, const TypeText& type_b);

  // The values of A that a value of B, made by a node, may be; likeliest first, each once.
  const std::vector<Partner>& of(const Value& b) const;

 private:
  void add(const Value* a, const Value* b, bool certain);

  std::unordered_map<const Value*, std::vector<Partner>> partners_;
};

}  // namespace slipway::workbench
