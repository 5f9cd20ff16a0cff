// What a rule sees of the call that it turns into ONNX, and the graph that it writes. A rule reads arguments
// by the names of the operator's schema, emits nodes of ONNX's newest operator set and states the results:
//
//   void convert_relu(Conversion& c) { c.result(c.emit("Relu", {c.tensor("self")})); }
//
// Which rule stands for which target says targets.txt. Arguments that a file leaves out have the schema's
// default: rules state it where they read. A rule that cannot say something throws kUnsupported (refuse());
// all that a program's calls refuse is reported together. Rules must not write to what they are given.
//
// A file may say anything: lists may be shorter than the operator has them, results of another rank than its.
// Rules look into both by at(); std::out_of_range becomes kInvalidModel, naming the call.
//
// Numbers that are known only when the model runs (sizes) are i64 tensors of one dimension here: a size is
// i64[1], a list of n sizes i64[n].
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "torch/aten/attribute_value.hpp"
#include "torch/ir/block.hpp"

namespace slipway::torch::aten {

class Scope;

class Conversion {
 public:
  Conversion(Scope& scope, const ir::Call& call, std::string name);

  // --- what the call is given ---

  const ir::Call& call() const { return call_; }
  // Given, and not None.
  bool has(std::string_view argument) const { return call_.find(argument) != nullptr; }

  // A tensor, or a number as a tensor of rank 0. Throws kInvalidModel when it is absent or of another kind.
  Value* tensor(std::string_view argument);
  // nullptr when it is absent.
  Value* optional_tensor(std::string_view argument);
  // A list of tensors, at least one; in the second nullptr stands for None.
  std::vector<Value*> tensors(std::string_view argument);
  std::vector<Value*> optional_tensors(std::string_view argument);

  // Numbers that the program states. Throw kUnsupported when they are known at run time only, kInvalidModel
  // when they are absent and there is no `otherwise`. Of whole ones also beyond kLargestInteger: sizes, axes,
  // places and counts are none of them, and two can be added without a thought.
  static constexpr int64_t kLargestInteger = int64_t{1} << 48;
  int64_t integer(std::string_view argument, std::optional<int64_t> otherwise = {}) const;
  // A single number is a list of one.
  std::vector<int64_t> integers(std::string_view argument,
                                std::optional<std::vector<int64_t>> otherwise = {}) const;
  // Those that may be any.
  int64_t any_integer(std::string_view argument, std::optional<int64_t> otherwise = {}) const;
  std::vector<int64_t> any_integers(std::string_view argument) const;
  // A bound of a slice, which may be any: nothing when it is known at run time only.
  std::optional<int64_t> bound(std::string_view argument, int64_t otherwise) const;
  double number(std::string_view argument, std::optional<double> otherwise = {}) const;  // int, float or bool
  std::vector<double> numbers(std::string_view argument,
                              std::optional<std::vector<double>> otherwise = {}) const;
  bool truth(std::string_view argument, std::optional<bool> otherwise = {}) const;
  std::string text(std::string_view argument, std::optional<std::string> otherwise = {}) const;
  DataType type(std::string_view argument, DataType otherwise) const;

  // Is the argument a number (no tensor), be it known or not?
  bool is_number(std::string_view argument) const;
  // Are all its numbers stated by the program?
  bool is_constant(std::string_view argument) const;

  // Numbers that may be known at run time only: as i64[1] and i64[n].
  Value* size(std::string_view argument);
  Value* sizes(std::string_view argument);
  // The same as the tracer knew them: numbers, expressions, or unknown.
  std::vector<Dim> dims(std::string_view argument) const;

  // What the tracer knew of a tensor that is given, of one in a list, and of a result.
  const ir::TensorMeta& meta(std::string_view argument) const;
  const ir::TensorMeta& meta(std::string_view argument, size_t index) const;
  const ir::TensorMeta& result_meta(size_t index = 0) const;
  int64_t rank(std::string_view argument) const { return static_cast<int64_t>(meta(argument).sizes.size()); }
  // An axis from [-rank, rank) as one from [0, rank). Throws kInvalidModel beyond.
  int64_t axis(std::string_view argument, int64_t rank, std::optional<int64_t> otherwise = {}) const;
  // Sizes of a tensor, all known. Throws kUnsupported naming the argument when they are not.
  std::vector<int64_t> known_sizes(std::string_view argument) const;

  // Throws kUnsupported: "aten.conv2d.default: " and `reason`.
  [[noreturn]] void refuse(std::string_view reason) const;

  // --- what it becomes ---

  Graph& graph() const;
  // A node; its (first) output. The path of the call's module becomes its metadata, "module".
  Value* emit(std::string op_type, std::vector<Value*> inputs, const Attributes& attributes = {},
              std::string domain = "");
  std::vector<Value*> emit_several(std::string op_type, std::vector<Value*> inputs, size_t output_count,
                                   const Attributes& attributes = {}, std::string domain = "");
  // Constants; equal small ones are one.
  Value* constant(Tensor tensor);
  Value* ints(std::vector<int64_t> values);     // i64[n]
  Value* scalar(DataType type, double value);   // rank 0, rounded to the type
  Value* scalar(DataType type, int64_t value);  // exactly; throws kInvalidModel when the type cannot hold it
  Value* cast(Value* value, DataType to);       // the value itself when it is known to be of this type
  // The size of `value` along axes [begin, end), as i64: a constant where `meta` knows it.
  Value* shape_of(Value* value, const ir::TensorMeta& meta, int64_t begin, int64_t end);
  // i64[n] of numbers, expressions over the program's symbols, or unknown ones, which `tensor` then has at
  // the same axis. Throws kUnsupported for an expression that nothing in the graph has.
  Value* shape(std::span<const Dim> dims);

  // A block as a graph for If, Loop and Scan. Its inputs are `inputs`, values of this graph, or, for nullptr,
  // inputs of the new graph.
  std::unique_ptr<Graph> subgraph(const ir::Block& block, std::span<Value* const> inputs);

  // What is known of the block around the call: for control flow alone.
  Scope& scope() const { return scope_; }

  // Does anybody use this result?
  bool is_used(size_t result) const { return result < call_.outputs.size() && call_.outputs[result]; }
  // The call's result. Each result that is used must be stated.
  void result(Value* value) { result(0, value); }
  void result(size_t index, Value* value);

 private:
  const ir::Argument& require(std::string_view argument) const;

  Scope& scope_;
  const ir::Call& call_;
  std::string name_;
};

// Keeps the call as one node of another domain ("my.domain:MyAdd"): tensors are inputs, all else attributes.
void keep_as_custom_operator(Conversion& conversion, const std::string& name);

using Rule = void (*)(Conversion&);

// The rule for a target, or nullptr: the line of targets.txt for "aten.add.Tensor", else the one for
// "aten.add".
Rule find_rule(std::string_view target);

}  // namespace slipway::torch::aten
