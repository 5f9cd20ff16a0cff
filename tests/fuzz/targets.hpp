// What the fuzzers run: one function per kind of file that Slipway reads. Each takes any bytes. It returns or
// throws an Error when all is well; everything else (another exception, a Finding, a crash) is a finding.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace slipway::fuzz {

using Bytes = std::span<const std::byte>;
using Target = void (*)(Bytes);

// .onnx: read, write, read again, validate, infer, simplify, plan, run on small inputs.
void try_model(Bytes file);
// PNG, JPEG, WebP and the other pictures.
void try_picture(Bytes file);
// .npy, .npz, and the .pb files of test cases.
void try_tensors(Bytes file);
// Checkpoints: what torch.save writes, and safetensors.
void try_checkpoint(Bytes file);
// .pt2, and the JSON in it, which is tried in an archive without tensors.
void try_program(Bytes file);
// The JSON of a pipeline description.
void try_pipeline(Bytes file);

struct NamedTarget {
  std::string_view name;
  Target run;
};
inline constexpr NamedTarget kTargets[] = {{"model", try_model},     {"picture", try_picture},
                                           {"tensors", try_tensors}, {"checkpoint", try_checkpoint},
                                           {"program", try_program}, {"pipeline", try_pipeline}};

}  // namespace slipway::fuzz
