// Brings together what a file states of a value and what inference finds.
#pragma once

#include "tensor/type.hpp"

namespace slipway::ops {

// Everything that either of the two says; where both name a symbol, the inferred one. Throws kInvalidModel
// when they contradict each other.
Type merge_types(const Type& stated, const Type& inferred);

// What holds of both: sizes that differ become unknown, ranks that differ make the shape unknown. Throws
// kInvalidModel when kinds or element types differ.
Type widen_types(const Type& a, const Type& b);

}  // namespace slipway::ops
