// What the conversion of one block knows: which ONNX value stands for which value of the program, and where
// the sizes that are known only at run time can be read. Not for rules: they see a Conversion.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.hpp"
#include "tensor/polynomial.hpp"
#include "torch/ir/block.hpp"

namespace slipway::torch::aten {

class Conversion;

// What all blocks of a program share.
struct ProgramState {
  // How often each module path was met: a module of one call gives its node its own name.
  std::map<std::string, size_t, std::less<>> calls_of_module;
  // Every refusal, to be reported together.
  struct Refusal {
    std::string target, reason;
    ir::Origin origin;
  };
  std::vector<Refusal> refusals;
  // Of nodes, in all graphs: engines refuse a graph that has one twice.
  std::set<std::string, std::less<>> node_names;
  std::map<std::string, size_t, std::less<>> last_numbers;  // behind names that were taken
  // target → "domain:OpType" of nodes that the user wants in its place.
  std::map<std::string, std::string, std::less<>> custom_operators;
  // Of all constants that rules have made so far, and calls that were converted: a condition is once where
  // its loop begins and once in it.
  size_t constant_bytes = 0, calls = 0;
};

class Scope {
 public:
  // `outer` is the scope of the block around this one, or nullptr.
  Scope(ProgramState& program, Graph& graph, Scope* outer)
      : program_(program), graph_(graph), outer_(outer) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  ProgramState& program() { return program_; }
  Graph& graph() { return graph_; }

  // `value` stands for `of`; a tensor with sizes that are symbols tells where these can be read.
  void bind(const ir::Value& of, Value* value);
  // Throws kInvalidModel when there is none.
  Value* find(const ir::Value& of);

  // What stands for a tensor or a number: whole numbers are i64[1], others tensors of rank 0. nullptr for
  // what is neither.
  Value* value(const ir::Argument& argument);
  // Makes what stands for an output of the block (a value or a number) an output of the graph: a value that
  // is made here and is no other output, so that it can be renamed. nullptr for what is no tensor or number.
  Value* add_output(const ir::Argument& output);
  Value* add_output(Value* value);

  // Converts the calls of a block in their order; refusals are collected.
  void convert(const ir::Block& block);

  // --- sizes: i64[1] and i64[n], see sizes.cpp ---
  Value* size(const Dim& dim);  // nullptr when it is unknown, or when a symbol is that nothing here has
  Value* size(const ir::Int& number);
  Value* sizes(std::span<const ir::Int> numbers);
  Value* sizes(std::span<Value* const> parts);  // one behind the other

  // `like`, or `like` with a number where a node is called so; the node that asks is called so from now on.
  std::string unused_node_name(const std::string& like);

  Value* constant(Tensor tensor);
  Value* ints(std::vector<int64_t> values);

 private:
  struct Axis {
    Value* tensor = nullptr;
    int64_t axis = 0;  // -1: `tensor` is the number itself, i64[1]
    // What the axis is of the symbol: factor·symbol + offset.
    int64_t factor = 1, offset = 0;
  };
  const Axis* find_symbol(std::string_view symbol) const;
  // Is all here that the size is made of?
  bool can_evaluate(const Dim& dim) const;
  bool can_evaluate(const Polynomial& polynomial) const;
  bool is_computed_by_need(const ir::Call& call) const;
  void note_symbols(const ir::TensorMeta& meta, Value* value);
  bool convert_call(const ir::Call& call);
  void convert_complex(Conversion& conversion, const std::string& name);
  // The pairs of reals that stand for complex numbers: the same ONNX value, described as one of reals.
  ir::Value* pair_of(const ir::Value& complex);
  Value* evaluate(const Polynomial& polynomial);
  Value* evaluate(const Monomial& monomial, int64_t factor);
  Value* evaluate(const Atom& atom);

  ProgramState& program_;
  Graph& graph_;
  Scope* outer_;
  std::unordered_map<const ir::Value*, Value*> values_;
  std::unordered_map<const ir::Value*, ir::Value> pairs_;
  std::map<std::string, Axis, std::less<>> symbols_;
  std::map<std::string, Value*, std::less<>> sizes_;  // expressions that stand in the graph, by their text
  std::map<std::string, Value*, std::less<>> constants_;  // small ones, by type, dims and bytes
};

// "layer1.0.conv1" for the one call of a module, "layer1.0/add" for one of several.
std::string node_name(const ir::Call& call, const ProgramState& program);

}  // namespace slipway::torch::aten
