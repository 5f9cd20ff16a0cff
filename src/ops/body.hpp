// The bodies of control flow: graphs in an attribute that If, Loop, Scan and SequenceMap run.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::ops {

// The graph in an attribute. Throws kInvalidModel when there is none, or when it has fewer outputs than
// `min_outputs`.
const Graph& body_of(const Node& node, std::string_view attribute, size_t min_outputs);

// The body of a SequenceMap node. Throws kInvalidModel when it does not have one input for each of the
// node's.
const Graph& sequence_map_body(const Node& node);
// What its body makes for an output and one element. Throws kInvalidArgument when it is no tensor: sequences
// of sequences would nest deeper with every round of a loop.
void check_mapped(const RuntimeValue& value, size_t output);

// The only element of a bool tensor. Throws kInvalidArgument.
bool read_condition(const Tensor& tensor);

// A body that runs again and again: some of its outputs are inputs of the next round.
struct RepeatedBody {
  const Graph& graph;
  // Its inputs: those in front of the carried ones, the carried ones, and the rest.
  std::vector<Type> before;
  std::vector<Type> carried;
  std::vector<Type> after;
  // The output that becomes the first carried input; the others follow.
  size_t first_carried_output;
};

// Types that hold in every round: `carried` is widened until it takes what the body makes. Returns the types
// of all the body's outputs. Throws kInvalidModel when a carried value changes more than its sizes.
std::vector<Type> infer_repeated(InferenceContext& context, RepeatedBody& body);

// Output `output`: what a body made in each of its rounds, as rows along the new axis `axis`. When there was
// no round, `stated` is what the model says of a row; sizes that it leaves open are 0 then.
void collect_rows(KernelContext& context, size_t output, std::span<const Tensor> rows, int64_t axis,
                  const Type& stated);

}  // namespace slipway::ops
