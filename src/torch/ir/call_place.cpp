#include "torch/ir/call_place.hpp"

#include <fmt/format.h>

namespace slipway::torch::ir {

std::string place_of(const Call& call) {
  const auto& [module, type, source] = call.origin;
  const std::string where = module.empty() ? "" : "in " + module;
  if (source.empty() && where.empty()) return call.target;
  return fmt::format("{} ({}{}{})", call.target, source, source.empty() || where.empty() ? "" : ", ", where);
}

}  // namespace slipway::torch::ir
