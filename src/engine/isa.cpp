#include "engine/isa.hpp"

#include <fmt/ranges.h>
#include <hwy/highway.h>
#include <hwy/targets.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>
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

// Instructions beside those of one of Highway's targets.
struct Extension {
  const char* name;
  const char* target;
  bool exists = false;    // on this machine
  bool excluded = false;  // by SLIPWAY_ISA
  bool is_there() const { return exists && !excluded; }
};

// Best first: each has those behind it of the same target.
struct Extensions {
  std::array<Extension, 3> all{Extension{"avx512bf16", "avx3"}, Extension{"avx512vnni", "avx3"},
                               Extension{"avxvnni", "avx2"}};
  Extension &avx512bf16 = all[0], &avx512vnni = all[1], &avxvnni = all[2];

  Extensions() {
#if defined(__x86_64__)
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return;
    const bool has_second_leaf = eax >= 1;
    avx512vnni.exists = (ecx >> 11 & 1) != 0 && (hwy::SupportedTargets() & HWY_AVX3) != 0;
    if (!has_second_leaf || !__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx)) return;
    avx512bf16.exists = avx512vnni.exists && (eax >> 5 & 1) != 0;
    avxvnni.exists = (eax >> 4 & 1) != 0 && (hwy::SupportedTargets() & HWY_AVX2) != 0;
#endif
  }
  Extensions(const Extensions&) = delete;
  Extensions& operator=(const Extensions&) = delete;

  // Those better than the one of this name; all when there is none.
  void exclude_above(const std::string& name) {
    for (Extension& extension : all) {
      if (extension.exists && name == extension.name) return;
      extension.excluded = true;
    }
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
  std::string target_name = name;
  for (const Extension& extension : extensions().all)
    if (extension.exists && name == extension.name) target_name = extension.target;
  const int64_t target = target_from_name(target_name);
  if (target == 0)
    fail(ErrorCode::kInvalidArgument, "SLIPWAY_ISA={} is not an instruction set of this machine; it has {}",
         wanted, fmt::join(available_isas(), ", "));
  extensions().exclude_above(name);
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
  for (int64_t targets = hwy::SupportedTargets() & HWY_TARGETS; targets != 0; targets &= targets - 1) {
    const std::string target = name_of_target(targets & -targets);
    for (const Extension& extension : extensions().all)
      if (extension.is_there() && target == extension.target) names.emplace_back(extension.name);
    names.push_back(target);
  }
  return names;
}

std::string current_isa() {
  return available_isas().front();
}

bool has_avx512bf16() {
  return extensions().avx512bf16.is_there();
}

bool has_avx512vnni() {
  return extensions().avx512vnni.is_there();
}

bool has_avxvnni() {
  return extensions().avxvnni.is_there();
}

}  // namespace slipway::engine
