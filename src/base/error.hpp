// The one exception type of Slipway. Code deep inside throws what it knows ("axis 5 is outside a tensor of
// rank 4"); each caller on the way up adds where it was (tensor, node, file) with `add_context`, and the
// boundary (CLI, C API) turns the result into one readable message and a status code.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

enum class ErrorCode {
  kInvalidArgument,  // the caller's request is wrong: a name, shape or type that the model does not have
  kInvalidModel,     // the file does not say what its format demands, or contradicts itself
  kInvalidPicture,   // a picture that cannot be decoded
  kUnsupported,      // valid, but not something that this build can do
  kNotFound,         // a file or a library that is not there
  kIo,               // reading or writing failed
  kOutOfMemory,      // a limit or the machine's memory does not suffice
  kCancelled,        // the caller asked for it
  kInternal,         // a fault of ours
};

// A short, stable name such as "invalid model", for messages and logs.
const char* name_of(ErrorCode code);

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string reason);

  ErrorCode code() const { return code_; }
  // What went wrong, without the places that it went through.
  const std::string& reason() const { return reason_; }
  // The places, innermost first: "input 'x'", "node 'conv1' (Conv)", "file 'm.onnx'".
  const std::vector<std::string>& context() const { return context_; }
  // "m.onnx: node 'conv1' (Conv): input 'x': reason", outermost place first.
  const char* what() const noexcept override { return message_.c_str(); }

  void add_context(std::string place);

 private:
  void compose();

  ErrorCode code_;
  std::string reason_;
  std::vector<std::string> context_;
  std::string message_;
};

// Throws Error(code, formatted reason).
template <typename... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

// Runs `body`; an Error that leaves it has passed through `place()`, a callable so that the text is only
// made when it is needed.
template <typename Place, typename Body>
decltype(auto) with_context(Place&& place, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (Error& error) {
    error.add_context(std::forward<Place>(place)());
    throw;
  }
}

}  // namespace slipway
