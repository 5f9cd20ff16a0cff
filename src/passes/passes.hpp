// The passes, and the order in which they run.
#pragma once

#include <span>
#include <string_view>

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::passes {

// What folding may always add. A model with more constants than that may be doubled and doubled again: those
// of half precision become f32.
inline constexpr int64_t kFreeFolding = int64_t{768} << 20;

// The work that folding may always do, and for each byte of the model's constants: a small file must not ask
// for seconds.
inline constexpr double kFreeFlops = 2e7;
inline constexpr double kFlopsForByte = 200;
inline constexpr double kMostFlops = 4e9;

struct PassContext {
  const ops::Registry& operators;
  // Bytes that folding may add to the model: a small file must not become a large one.
  int64_t fold_budget = kFreeFolding;
  // Floating-point operations that folding may do, by plain kernels.
  double fold_flops = kFreeFlops;
};

struct Pass {
  std::string_view name;
  bool (*run)(Graph&, PassContext&);  // did it change anything?
};

// In the order in which they run.
std::span<const Pass> all_passes();

// Runs all passes, over subgraphs too, until nothing changes any more.
void optimize(Model& model, const ops::Registry& operators);

// What a model that was just imported should not carry into a file: constants that can be computed (up to a
// few megabytes), identities, nodes that nobody reads, what decomposition has taken apart; and what stands
// behind convolutions and can be done by their weights, when asked. Precisions and all else stay.
struct TidyOptions {
  bool fold_into_convolution = true;
};
void tidy(Model& model, const ops::Registry& operators, const TidyOptions& options = {});

// Computes in f32 what is stated in f16 or bf16; casts stand where such values come in and go out.
bool widen_half_precision(Graph& graph, PassContext& context);
// Replaces nodes whose inputs are all constants by their outputs; leaves those that are not deterministic,
// that have bodies, or whose outputs or work exceed the budget.
bool fold_constants(Graph& graph, PassContext& context);
// Removes Identity, and Dropout outside of training.
bool eliminate_identity(Graph& graph, PassContext& context);
// Leaves out roi, scales and sizes of a Resize where they are empty, which is how opset 11 says that they are
// absent: kernels are made for tensors with elements.
bool drop_empty_inputs(Graph& graph, PassContext& context);
// Removes sums with 0 and products with 1 in f32, where they leave the shape as it is. (-0 + 0 is 0: but for
// the sign of a zero, the values stay.)
bool eliminate_neutral_operands(Graph& graph, PassContext& context);
// Of nodes that compute the same of the same inputs, leaves the first. Not those that draw random numbers.
bool share_equal_nodes(Graph& graph, PassContext& context);
// Puts one Split in the place of Slices that take a known axis apart without a gap or an overlap.
bool merge_slices(Graph& graph, PassContext& context);
// Scales and shifts a convolution's weights instead of its output: BatchNormalization, and Mul and Add with a
// constant of one number for each channel. Not where the weights would no longer be finite.
bool fold_into_convolution(Graph& graph, PassContext& context);
// Removes the question whether a whole row is masked behind a Softmax of products that no mask was added to,
// as the decomposed attention of PyTorch asks it.
bool drop_softmax_guards(Graph& graph, PassContext& context);
// HardSigmoid and HardSwish for the additions, bounds and divisions that spell them out; one Clip for two.
bool fuse_hard_activations(Graph& graph, PassContext& context);
// PRelu for the choice between a value and its product with constant slopes.
bool fuse_prelu(Graph& graph, PassContext& context);
// DepthToSpace for the views that shuffle pixels.
bool fuse_depth_to_space(Graph& graph, PassContext& context);
// Gather for a Slice of one place whose axis is then squeezed.
bool gather_slices(Graph& graph, PassContext& context);
// MatMul, and an addition, for a product of joined axes between a view that joins them and one that parts
// them.
bool lift_products(Graph& graph, PassContext& context);
// One Reshape for several views in a row, none where they change nothing.
bool merge_views(Graph& graph, PassContext& context);
// One Transpose for several in a row, none where they change nothing.
bool merge_transposes(Graph& graph, PassContext& context);
// Removes nodes and constants that nobody reads.
bool eliminate_dead_nodes(Graph& graph, PassContext& context);

}  // namespace slipway::passes
