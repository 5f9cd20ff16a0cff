// Views of parts: slices, single places of an axis, the parts of a split, diagonals, windows.
#pragma once

#include "torch/ir/view_call.hpp"

namespace slipway::torch::ir::view_parts {

Sharing slice(const ViewCall& seen);
Sharing narrow(const ViewCall& seen);
Sharing select(const ViewCall& seen);
Sharing unbind(const ViewCall& seen);
Sharing split(const ViewCall& seen);
Sharing chunk(const ViewCall& seen);
Sharing tensor_split(const ViewCall& seen);
Sharing horizontal_split(const ViewCall& seen);
Sharing vertical_split(const ViewCall& seen);
Sharing depth_split(const ViewCall& seen);
Sharing diagonal(const ViewCall& seen);
Sharing last_diagonal(const ViewCall& seen);
Sharing unfold(const ViewCall& seen);

}  // namespace slipway::torch::ir::view_parts
