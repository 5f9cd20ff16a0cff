// The handle of a model.
#pragma once

#include <memory>
#include <variant>

#include "api/arguments.hpp"
#include "api/ports.hpp"
#include "base/error.hpp"
#include "pipeline/description.hpp"

namespace slipway::api {

// A faulty or missing description is an error only to those who ask for the pipeline.
using MaybeDescription = std::variant<pipeline::Description, Error>;

}  // namespace slipway::api

struct slipway_model : slipway::api::Tagged<0x534C4D01> {
  static constexpr const char* kKind = "slipway_model";
  slipway_model(std::unique_ptr<slipway::backends::Executable> made,
                slipway::api::MaybeDescription description);

  std::unique_ptr<slipway::backends::Executable> executable;
  slipway::api::CPorts inputs;
  slipway::api::CPorts outputs;
  slipway::api::MaybeDescription description;
};
