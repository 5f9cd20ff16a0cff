// DepthToSpace: spreads channels over the plane, in blocks of blocksize × blocksize pixels. Networks that
// enlarge pictures end with it ("pixel shuffle").
#pragma once

#include "graph/node.hpp"
#include "tensor/dim.hpp"

namespace slipway::ops {

// The output as [N, C, H, block, W, block], and the input's stride, in elements, along each of these axes.
struct DepthToSpaceView {
  Dims sizes;
  Dims strides;
};

// Throws kInvalidModel when the node does not take an input of these dimensions.
DepthToSpaceView depth_to_space_view(const Node& node, const Dims& input);

// SpaceToDepth likewise; its output is [N, block, block, C, H, W].
DepthToSpaceView space_to_depth_view(const Node& node, const Dims& input);

}  // namespace slipway::ops
