#include "torch/program/upgrade.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "torch/program/call_origin.hpp"

namespace slipway::torch {
namespace {

// A new minor version adds, a new major one breaks.
constexpr int64_t kNewestMajor = 8;

// The number alone in version 1.
int64_t major_version(const Json& program) {
  const Json& version = member(program, "schema_version");
  if (!version.is_object()) return as_integer(version, "schema_version");
  const int64_t major = as_integer(member(version, "major"), "major");
  const int64_t minor = as_integer(member(version, "minor"), "minor");
  if (major < 1 || major > kNewestMajor)
    fail(ErrorCode::kUnsupported,
         "it has version {}.{} of PyTorch's schema of exported programs; 1 to {} (PyTorch 2.1 to 2.13) are "
         "read",
         major, minor, kNewestMajor);
  return major;
}

// --- the names of modules ---

using Modules = std::map<std::string, std::string, std::less<>>;  // "L__self___layer1_0" → "layer1.0"

// "L__self___layer1:(L['self'].layer1,torch.nn…Sequential);L__self___layer1_0:(getattr(L['self'].layer1,
// '0'),…)" becomes "L__self___layer1,layer1,torch.nn…Sequential;L__self___layer1_0,layer1.0,…".
std::string upgrade_stack(std::string_view stack, Modules& modules) {
  constexpr std::string_view kOpen = ":(";
  std::string result;
  while (!stack.empty()) {
    const std::string_view entry = stack.substr(0, stack.find(';'));
    stack.remove_prefix(std::min(stack.size(), entry.size() + 1));
    const size_t open = entry.find(kOpen), comma = entry.rfind(',');
    if (open == std::string_view::npos || comma == std::string_view::npos || comma < open) continue;
    const std::string key(entry.substr(0, open));
    const size_t begin = open + kOpen.size();
    const std::string path = plain_path(entry.substr(begin, comma - begin));
    std::string_view type = entry.substr(comma + 1);
    if (type.ends_with(')')) type.remove_suffix(1);
    modules.emplace(key, path);
    result.append(result.empty() ? "" : ";").append(key).append(",").append(path).append(",").append(type);
  }
  return result;
}

void upgrade_stacks(Json& graph, Modules& modules) {
  array_at(graph, "nodes");
  for (Json& node : graph["nodes"]) {
    if (!node.is_object() || !node.contains("metadata") || !node["metadata"].is_object()) continue;
    const auto stack = node["metadata"].find("nn_module_stack");
    if (stack != node["metadata"].end() && stack->is_string())
      *stack = upgrade_stack(stack->get_ref<const std::string&>(), modules);
  }
}

// "L__self___layer1_0.weight" is "layer1.0.weight".
std::string upgrade_name(const std::string& name, const Modules& modules) {
  constexpr std::string_view kRoot = "L__self___";
  const size_t dot = name.find('.');
  if (const auto module = modules.find(name.substr(0, dot));
      module != modules.end() && dot != std::string::npos)
    return module->second.empty() ? name.substr(dot + 1) : module->second + name.substr(dot);
  return name.starts_with(kRoot) ? name.substr(kRoot.size()) : name;
}

void upgrade_names(NamedTensors& tensors, const Modules& modules) {
  NamedTensors renamed;
  for (auto& [name, tensor] : tensors) renamed.emplace(upgrade_name(name, modules), std::move(tensor));
  tensors = std::move(renamed);
}

// --- the signature ---

Json one(const char* kind, Json value) {
  return Json::object({{kind, std::move(value)}});
}

// The target of a name in one of the signature's maps; nullptr where it is in none.
const std::string* find_target(const Json& signature, const char* map, const std::string& name) {
  const Json* targets = find_member(signature, map);
  const Json* target = targets ? find_member(*targets, name) : nullptr;
  return target ? &as_text(*target, map) : nullptr;
}

Json upgrade_input(const Json& input, const Json& signature, const Modules& modules) {
  const Choice choice = choice_of(input, "an input");
  if (choice.kind == "as_tensor") {
    const std::string& name = text_at(choice.value, "name");
    if (const auto* target = find_target(signature, "inputs_to_parameters", name))
      return one("parameter",
                 {{"arg", one("name", name)}, {"parameter_name", upgrade_name(*target, modules)}});
    if (const auto* target = find_target(signature, "inputs_to_buffers", name))
      return one("buffer", {{"arg", one("name", name)}, {"buffer_name", upgrade_name(*target, modules)}});
  }
  return one("user_input", one("arg", input));
}

Json upgrade_output(const Json& output, const Json& signature, const Modules& modules) {
  const Choice choice = choice_of(output, "an output");
  if (choice.kind == "as_tensor") {
    const std::string& name = text_at(choice.value, "name");
    if (const auto* target = find_target(signature, "buffers_to_mutate", name))
      return one("buffer_mutation",
                 {{"arg", one("name", name)}, {"buffer_name", upgrade_name(*target, modules)}});
  }
  return one("user_output", one("arg", output));
}

Json upgrade_signature(const Json& graph, const Json& signature, const Modules& modules) {
  Json inputs = Json::array(), outputs = Json::array();
  for (const Json& input : array_at(graph, "inputs"))
    inputs.push_back(upgrade_input(input, signature, modules));
  // Mutations stand before what the user gets: a value can be both.
  const Json* mutations = find_member(signature, "buffers_to_mutate");
  const size_t mutated = mutations ? as_object(*mutations, "buffers_to_mutate").size() : 0;
  for (const Json& output : array_at(graph, "outputs"))
    outputs.push_back(outputs.size() < mutated ? upgrade_output(output, signature, modules)
                                               : one("user_output", one("arg", output)));
  return Json::object({{"input_specs", std::move(inputs)}, {"output_specs", std::move(outputs)}});
}

// What is beside the graph there. It has no names of arguments: those of the graph's inputs must do.
Json upgrade_structure(const Json& call_spec) {
  return Json::array(
      {Json::object({{"fqn", ""}, {"signature", one("out_spec", text_at(call_spec, "out_spec"))}})});
}

Json& mutable_member(Json& object, const std::string& name) {
  return const_cast<Json&>(member(object, name));
}

}  // namespace

void upgrade(ProgramArchive& archive) {
  if (major_version(archive.program) != 1) return;
  Json& graph_module = mutable_member(archive.program, "graph_module");
  Json& graph = mutable_member(graph_module, "graph");
  Modules modules;
  upgrade_stacks(graph, modules);
  upgrade_names(archive.weights, modules);
  graph_module["signature"] = upgrade_signature(graph, member(graph_module, "signature"), modules);
  if (const Json* call_spec = find_member(graph_module, "call_spec"))
    graph_module["module_call_graph"] = upgrade_structure(*call_spec);
}

}  // namespace slipway::torch
