#include "base/error.hpp"

namespace slipway {

const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kInvalidModel:
      return "invalid model";
    case ErrorCode::kInvalidPicture:
      return "invalid picture";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kIo:
      return "input/output";
    case ErrorCode::kOutOfMemory:
      return "out of memory";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "unknown";
}

Error::Error(ErrorCode code, std::string reason) : code_(code), reason_(std::move(reason)) {
  compose();
}

void Error::add_context(std::string place) {
  context_.push_back(std::move(place));
  compose();
}

void Error::compose() {
  message_.clear();
  for (auto place = context_.rbegin(); place != context_.rend(); ++place) message_ += *place + ": ";
  message_ += reason_;
}

}  // namespace slipway
