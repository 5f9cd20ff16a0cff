// Which calls write to tensors that they are given, and how what they write is computed without writing.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torch/ir/emitter.hpp"

namespace slipway::torch::ir {

// A tensor that a call writes to, and the output that is this tensor again.
struct Written {
  std::string_view argument;
  Value* tensor = nullptr;
  std::optional<size_t> output;
  bool whole = false;  // without reading it
};

// Empty for calls that do not write. Throws kUnsupported for calls of which it is known that they write, not
// what.
std::vector<Written> written_by(const Call& call);

// Arguments of an in-place call that are read before anything is written (the number of fill_): these may lie
// in what is written to.
bool is_read_first(const Call& call, std::string_view argument);

// Computes, before the emitter's place, what `call` (whose arguments are to be read as they are) writes: one
// tensor for each of written_by(call), of any type and of a size that can be expanded to that of what is
// written to. Outputs of the call that are no such tensor are made by the new calls.
std::vector<Value*> contents_written(const Call& call, Emitter& emitter);

// Emits batch_norm and instance_norm that update running statistics; as contents_written.
std::vector<Value*> batch_norm_contents(const Call& call, Emitter& emitter);
std::vector<Value*> instance_norm_contents(const Call& call, Emitter& emitter);

}  // namespace slipway::torch::ir
