#include "engine/kernels/table.hpp"

#include <algorithm>
#include <iterator>

#include "ops/private_attributes.hpp"

namespace slipway::engine {
namespace {

template <typename Maker>
struct Entry {
  std::string_view op_type;
  Maker make;
  bool takes_residual;
  bool takes_clamp;
};

}  // namespace

#include "engine/kernel_table.inc"

namespace {

// Operators of other domains than the standard's first stand in the table with their domain before the name.
bool is_for(std::string_view op_type, const Node& node) {
  const std::string_view domain = canonical_domain(node.domain());
  if (domain.empty()) return op_type == node.op_type();
  return op_type.size() == domain.size() + 1 + node.op_type().size() && op_type.starts_with(domain) &&
         op_type.ends_with(node.op_type());
}

template <typename Table>
auto make_from(const Table& table, const KernelRequest& request) -> decltype(table[0].make(request)) {
  const Fusion& fusion = request.fusion;
  for (const auto& entry : table) {
    if (!is_for(entry.op_type, request.node())) continue;
    if ((fusion.residual_input != 0 && !entry.takes_residual) ||
        (!fusion.clamp.is_open() && !entry.takes_clamp))
      continue;
    if (auto kernel = entry.make(request)) return kernel;
  }
  return nullptr;
}

// Tilings are chosen by walking along the axes. Nobody's picture is longer, but a file may say so.
constexpr int64_t kLongestAxis = 1 << 24;

// Operators without inputs have no region to be made of, nor have empty tensors.
bool is_reasonable(const std::vector<Dims>& shapes) {
  return !shapes.empty() && std::all_of(shapes[0].begin(), shapes[0].end(),
                                        [](int64_t size) { return size >= 1 && size <= kLongestAxis; });
}

template <typename Condition>
bool any_kernel(std::string_view op_type, Condition condition) {
  return std::any_of(std::begin(kKernels), std::end(kKernels),
                     [&](const auto& entry) { return entry.op_type == op_type && condition(entry); });
}

}  // namespace

bool has_kernel(const Node& node) {
  return has_region_kernel(node) ||
         std::any_of(std::begin(kKernels), std::end(kKernels),
                     [&](const auto& entry) { return is_for(entry.op_type, node); });
}

bool has_region_kernel(const Node& node) {
  return std::any_of(std::begin(kRegionKernels), std::end(kRegionKernels),
                     [&](const auto& entry) { return is_for(entry.op_type, node); });
}

bool is_view(std::string_view op_type) {
  static constexpr std::string_view kViews[] = {"Reshape",   "Flatten",  "Squeeze",
                                                "Unsqueeze", "Identity", "Dropout"};
  return std::find(std::begin(kViews), std::end(kViews), op_type) != std::end(kViews);
}

bool takes_clamp(std::string_view op_type) {
  return any_kernel(op_type, [](const auto& entry) { return entry.takes_clamp; });
}

bool takes_residual(std::string_view op_type) {
  return any_kernel(op_type, [](const auto& entry) { return entry.takes_residual; });
}

std::unique_ptr<Kernel> make_fast_kernel(const KernelRequest& request) {
  return make_from(kKernels, request);
}

std::unique_ptr<RegionKernel> make_region_kernel(const KernelRequest& request) {
  if (!is_reasonable(request.shapes.inputs) || !is_reasonable(request.shapes.outputs)) return nullptr;
  return make_from(kRegionKernels, request);
}

bool KernelRequest::multiplies_bfloat16() const {
  return node().string_attribute(ops::kMultiplyAs, "") == name_of(DataType::kBfloat16);
}

bool KernelRequest::is_all_float() const {
  const auto is_float = [](DataType type) {
    return type == DataType::kUndefined || type == DataType::kFloat;
  };
  return std::all_of(input_types.begin(), input_types.end(), is_float) &&
         std::all_of(output_types.begin(), output_types.end(), is_float);
}

}  // namespace slipway::engine
