// A program of one call, converted.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error_from.hpp"
#include "torch/aten/convert_program.hpp"
#include "torch/program_builder.hpp"

namespace slipway::torch {

using Ints = std::vector<int64_t>;

// A call on "x", which is the first argument.
inline Model convert_call(const std::string& target, std::vector<ir::NamedArgument> arguments,
                          const ir::TensorMeta& in, const ir::TensorMeta& out,
                          const std::string& input_name = "self") {
  ir::ProgramBuilder program;
  arguments.insert(arguments.begin(), {input_name, ir::arg(program.input("x", in))});
  program.output(program.call(target, std::move(arguments), out));
  return convert_program(program.program);
}

// Why a call is not converted.
inline std::string refusal(const std::string& target, std::vector<ir::NamedArgument> arguments,
                           const ir::TensorMeta& in, const ir::TensorMeta& out,
                           const std::string& input_name = "self") {
  return error_from([&] { convert_call(target, std::move(arguments), in, out, input_name); });
}

// "Pad Conv", in the order of the graph.
inline std::string operators(const Model& model) {
  std::string names;
  for (const Node* node = model.graph->first_node(); node; node = node->next())
    names += (names.empty() ? "" : " ") + node->op_type();
  return names;
}

inline const Node& only_node(const Model& model) {
  EXPECT_EQ(model.graph->node_count(), 1u) << operators(model);
  return *model.graph->first_node();
}

}  // namespace slipway::torch
