// From libraries to a registry.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "graph/model.hpp"
#include "ops/registry.hpp"

namespace slipway::custom {

// The standard's operators and those of the libraries, which stay loaded as long as the registry lives.
// Throws what Library::open throws, and kInvalidArgument naming library and operator for one that is faulty,
// that two libraries define, or that would be in a domain of the standard.
std::shared_ptr<const ops::Registry> load_operators(std::span<const std::filesystem::path> libraries);

// Why a model that imports these operator sets cannot use the operator; "" when it can. Only operators of
// libraries are looked at: the standard's are brought to their newest version.
std::string version_obstacle(const ops::Operator& definition, const OpsetImports& imports);

}  // namespace slipway::custom
