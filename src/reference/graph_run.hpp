// One run of a model by reference kernels: the values that are alive, graph by graph, and what is worked out
// once for bodies that run many times.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "reference/interpreter.hpp"

namespace slipway::reference {

class GraphRun {
 public:
  // `captured`: values of graphs that are not run here.
  GraphRun(const ops::Registry& registry, std::span<const Function> functions,
           const InterpreterOptions& options, const CapturedValues* captured = nullptr)
      : registry_(registry), functions_(functions), options_(options), captured_(captured) {}

  // One value per input of the graph; returns one per output. Graphs inside others may be run only by a node
  // of theirs.
  std::vector<RuntimeValue> run(const Graph& graph, std::span<const RuntimeValue> inputs);
  std::vector<RuntimeValue> run_node(const Node& node, std::span<const RuntimeValue> inputs);

 private:
  // The values alive in a graph that is running. Bodies of a running node look into the frames around them.
  struct Frame {
    const Graph* graph;
    std::unordered_map<const Value*, RuntimeValue> values;
  };
  using Lifetimes = std::unordered_map<const Node*, std::vector<const Value*>>;

  void step(const Node& node, Frame& frame, const Lifetimes& lifetimes);
  RuntimeValue read(const Value& value) const;
  const Lifetimes& lifetimes_of(const Graph& graph);
  const Graph& body_of(const Function& function, const Node& call);
  void observe(const Value& value, const RuntimeValue& made) const;

  const ops::Registry& registry_;
  std::span<const Function> functions_;
  const InterpreterOptions& options_;
  const CapturedValues* captured_;
  std::vector<std::unique_ptr<Frame>> frames_;
  // Both stay until the run ends, so that their keys stay unique.
  std::unordered_map<const Graph*, Lifetimes> lifetimes_;
  std::unordered_map<const Node*, std::unique_ptr<Graph>> bodies_;
};

}  // namespace slipway::reference
