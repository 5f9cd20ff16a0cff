#include "pipeline/run_picture.hpp"

#include "api/cancellation.hpp"
#include "api/model.hpp"
#include "api/status.hpp"

using namespace slipway;
using namespace slipway::api;

slipway_status slipway_run_picture(const slipway_model* model, const char* input_path,
                                   const char* output_path, const slipway_cancellation* cancellation) {
  return guarded([&] {
    const auto& checked = handle(model, "model");
    if (const auto* error = std::get_if<Error>(&checked.description)) throw *error;
    pipeline::run_picture(*checked.executable, std::get<pipeline::Description>(checked.description),
                          &not_null(input_path, "input_path"), &not_null(output_path, "output_path"),
                          request_of(cancellation));
  });
}
