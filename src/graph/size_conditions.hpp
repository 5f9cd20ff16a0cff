// What a model says of the sizes that it takes beyond the types of its inputs: metadata_props hold conditions
// over the names of the inputs' dimensions (docs/dynamic_shapes.md).
#pragma once

#include <string_view>
#include <vector>

#include "graph/model.hpp"
#include "tensor/size_condition.hpp"

namespace slipway {

inline constexpr std::string_view kSizesKey = "slipway.sizes";
// So many conditions, as whoever checks them does so in each run.
inline constexpr size_t kMostSizeConditions = 10'000;

// Throws kInvalidModel for a text that is no condition, and for too many.
std::vector<SizeCondition> size_conditions(const Model& model);
// The model says nothing when there are none.
void set_size_conditions(Model& model, const std::vector<SizeCondition>& conditions);

}  // namespace slipway
