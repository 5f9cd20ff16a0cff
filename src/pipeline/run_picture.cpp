#include "pipeline/run_picture.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "image/picture_writer.hpp"
#include "image/read_picture.hpp"
#include "pipeline/picture_tensors.hpp"

namespace slipway::pipeline {
namespace {

template <typename Ports>
size_t find_port(const Ports& ports, const std::string& name) {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const auto& port) { return port.name == name; });
  if (found == ports.end()) fail(ErrorCode::kInternal, "the executable has no '{}'", name);
  return static_cast<size_t>(found - ports.begin());
}

struct Source {
  PictureLayout layout;
  PictureAsTensor converted;
};

// The decoded picture is gone when this returns: at 2560 × 2560 it would be another 20 to 50 MB.
Source read_source(const std::filesystem::path& path, const Description& description, DataType element) {
  PictureLimits limits;
  limits.max_pixels = static_cast<uint64_t>(description.max_pixels);
  const Picture picture = read_picture(path, limits);
  return {picture.layout(), to_tensor(picture, description.input, element)};
}

}  // namespace

void run_picture(backends::Executable& executable, const Description& description,
                 const std::filesystem::path& input, const std::filesystem::path& output,
                 const Cancellation& cancellation, const OnStage& on_stage) {
  const MemoryScope scope(executable.memory());
  const auto announce = [&](PictureStage stage) {
    if (on_stage) on_stage(stage);
  };
  const size_t in = find_port(executable.inputs(), description.input.name);
  const size_t out = find_port(executable.outputs(), description.output.name);
  announce(PictureStage::kReading);
  Source source = read_source(input, description, executable.inputs()[in].type.element_type());
  std::vector<RuntimeValue> inputs(executable.inputs().size());
  inputs[in] = std::move(source.converted.tensor);

  announce(PictureStage::kRunning);
  const Tensor result = executable.run(inputs, cancellation).at(out).tensor();
  inputs.clear();

  announce(PictureStage::kWriting);
  PictureRows rows(result, description, source.layout, source.converted);
  PictureWriter writer(output, rows.layout());
  for (uint32_t y = 0; y < rows.layout().height; ++y) {
    cancellation.check();
    writer.write_rows(rows.next());
  }
  writer.finish();
}

}  // namespace slipway::pipeline
