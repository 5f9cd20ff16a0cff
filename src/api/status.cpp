#include "api/status.hpp"

#include <array>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace slipway::api {
namespace {

constexpr std::array kCodes = {
    ErrorCode::kInvalidArgument, ErrorCode::kInvalidModel, ErrorCode::kInvalidPicture,
    ErrorCode::kUnsupported,     ErrorCode::kNotFound,     ErrorCode::kIo,
    ErrorCode::kOutOfMemory,     ErrorCode::kCancelled,    ErrorCode::kInternal};

constexpr slipway_status status_of(ErrorCode code) {
  for (size_t i = 0; i < kCodes.size(); ++i)
    if (kCodes[i] == code) return static_cast<slipway_status>(i + 1);
  return SLIPWAY_INTERNAL;
}
static_assert(status_of(ErrorCode::kInvalidArgument) == SLIPWAY_INVALID_ARGUMENT);
static_assert(status_of(ErrorCode::kInvalidModel) == SLIPWAY_INVALID_MODEL);
static_assert(status_of(ErrorCode::kInvalidPicture) == SLIPWAY_INVALID_PICTURE);
static_assert(status_of(ErrorCode::kUnsupported) == SLIPWAY_UNSUPPORTED);
static_assert(status_of(ErrorCode::kNotFound) == SLIPWAY_NOT_FOUND);
static_assert(status_of(ErrorCode::kIo) == SLIPWAY_IO);
static_assert(status_of(ErrorCode::kOutOfMemory) == SLIPWAY_OUT_OF_MEMORY);
static_assert(status_of(ErrorCode::kCancelled) == SLIPWAY_CANCELLED);
static_assert(status_of(ErrorCode::kInternal) == SLIPWAY_INTERNAL);

constexpr const char* kNoMemory = "the machine's memory does not suffice";

// The text of the last failure: `fixed` where there was no memory for `text`.
struct LastError {
  std::string text;
  const char* fixed = nullptr;
};
thread_local LastError last_error;

slipway_status keep(slipway_status status, const char* text) noexcept {
  try {
    last_error.text = text;
    last_error.fixed = nullptr;
  } catch (...) {
    last_error.fixed = kNoMemory;
  }
  return status;
}

}  // namespace

slipway_status remember(std::exception_ptr exception) noexcept {
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const Error& error) {
    return keep(status_of(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return keep(SLIPWAY_OUT_OF_MEMORY, kNoMemory);
  } catch (const std::length_error&) {
    return keep(SLIPWAY_OUT_OF_MEMORY, kNoMemory);
  } catch (const std::system_error& error) {
    return keep(SLIPWAY_IO, error.what());
  } catch (const std::exception& error) {
    return keep(SLIPWAY_INTERNAL, error.what());
  } catch (...) {
    return keep(SLIPWAY_INTERNAL, "something unknown was thrown");
  }
}

}  // namespace slipway::api

extern "C" {

const char* slipway_last_error(void) {
  using slipway::api::last_error;
  return last_error.fixed ? last_error.fixed : last_error.text.c_str();
}

const char* slipway_status_name(slipway_status status) {
  using slipway::api::kCodes;
  if (status == SLIPWAY_OK) return "ok";
  if (status < 0 || static_cast<size_t>(status) > kCodes.size()) return "unknown";
  return slipway::name_of(kCodes[static_cast<size_t>(status - 1)]);
}

}  // extern "C"
