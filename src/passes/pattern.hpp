// What passes ask of the nodes around one, and how they put one node in the place of several.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "ops/infer_types.hpp"

namespace slipway::passes {

// The node that makes `value`, if it is of this operator and stands in `graph` itself; otherwise nullptr.
Node* made_by(const Value* value, std::string_view op_type, const Graph& graph);
// The same, if only one input reads the value: the node goes when its reader does.
Node* made_for_one(const Value* value, std::string_view op_type, const Graph& graph);

// The sizes that are known of a tensor; nullptr where not even their number is.
const Shape* shape_of(const ops::InferredTypes& types, const Value* value);

// The number in a constant f32 or f64 tensor of one element.
std::optional<double> constant_number(const Value* value);
// The numbers in a constant i64 tensor.
std::optional<std::vector<int64_t>> constant_ints(const Value* value);
// The axis that such a tensor of one element, or an attribute, means in a tensor of `rank` axes.
std::optional<size_t> axis_of(int64_t axis, size_t rank);

// A constant i64 tensor of one axis.
Value* add_ints(Graph& graph, std::string name, const std::vector<int64_t>& numbers);

// Puts a node in the place of `old`, which has one output: it makes that value, and has the name and the
// metadata. What nobody reads then is left for eliminate_dead_nodes.
Node* replace_node(Graph& graph, Node* old, std::string op_type, std::vector<Value*> inputs);

}  // namespace slipway::passes
