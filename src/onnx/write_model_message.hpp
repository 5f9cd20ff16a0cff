// ModelProto.
#pragma once

#include "graph/model.hpp"
#include "onnx/message_writer.hpp"
#include "onnx/write_context.hpp"

namespace slipway {

MessageWriter write_model_message(const Model& model, WriteContext& context);

}  // namespace slipway
