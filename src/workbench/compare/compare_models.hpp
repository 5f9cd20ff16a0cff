// Two models, or one on two backends, held against each other node by node, so that the node that makes the
// difference is found.
//
// B is run one node at a time. Wherever one of its values has a counterpart in A, A's value goes on to the
// next node: so the difference that a node shows is its own, whatever was wrong before it, and every faulty
// node is found, not only the first. Counterparts are what the graphs' structure and names suggest and the
// numbers confirm; else what has the same numbers; else, for a value that differs from everything, what
// stands in the same place. Where the graphs differ in form (a normalisation folded, operators fused) values
// in between have no counterpart, and the nodes from one counterpart to the next are judged together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "base/progress.hpp"
#include "workbench/compare/deviation.hpp"
#include "workbench/random_inputs.hpp"
#include "workbench/tensor_files.hpp"

namespace slipway::workbench {

// A model and where it runs.
struct Side {
  std::string name;  // for messages: the file's path
  backends::ModelSource source;
  const backends::Backend* backend;
  backends::CompileOptions compile;
};

struct CompareOptions {
  std::vector<InputFile> files;  // by the names of A's inputs
  InputValues values;            // the same in memory; of two for one input, the file counts
  InputShapes shapes;            // of random inputs, by the names of A's
  uint64_t seed = 1;
  Tolerance tolerance;  // nothing: by the coarsest type that either model computes in
  // Bytes of values that are kept of each model; beyond it, models run in parts.
  size_t memory = size_t{2} << 30;
  Progress progress;
};

// A value of A and its counterpart in B.
struct ComparedValue {
  std::string a, b;            // their names
  std::string node_a, node_b;  // who makes them
  std::string type;            // of A's value as it is: "f32[1,64,56,56]"
  bool output = false;         // of the model
  // B's nodes on A's values of what they read. Nothing where they did not run on them, or draw random
  // numbers.
  std::optional<Deviation> own;
  // Model against model. Nothing where B does not run.
  std::optional<Deviation> accumulated;

  bool differs() const { return (own && own->exceeds) || (accumulated && accumulated->exceeds); }
};

// Nodes of B that differ from those of A although everything that they read agrees.
struct Fault {
  size_t value;  // among the compared values: the one that comes out wrong
  // What makes it of the nearest counterparts before it, without what is the same at the end: mostly one node
  // of each; none of A where B has a node more, none of B where it lacks one.
  std::vector<std::string> nodes_a, nodes_b;
  std::vector<std::string> from;         // the names of these counterparts in A
  std::vector<std::string> differences;  // what the two nodes state differently, if it is one of each
  std::string failure;                   // not empty: on A's values, B's node fails, and how
};

// An output of a model as everybody runs it, optimised across nodes, against A's with every value looked at.
struct OptimizedOutput {
  std::string name;               // in A
  std::optional<Deviation> a, b;  // nothing where the model does not run
};

struct Comparison {
  std::vector<std::pair<std::string, std::string>> inputs;  // name in A and "f32[1,3,224,224]"
  bool random_inputs = false;
  Tolerance tolerance;                  // as it was used: `relative` is stated
  size_t nodes_a = 0, nodes_b = 0;      // without those that only state constants
  size_t matched_a = 0, matched_b = 0;  // of which an output has a counterpart
  std::vector<ComparedValue> values;    // in the order of B's nodes
  std::vector<Fault> faults;            // in that order, too
  std::string failure;                  // not empty: B as a whole does not run, and why
  std::vector<OptimizedOutput> optimized;
  bool draws = false;  // random numbers are drawn on the way: only own differences count then

  // The first value that differs, as `differs()` says; nullptr when all agree.
  const ComparedValue* first_difference() const;
  // The first output that optimising makes differ although no node does; nullptr when there is none.
  const OptimizedOutput* first_optimized_difference() const;
  bool agrees() const {
    return faults.empty() && failure.empty() && !first_difference() && !first_optimized_difference();
  }
};

// Throws kInvalidArgument when inputs or outputs of the two do not correspond (ends.hpp), or the given inputs
// do not fit A; what A throws when it is run.
Comparison compare_models(const Side& a, const Side& b, const CompareOptions& options);

}  // namespace slipway::workbench
