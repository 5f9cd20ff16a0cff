// Puts the bodies of a model's functions in the place of their calls.
#pragma once

#include "graph/model.hpp"

namespace slipway {

// The nodes that a model may have with the bodies in place: functions that call others twice grow by powers.
// A large model may grow by so many times its nodes.
inline constexpr int64_t kMaxInlinedNodes = 100'000;
inline constexpr int64_t kMaxInlinedGrowth = 16;

// Afterwards no node calls a function, in graphs inside nodes neither, and the model has none. A node of a
// body is named after the call, too ("layer1/conv"); names of inputs and outputs stay. The model must be
// valid. Throws kInvalidModel for more nodes than that, for graphs that are nested too deep with the bodies
// in place, and for calls that do not fit their function; kUnsupported when a call hands over a graph.
void inline_functions(Model& model);

// Throws kInvalidModel where the graph has more nodes with the bodies in place than that, or where it and the
// functions, each by itself, have twice as many: whoever looks into calls looks at so many.
void check_inlined_size(const Model& model);

}  // namespace slipway
