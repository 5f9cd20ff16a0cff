#include "torch/aten/refusals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.hpp"

namespace slipway::torch::aten {
namespace {

struct Kind {
  size_t count = 0;
  ir::Origin first;
};

std::string place_of(const ir::Origin& origin) {
  std::string place = origin.source;
  if (!origin.module_path.empty())
    place += (place.empty() ? "" : ", ") + ("module '" + origin.module_path + "'");
  return place.empty() ? "" : " (first at " + place + ")";
}

}  // namespace

void throw_refusals(const std::vector<ProgramState::Refusal>& refusals) {
  std::map<std::pair<std::string, std::string>, Kind> kinds;
  for (const auto& refusal : refusals) {
    Kind& kind = kinds[{refusal.target, refusal.reason}];
    if (kind.count++ == 0) kind.first = refusal.origin;
  }
  std::string text = fmt::format("{} of the program's calls cannot be converted:", refusals.size());
  for (const auto& [what, kind] : kinds)
    text += fmt::format("\n  {} ×{}{}: {}", what.first, kind.count, place_of(kind.first), what.second);
  text +=
      "\nWrite these parts of the model by other operators, or keep them as nodes of your own by "
      "--map TARGET=DOMAIN:OPERATOR.";
  throw Error(ErrorCode::kUnsupported, text);
}

}  // namespace slipway::torch::aten
