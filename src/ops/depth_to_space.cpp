#include "ops/depth_to_space.hpp"

#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "ops/registry.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::ops {
namespace {

int64_t block_size(const Node& node) {
  const int64_t size = node.int_attribute("blocksize", 0);
  if (size < 1) fail(ErrorCode::kInvalidModel, "blocksize is {}, but at least 1 was expected", size);
  return size;
}

// "CRD": a channel's block stands together; "DCR": the channels of a place in the block do.
bool is_channel_first(const Node& node) {
  const std::string mode = node.string_attribute("mode", "DCR");
  if (mode != "DCR" && mode != "CRD")
    fail(ErrorCode::kInvalidModel, "mode is '{}', but DCR or CRD was expected", mode);
  return mode == "CRD";
}

void require_rank(size_t rank) {
  if (rank != 4)
    fail(ErrorCode::kInvalidModel, "the input has {} axes, but 4 were expected: [N, C, H, W]", rank);
}

// Channels of the output. The block's area is never computed: it need not fit into 64 bits.
int64_t output_channels(int64_t channels, int64_t block) {
  if (channels % block != 0 || channels / block % block != 0)
    fail(ErrorCode::kInvalidModel, "{} channels cannot be divided into blocks of {}x{}", channels, block,
         block);
  return channels / block / block;
}

// ---- DepthToSpace ----

void infer_depth_to_space(InferenceContext& context) {
  const int64_t block = block_size(context.node());
  is_channel_first(context.node());
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type, Shape(4)));
  require_rank(shape->size());
  const Dim& channels = (*shape)[1];
  const Dim fewer = channels.is_known() ? Dim(output_channels(channels.value(), block))
                                        : floor_div(floor_div(channels, block), block);
  context.set_output_type(
      0, Type::tensor(type, Shape{(*shape)[0], fewer, (*shape)[2] * block, (*shape)[3] * block}));
}

void compute_depth_to_space(KernelContext& context) {
  const Tensor& input = context.input(0);
  DepthToSpaceView view = depth_to_space_view(context.node(), input.dims());
  const Dims& sizes = view.sizes;
  Tensor& output = context.make_output(
      0, input.type(),
      {sizes[0], sizes[1], element_count({sizes[2], sizes[3]}), element_count({sizes[4], sizes[5]})});
  if (output.empty()) return;
  StridedWalk<1> at(std::move(view.sizes), {std::move(view.strides)});
  const ElementMover mover(input, output);
  for (int64_t i = 0; i < output.count(); ++i, at.next()) mover.move(at[0], i);
}

// ---- SpaceToDepth: undoes DepthToSpace in mode DCR ----

Dim blocks_along(const Dim& size, int64_t block) {
  if (size.is_known() && size.value() % block != 0)
    fail(ErrorCode::kInvalidModel, "a plane's side of {} cannot be divided into blocks of {}", size.value(),
         block);
  return floor_div(size, block);
}

void infer_space_to_depth(InferenceContext& context) {
  const int64_t block = block_size(context.node());
  const DataType type = context.input_element_type(0);
  const auto& shape = context.input_shape(0);
  if (!shape) return context.set_output_type(0, Type::tensor(type, Shape(4)));
  require_rank(shape->size());
  context.set_output_type(
      0, Type::tensor(type, Shape{(*shape)[0], (*shape)[1] * block * block, blocks_along((*shape)[2], block),
                                  blocks_along((*shape)[3], block)}));
}

void compute_space_to_depth(KernelContext& context) {
  const Tensor& input = context.input(0);
  DepthToSpaceView view = space_to_depth_view(context.node(), input.dims());
  const Dims& sizes = view.sizes;
  Tensor& output = context.make_output(
      0, input.type(), {sizes[0], element_count({sizes[1], sizes[2], sizes[3]}), sizes[4], sizes[5]});
  if (output.empty()) return;
  StridedWalk<1> at(std::move(view.sizes), {std::move(view.strides)});
  const ElementMover mover(input, output);
  for (int64_t i = 0; i < output.count(); ++i, at.next()) mover.move(at[0], i);
}

}  // namespace

DepthToSpaceView depth_to_space_view(const Node& node, const Dims& input) {
  const int64_t block = block_size(node);
  require_rank(input.size());
  const int64_t batch = input[0], height = input[2], width = input[3];
  const int64_t channels = output_channels(input[1], block);
  const bool channel_first = is_channel_first(node);
  const Dims sizes{batch, channels, height, block, width, block};
  // Nothing divides into blocks of any size, whose area need not fit.
  if (element_count(input) == 0) return {sizes, Dims(sizes.size(), 0)};
  const int64_t plane = height * width;
  const int64_t column = plane * (channel_first ? 1 : channels);
  const int64_t channel = plane * (channel_first ? block * block : 1);
  return {sizes, {plane * input[1], channel, width, column * block, 1, column}};
}

DepthToSpaceView space_to_depth_view(const Node& node, const Dims& input) {
  const int64_t block = block_size(node);
  require_rank(input.size());
  const int64_t batch = input[0], channels = input[1], width = input[3];
  const int64_t rows = blocks_along(input[2], block).value(), columns = blocks_along(width, block).value();
  const Dims sizes{batch, block, block, channels, rows, columns};
  if (element_count(input) == 0) return {sizes, Dims(sizes.size(), 0)};
  const int64_t plane = input[2] * width;
  return {sizes, {plane * channels, width, 1, plane, block * width, block}};
}

void register_depth_to_space(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "DepthToSpace",
                .since_version = 13,
                .inputs = {{"input", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"blocksize", Kind::kInt, true}, {"mode", Kind::kString}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_depth_to_space,
                .compute = compute_depth_to_space});
  registry.add({.name = "SpaceToDepth",
                .since_version = 13,
                .inputs = {{"input", "T"}},
                .outputs = {{"output", "T"}},
                .attributes = {{"blocksize", Kind::kInt, true}},
                .type_constraints = {{"T", kMovable}},
                .infer = infer_space_to_depth,
                .compute = compute_space_to_depth});
}

}  // namespace slipway::ops
