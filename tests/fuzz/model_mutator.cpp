// libFuzzer changes bytes, which seldom leaves a message that can be read. Half of the time a model is
// changed as a graph instead.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "hostile/damage_model.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace slipway::fuzz {
namespace {

// Empty where the bytes are no model.
std::string damaged_model(std::span<const std::byte> file, unsigned seed) {
  try {
    Model model = read_model_bytes(file, {.load_external_data = false});
    hostile::Mutator random(seed);
    hostile::ModelDamage(model, random).apply();
    return write_model_bytes(model);
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace
}  // namespace slipway::fuzz

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (seed % 2 == 0) {
    const std::string changed = slipway::fuzz::damaged_model(std::as_bytes(std::span(data, size)), seed);
    if (!changed.empty() && changed.size() <= max_size) {
      std::memcpy(data, changed.data(), changed.size());
      return changed.size();
    }
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
