#include "workbench/input_shapes.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.hpp"

namespace slipway::workbench {
namespace {

using nlohmann::json;

constexpr size_t kMaxPipeline = 1 << 20;
// Copies of JSON recurse by its depth; what lies deeper than the fields read here is left out.
constexpr int kDeepestField = 3;

// What a pipeline says of its input's size, as far as it can be understood. Whether the pipeline is right as
// a whole is not asked here.
struct Suggestion {
  std::string input;
  Dims dims;
};

template <typename T>
T member_or(const json& object, const char* name, T otherwise) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  const bool fits = std::is_same_v<T, std::string> ? found->is_string() : found->is_array();
  return fits ? found->get<T>() : otherwise;
}

std::vector<int64_t> typical_size_of(const json& input) {
  const auto size = member_or<json>(input, "typical_size", json::array());
  std::vector<int64_t> sides;
  for (const json& side : size)
    if (side.is_number_integer() && side >= 1 && side <= 65535) sides.push_back(side.get<int64_t>());
  return sides.size() == 2 && size.size() == 2 ? sides : std::vector<int64_t>{};
}

std::optional<Suggestion> read_suggestion(const Model& model) {
  const std::string* text = model.find_metadata("slipway.pipeline");
  if (!text || text->size() > kMaxPipeline) return std::nullopt;
  const auto keep = [](int depth, json::parse_event_t, const json&) { return depth <= kDeepestField; };
  const json document = json::parse(*text, keep, false);
  if (!document.is_object() || !document.contains("input") || !document["input"].is_object())
    return std::nullopt;
  const json& input = document["input"];
  const auto sides = typical_size_of(input);
  if (sides.empty()) return std::nullopt;
  const int64_t channels = member_or<std::string>(input, "color", "RGB") == "Y" ? 1 : 3;
  const bool channels_last = member_or<std::string>(input, "layout", "NCHW") == "NHWC";
  return Suggestion{member_or<std::string>(input, "name", ""), channels_last
                                                                   ? Dims{1, sides[0], sides[1], channels}
                                                                   : Dims{1, channels, sides[0], sides[1]}};
}

bool fits(const Type& type, const Dims& dims) {
  if (!type.is_tensor()) return false;
  if (!type.shape()) return true;
  const Shape& shape = *type.shape();
  if (shape.size() != dims.size()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    if (shape[axis].is_known() && shape[axis].value() != dims[axis]) return false;
  return true;
}

std::vector<const Value*> required_inputs(const Model& model) {
  std::vector<const Value*> inputs;
  for (const Value* input : model.graph->inputs())
    if (!input->initializer()) inputs.push_back(input);
  return inputs;
}

std::string names_of(const std::vector<const Value*>& inputs) {
  std::string names;
  for (const Value* input : inputs) names += (names.empty() ? "'" : ", '") + input->name() + "'";
  return names.empty() ? "none" : names;
}

const Value& find_input(const Model& model, const std::string& name) {
  const auto required = required_inputs(model);
  if (name.empty() && required.size() == 1) return *required[0];
  for (const Value* input : model.graph->inputs())
    if (input->name() == name) return *input;
  if (name.empty())
    fail(ErrorCode::kInvalidArgument,
         "a shape without a name is for a model with one input; the inputs are {}", names_of(required));
  fail(ErrorCode::kInvalidArgument, "the model has no input '{}'; its inputs are {}", name,
       names_of(required));
}

InputShapes with_names(const Model& model, const InputShapes& given) {
  InputShapes named;
  for (const auto& [name, dims] : given) {
    const Value& input = find_input(model, name);
    if (!fits(input.type(), dims))
      fail(ErrorCode::kInvalidArgument, "input '{}' cannot have the shape {}: the model takes {}",
           input.name(), to_string(dims), input.type().to_string());
    if (!named.emplace(input.name(), dims).second)
      fail(ErrorCode::kInvalidArgument, "two shapes are given for input '{}'", input.name());
  }
  return named;
}

}  // namespace

InputShapes choose_shapes(const Model& model, const InputShapes& given) {
  InputShapes chosen = with_names(model, given);
  const auto inputs = required_inputs(model);
  const auto suggestion = read_suggestion(model);
  for (const Value* input : inputs) {
    const Type& type = input->type();
    if (!type.is_tensor() || chosen.count(input->name())) continue;
    if (type.shape() && all_known(*type.shape())) {
      chosen[input->name()] = known_dims(*type.shape());
    } else if (suggestion && fits(type, suggestion->dims)) {
      const bool is_meant =
          suggestion->input.empty() ? inputs.size() == 1 : suggestion->input == input->name();
      if (is_meant) chosen[input->name()] = suggestion->dims;
    }
  }
  return chosen;
}

}  // namespace slipway::workbench
