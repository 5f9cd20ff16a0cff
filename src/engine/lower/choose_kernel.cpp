#include "engine/lower/choose_kernel.hpp"

#include <algorithm>

#include "engine/depth_first.hpp"

namespace slipway::engine {
namespace {

// Kernels for pictures keep tables along the spatial axes: a few bytes of a file can state billions.
bool is_too_wide(const Dims& dims) {
  constexpr int64_t kMostAlongAxis = int64_t{1} << 24;
  return dims.size() > 3 &&
         std::any_of(dims.begin() + 2, dims.end(), [](int64_t size) { return size > kMostAlongAxis; });
}

bool is_empty(const Dims& dims, DataType type) {
  return type != DataType::kUndefined && element_count(dims) == 0;
}

}  // namespace

std::unique_ptr<Kernel> choose_kernel(const KernelRequest& request) {
  const ops::ShapeContext& shapes = request.shapes;
  for (size_t i = 0; i < shapes.inputs.size(); ++i)
    if (is_empty(shapes.inputs[i], request.input_types[i])) return nullptr;
  for (size_t i = 0; i < shapes.outputs.size(); ++i)
    if (is_empty(shapes.outputs[i], request.output_types[i]) || is_too_wide(shapes.outputs[i]))
      return nullptr;
  if (auto kernel = make_fast_kernel(request)) return kernel;
  if (shapes.inputs.empty() || request.input_types[0] == DataType::kUndefined) return nullptr;
  auto stage = make_region_kernel(request);
  if (!stage) return nullptr;
  std::vector<std::unique_ptr<RegionKernel>> stages;
  stages.push_back(std::move(stage));
  return make_depth_first(std::move(stages), shapes.inputs[0][0]);
}

}  // namespace slipway::engine
