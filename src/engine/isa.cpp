#include "engine/isa.hpp"

#include <fmt/ranges.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

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

// Instructions for bytes, beside those of one of Highway's targets.
struct Extension {
  const char* name;
  const char* target;
  bool exists;            // on this machine
  bool excluded = false;  // by SLIPWAY_ISA
  bool is_there() const { return exists && !excluded; }
};

struct Extensions {
  Extension avx512vnni{"avx512vnni", "avx3", false};
  Extension avxvnni{"avxvnni", "avx2", false};

  Extensions() {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return;
    const bool has_second_leaf = eax >= 1;
    avx512vnni.exists = (ecx >> 11 & 1) != 0 && (hwy::SupportedTargets() & HWY_AVX3) != 0;
    if (!has_second_leaf || !__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) return;
    avxvnni.exists = (eax >> 4 & 1) != 0 && (hwy::SupportedTargets() & HWY_AVX2) != 0;
#endif
  }
};

Extensions& extensions() {
  static Extensions found;
  return found;
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
  auto& [avx512vnni, avxvnni] = extensions();
  std::string target_name = name;
  for (const Extension* extension : {&avx512vnni, &avxvnni})
    if (extension->exists && name == extension->name) target_name = extension->target;
  const int64_t target = target_from_name(target_name);
  if (target == 0)
    fail(ErrorCode::kInvalidArgument, "SLIPWAY_ISA={} is not an instruction set of this machine; it has {}",
         wanted, fmt::join(available_isas(), ", "));
  for (Extension* extension : {&avx512vnni, &avxvnni}) extension->excluded = name != extension->name;
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
  const auto& [avx512vnni, avxvnni] = extensions();
  for (int64_t targets = hwy::SupportedTargets() & HWY_TARGETS; targets != 0; targets &= targets - 1) {
    const std::string target = name_of_target(targets & -targets);
    for (const Extension* extension : {&avx512vnni, &avxvnni})
      if (extension->is_there() && target == extension->target) names.emplace_back(extension->name);
    names.push_back(target);
  }
  return names;
}

std::string current_isa() {
  return available_isas().front();
}

bool has_avx512vnni() {
  return extensions().avx512vnni.is_there();
}

bool has_avxvnni() {
  return extensions().avxvnni.is_there();
}

}  // namespace slipway::engine
