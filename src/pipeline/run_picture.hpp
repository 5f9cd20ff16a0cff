// A picture through a model, by the pipeline that the model carries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "backends/backend.hpp"
#include "pipeline/description.hpp"

namespace slipway::pipeline {

// Where a run has got to, for progress bars.
enum class PictureStage : uint8_t { kReading, kRunning, kWriting };
using OnStage = std::function<void(PictureStage)>;

// Reads `input`, runs it through `executable` and writes `output`, whose extension says the format; a file
// that is there is replaced, whole or not at all. Memory: the decoded picture until it is a tensor, the input
// and output tensors, and a few rows. Throws what decoding, running and writing throw; kOutOfMemory for a
// picture above the description's max_pixels.
void run_picture(backends::Executable& executable, const Description& description,
                 const std::filesystem::path& input, const std::filesystem::path& output,
                 const Cancellation& cancellation = {}, const OnStage& on_stage = {});

}  // namespace slipway::pipeline
