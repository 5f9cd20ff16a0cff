#include "onnx/convert_opset.hpp"

#include "base/error.hpp"

namespace slipway {
namespace {

// From this version on the operators that Slipway has mean what they mean in the newest: axes are inputs,
// Softmax works along one axis.
constexpr int64_t kOldestOpset = 13;

}  // namespace

void bring_to_newest(Model& model) {
  const int64_t version = model.opset_imports.version("");
  if (version > kNewestOpset)
    fail(ErrorCode::kUnsupported,
         "the model is written in opset {}, and the newest that this build knows is {}; export it again with "
         "opset {}",
         version, kNewestOpset, kNewestOpset);
  if (version != 0 && version < kOldestOpset)
    fail(ErrorCode::kUnsupported,
         "the model is written in opset {}, which is older than {}, the oldest that this build takes; run it "
         "with "
         "--backend onnxruntime or export it again",
         version, kOldestOpset);
  model.opset_imports.set("", kNewestOpset);
}

}  // namespace slipway
