#include "engine/isa.hpp"

#include <fmt/ranges.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "base/error.hpp"

namespace slipway::engine {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string name_of_target(int64_t target) {
  return lower_case(hwy::TargetName(target));
}

// Highway numbers targets so that better ones have lower bits.
int64_t target_from_name(const std::string& name) {
  for (int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    const int64_t target = targets & -targets;
    if (name_of_target(target) == name) return target;
  }
  return 0;
}

void apply() {
  const char* wanted = std::getenv("SLIPWAY_ISA");
  if (!wanted || !*wanted) return;
  std::string name = lower_case(wanted);
  if (name == "avx512") name = "avx3";
  const int64_t target = target_from_name(name);
  if (target == 0)
    fail(ErrorCode::kInvalidArgument, "SLIPWAY_ISA={} is not an instruction set of this machine; it has {}",
         wanted, fmt::join(available_isas(), ", "));
  // The target and everything below it; kernels take the best of these that they were compiled for.
  hwy::SetSupportedTargetsForTest(hwy::SupportedTargets() & ~(target - 1));
  hwy::GetChosenTarget().DeInit();
}

}  // namespace

void apply_isa_from_environment() {
  static const bool once = (apply(), true);
  static_cast<void>(once);
}

std::vector<std::string> available_isas() {
  std::vector<std::string> names;
  for (int64_t targets = hwy::SupportedTargets() & HWY_TARGETS; targets != 0; targets &= targets - 1)
    names.push_back(name_of_target(targets & -targets));
  return names;
}

std::string current_isa() {
  return available_isas().front();
}

}  // namespace slipway::engine
