#include "engine/lower/chain.hpp"

namespace slipway::engine {
namespace {

// Between two operators of a chain lies at least so much an image: less stays in the cache anyway, and
// kernels for whole images use it better.
constexpr int64_t kSmallestIntermediate = int64_t{1} << 20;
// Constants that each tile reads again: more would push the tiles out of the cache.
constexpr size_t kMostConstantFloats = size_t{96} * 1024;
constexpr size_t kLongestChain = 16;

bool continues(const Operation& operation, const ImageShape& between, const Operation& next) {
  const Value* value = operation.outputs[0];
  if (next.inputs.empty() || next.inputs[0] != value) return false;
  if (value->is_graph_output() || value->uses().size() != 1) return false;
  const int64_t bytes =
      between.channels * between.height * between.width * static_cast<int64_t>(sizeof(float));
  return bytes >= kSmallestIntermediate;
}

}  // namespace

std::vector<std::unique_ptr<RegionKernel>> find_chain(std::span<const Operation> operations,
                                                      const RequestFor& request_for) {
  std::vector<std::unique_ptr<RegionKernel>> stages;
  size_t constants = 0;
  while (stages.size() < std::min(operations.size(), kLongestChain)) {
    const size_t length = stages.size();
    if (length > 0 && !continues(operations[length - 1], stages.back()->output_shape(), operations[length]))
      break;
    const auto request = request_for(operations[length]);
    auto stage = request ? make_region_kernel(*request) : nullptr;
    if (!stage) break;
    constants += stage->constant_floats();
    if (constants > kMostConstantFloats) break;
    stages.push_back(std::move(stage));
  }
  if (stages.size() < 2) stages.clear();
  return stages;
}

}  // namespace slipway::engine
