// Will a model run, and where? What a person should know before shipping it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.hpp"

namespace slipway::workbench {

struct Finding {
  enum class Kind {
    kInvalid,  // the file breaks the standard, or contradicts itself
    kMissing,  // the engine lacks an operator, a type or a version
    kSlow,     // it runs, by a reference kernel
    kCustom,   // it runs, by an operator that a library brings
    kDynamic,  // sizes that are only known when it runs
  };
  Kind kind;
  std::string where;  // "node 'conv1' (Conv)", "input 'x'"; "" for the model as a whole
  std::string reason;
  std::string advice;  // what can be done
};

// "invalid", "missing", "slow", "custom", "dynamic".
std::string_view name_of(Finding::Kind kind);
// Does the finding keep the model from running?
bool is_fatal(const Finding& finding);

// Everything that is to be said about the model on this engine, worst first. Never throws Error for what is
// wrong with the model; throws kNotFound when there is no file, or the engine's library is missing.
std::vector<Finding> check(const std::filesystem::path& path, const backends::Backend& backend,
                           const backends::CompileOptions& options);

}  // namespace slipway::workbench
