// Says as JSON what Slipway reads in a program of PyTorch's, for judges that are written in Python.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/exported_program.hpp"
#include "torch/ir/print.hpp"

namespace slipway::torch::ir {
namespace {

using Json = nlohmann::ordered_json;

// "f32[2,s0]", "int(s0)"
std::string type_of(const Value& value) {
  return value.describe().substr(value.name.size() + 2);
}

uint32_t adler_of(const Tensor& tensor) {
  uint32_t low = 1, high = 0;
  const Tensor contiguous = tensor.clone();
  for (const std::byte byte : contiguous.raw_bytes()) {
    low = (low + static_cast<uint32_t>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  return high << 16 | low;
}

Json to_json(const Tensor& tensor) {
  if (!tensor.defined()) return nullptr;
  return {{"type", std::string(name_of(tensor.type()))},
          {"dims", tensor.dims()},
          {"strides", tensor.strides()},
          {"adler32", adler_of(tensor)}};
}

Json to_json(const Block& block) {
  Json inputs = Json::array(), calls = Json::array(), outputs = Json::array();
  for (const Value* input : block.inputs)
    inputs.push_back({{"name", input->name}, {"type", type_of(*input)}});
  for (const Call& call : block.calls) {
    Json arguments = Json::array(), results = Json::array(), blocks = Json::array();
    for (const NamedArgument& given : call.arguments) {
      arguments.push_back({given.name, to_text(given.argument)});
      if (const auto* inner = given.argument.as<std::shared_ptr<Block>>()) blocks.push_back(to_json(**inner));
    }
    for (const Value* output : call.outputs)
      results.push_back(output ? Json({{"name", output->name}, {"type", type_of(*output)}}) : Json(nullptr));
    calls.push_back({{"target", call.target},
                     {"arguments", arguments},
                     {"outputs", results},
                     {"blocks", blocks},
                     {"module", call.origin.module_path},
                     {"source", call.origin.source}});
  }
  for (const Argument& output : block.outputs) outputs.push_back(to_text(output));
  return {{"inputs", inputs}, {"calls", calls}, {"outputs", outputs}};
}

Json to_json(const Program& program) {
  static constexpr const char* kInputs[] = {"user", "parameter", "buffer", "constant"};
  static constexpr const char* kOutputs[] = {"user", "buffer mutation", "input mutation"};
  Json inputs = Json::array(), outputs = Json::array(), examples = Json::array();
  for (const ProgramInput& input : program.inputs)
    inputs.push_back(
        {{"kind", kInputs[static_cast<size_t>(input.kind)]},
         {"name", input.name},
         {"persistent", input.persistent},
         {"fixed", input.specialised ? Json(to_text(*input.specialised)) : Json(nullptr)},
         {"storage", input.tensor.buffer() ? fmt::format("{}", input.tensor.buffer()->data()) : ""},
         {"tensor", to_json(input.tensor)}});
  for (const ProgramOutput& output : program.outputs)
    outputs.push_back({{"kind", kOutputs[static_cast<size_t>(output.kind)]}, {"name", output.name}});
  for (const Tensor& example : program.example_inputs) examples.push_back(to_json(example));
  return {{"dialect", program.dialect},
          {"inputs", inputs},
          {"outputs", outputs},
          {"examples", examples},
          {"block", to_json(program.block)}};
}

}  // namespace
}  // namespace slipway::torch::ir

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: slipway_program MODEL.pt2\n");
    return 2;
  }
  try {
    fmt::print("{}\n",
               slipway::torch::ir::to_json(slipway::torch::read_exported_program(arguments[1])).dump());
    return 0;
  } catch (const slipway::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
