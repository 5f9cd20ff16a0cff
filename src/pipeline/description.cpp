#include "pipeline/description.hpp"

#include <limits>

#include "base/error.hpp"
#include "pipeline/strict_json.hpp"

namespace slipway::pipeline {
namespace {

// Graph inputs that a caller must give: those without a default.
std::vector<const Value*> required_inputs(const Graph& graph) {
  std::vector<const Value*> inputs;
  for (const Value* input : graph.inputs())
    if (!input->initializer()) inputs.push_back(input);
  return inputs;
}

const Value& find_port(const std::vector<const Value*>& ports, Fields& fields, const char* kind) {
  if (!fields.has("name")) {
    if (ports.size() == 1) return *ports[0];
    fail(ErrorCode::kInvalidModel, "the field '{}' is missing, and the graph has {} {}s to choose from",
         fields.path_of("name"), ports.size(), kind);
  }
  const std::string name = fields.text("name");
  for (const Value* port : ports)
    if (port->name() == name) return *port;
  fail(ErrorCode::kInvalidModel, "the field '{}' is \"{}\", which is not an {} of the graph",
       fields.path_of("name"), name, kind);
}

void check_tensor(const Value& port, const PictureTensor& tensor) {
  const Type& type = port.type();
  const auto wrong = [&](const char* expected) {
    fail(ErrorCode::kInvalidModel, "the graph's '{}' is {}, but {} is expected of a picture", port.name(),
         type.to_string(), expected);
  };
  if (type.is_none()) return;
  if (!type.is_tensor()) wrong("a tensor");
  if (type.element_type() != DataType::kFloat && type.element_type() != DataType::kFloat16)
    wrong("f32 or f16");
  if (!type.shape()) return;
  const Shape& shape = *type.shape();
  if (shape.size() != 4) wrong("a rank of 4");
  if (shape[0].is_known() && shape[0].value() != 1) wrong("a batch of 1");
  const Dim& channels = shape[tensor.layout == Layout::kNchw ? 1 : 3];
  if (channels.is_known() && channels.value() != tensor.channels())
    wrong(tensor.channels() == 1 ? "1 channel" : "3 channels");
}

// `tensor` comes with the defaults, `input`'s for the output.
void read_tensor(Fields& fields, const std::vector<const Value*>& ports, const char* kind,
                 PictureTensor& tensor) {
  const Value& port = find_port(ports, fields, kind);
  tensor.name = port.name();
  if (fields.has("color")) tensor.color = static_cast<Color>(fields.choice("color", {"RGB", "BGR", "Y"}));
  if (fields.has("layout")) tensor.layout = static_cast<Layout>(fields.choice("layout", {"NCHW", "NHWC"}));
  if (fields.has("range")) {
    const auto range = fields.numbers("range", 2);
    if (!(range[0] < range[1]))
      fail(ErrorCode::kInvalidModel, "the field '{}' is [{}, {}], but the first must be the smaller",
           fields.path_of("range"), range[0], range[1]);
    tensor.range = {range[0], range[1]};
  }
  const size_t channels = static_cast<size_t>(tensor.channels());
  tensor.mean = fields.has("mean") ? fields.numbers("mean", channels) : std::vector<double>(channels, 0.0);
  tensor.std_deviation =
      fields.has("std") ? fields.numbers("std", channels) : std::vector<double>(channels, 1.0);
  for (double value : tensor.std_deviation)
    if (!(value > 0))
      fail(ErrorCode::kInvalidModel, "the field '{}' has {}, but numbers above 0 are expected",
           fields.path_of("std"), value);
  check_tensor(port, tensor);
}

void read_input(const nlohmann::json& object, const Graph& graph, Description& description) {
  Fields fields(object, "input");
  read_tensor(fields, required_inputs(graph), "input", description.input);
  if (fields.has("typical_size")) {
    const auto size = fields.integers("typical_size", 2, 1, 65535);
    description.typical_size = {size[0], size[1]};
  }
  fields.expect_no_others();
}

void read_output(const nlohmann::json& object, const Graph& graph, Description& description) {
  Fields fields(object, "output");
  description.output.color = description.input.color;
  description.output.layout = description.input.layout;
  description.output.range = description.input.range;
  const std::vector<const Value*> outputs(graph.outputs().begin(), graph.outputs().end());
  read_tensor(fields, outputs, "output", description.output);
  if (fields.has("rounding"))
    description.rounding = static_cast<Rounding>(fields.choice("rounding", {"nearest", "truncate"}));
  if (fields.has("bits")) {
    description.bits = static_cast<int>(fields.integer("bits", 8, 16));
    if (*description.bits != 8 && *description.bits != 16)
      fail(ErrorCode::kInvalidModel, "the field 'output.bits' is {}, but 8 or 16 is expected",
           *description.bits);
  }
  fields.expect_no_others();
  if ((description.input.color == Color::kLuma) != (description.output.color == Color::kLuma))
    fail(ErrorCode::kInvalidModel,
         "the fields 'input.color' and 'output.color' must both be \"Y\" or both be colours");
}

}  // namespace

Description parse_description(std::string_view json, const Graph& graph) {
  const nlohmann::json parsed = parse_strictly(json);
  Fields fields(parsed, "");
  Description description;
  const int64_t version = fields.integer("version", 1, std::numeric_limits<int64_t>::max());
  if (version > 1)
    fail(ErrorCode::kInvalidModel,
         "the pipeline has version {}, which was written for a newer Slipway; this one reads version 1",
         version);
  fields.choice("task", {"super-resolution"});
  read_input(fields.object("input"), graph, description);
  read_output(fields.object("output"), graph, description);
  description.scale = static_cast<int>(fields.integer("scale", 1, 16));
  if (fields.has("alpha"))
    description.alpha = static_cast<Alpha>(fields.choice("alpha", {"bicubic", "drop"}));
  if (fields.has("max_pixels"))
    description.max_pixels = fields.integer("max_pixels", 1, std::numeric_limits<int32_t>::max());
  fields.expect_no_others();
  return description;
}

Description description_of(const Model& model) {
  const std::string* json = model.find_metadata(kMetadataKey);
  if (!json)
    fail(ErrorCode::kInvalidArgument,
         "the model carries no pipeline ('{}' in its metadata), so it takes tensors (-i NAME=FILE.npy), not "
         "pictures; "
         "docs/pipeline.md says how to add one",
         kMetadataKey);
  return with_context([] { return std::string("metadata '") + std::string(kMetadataKey) + "'"; },
                      [&] { return parse_description(*json, *model.graph); });
}

}  // namespace slipway::pipeline
