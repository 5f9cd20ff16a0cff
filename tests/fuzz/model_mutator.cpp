// A model is changed as a graph.
#include "fuzz/custom_mutator.hpp"
#include "hostile/damage_model.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"

namespace slipway::fuzz {

std::string damaged(const std::string& file, unsigned seed) {
  try {
    Model model = read_model_bytes(testing::as_bytes(file), {.load_external_data = false});
    hostile::Mutator random(seed);
    hostile::ModelDamage(model, random).apply();
    return write_model_bytes(model);
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace slipway::fuzz
