#include "cli/inspect_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/output.hpp"
#include "torch/exported_program.hpp"
#include "torch/ir/print.hpp"

namespace slipway::cli {
namespace {

namespace ir = torch::ir;
using nlohmann::ordered_json;

using InputKind = ir::ProgramInput::Kind;
using OutputKind = ir::ProgramOutput::Kind;

// More are in the JSON.
constexpr size_t kMostTargets = 20;

std::string typed(const ir::Value& value) {
  const std::string described = value.describe();
  return described.substr(value.name.size() + 2);
}

std::string type_of(const ir::ProgramInput& input) {
  return input.specialised ? to_text(*input.specialised) + " (fixed)" : typed(*input.value);
}

// A value's type, or the constant.
std::string type_of(const ir::Argument& output) {
  if (const auto* value = output.as<ir::Value*>()) return typed(**value);
  const ir::Value* value = nullptr;
  ir::for_each_value(const_cast<ir::Argument&>(output), [&](ir::Value* found) { value = found; });
  return value ? typed(*value) : to_text(output);
}

std::string text_of(const ir::Range& range) {
  const auto text = [](const std::optional<int64_t>& bound) { return bound ? std::to_string(*bound) : ""; };
  return text(range.lowest) + ".." + text(range.highest);
}

struct Weights {
  size_t tensors = 0, bytes = 0;
  int64_t elements = 0;
};

// Of one kind; storages that several tensors share count once.
Weights count(const ir::Program& program, InputKind kind) {
  Weights weights;
  std::set<const void*> seen;
  for (const ir::ProgramInput& input : program.inputs) {
    if (input.kind != kind) continue;
    ++weights.tensors;
    weights.elements += input.tensor.count();
    if (input.tensor.buffer() && seen.insert(input.tensor.buffer()->data()).second)
      weights.bytes += input.tensor.buffer()->size();
  }
  return weights;
}

// Bodies of control flow included.
void count_calls(const ir::Block& block, std::map<std::string, int64_t>& counts) {
  for (const ir::Call& call : block.calls) {
    ++counts[call.target];
    for (const ir::NamedArgument& given : call.arguments)
      if (const auto* inner = given.argument.as<std::shared_ptr<ir::Block>>()) count_calls(**inner, counts);
  }
}

// The most frequent first.
std::vector<std::pair<std::string, int64_t>> targets_of(const ir::Program& program) {
  std::map<std::string, int64_t> counts;
  count_calls(program.block, counts);
  std::vector<std::pair<std::string, int64_t>> targets(counts.begin(), counts.end());
  std::stable_sort(targets.begin(), targets.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return targets;
}

std::vector<std::string> mutated(const ir::Program& program, OutputKind kind) {
  std::vector<std::string> names;
  for (const ir::ProgramOutput& output : program.outputs)
    if (output.kind == kind) names.push_back(output.name);
  return names;
}

ordered_json to_json(const Weights& weights) {
  return {{"tensors", weights.tensors}, {"elements", weights.elements}, {"bytes", weights.bytes}};
}

ordered_json to_json(const std::filesystem::path& path, const ir::Program& program) {
  ordered_json inputs = ordered_json::array(), outputs = ordered_json::array();
  ordered_json ranges = ordered_json::object(), targets = ordered_json::object();
  for (const ir::ProgramInput& input : program.inputs)
    if (input.kind == InputKind::kUser)
      inputs.push_back(
          {{"name", input.name}, {"type", type_of(input)}, {"fixed", input.specialised.has_value()}});
  for (size_t i = 0; i < program.outputs.size(); ++i)
    if (program.outputs[i].kind == OutputKind::kUser)
      outputs.push_back({{"name", program.outputs[i].name}, {"type", type_of(program.block.outputs[i])}});
  for (const auto& [symbol, range] : program.ranges)
    ranges[symbol] = {range.lowest ? ordered_json(*range.lowest) : ordered_json(nullptr),
                      range.highest ? ordered_json(*range.highest) : ordered_json(nullptr)};
  for (const auto& [target, number] : targets_of(program)) targets[target] = number;
  return {{"path", path.string()},
          {"format", program.format},
          {"torch_version", program.torch_version},
          {"dialect", program.dialect},
          {"inputs", inputs},
          {"outputs", outputs},
          {"ranges", ranges},
          {"guards", program.guards},
          {"calls", targets},
          {"parameters", to_json(count(program, InputKind::kParameter))},
          {"buffers", to_json(count(program, InputKind::kBuffer))},
          {"constants", to_json(count(program, InputKind::kConstant))},
          {"mutated_buffers", mutated(program, OutputKind::kBufferMutation)},
          {"mutated_inputs", mutated(program, OutputKind::kInputMutation)}};
}

std::string line(const char* label, const std::string& text) {
  return fmt::format("{:<10} {}\n", label, text);
}

// PyTorch 2.1 says neither its version nor the dialect.
std::string stated(const std::string& text) {
  return text.empty() ? "not stated" : printable(text);
}

std::string list(const char* label, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& entry : lines) text += line(text.empty() ? label : "", printable(entry));
  return text.empty() ? line(label, "none") : text;
}

std::string describe(const Weights& weights) {
  return fmt::format("{} tensors, {} elements, {}", weights.tensors, with_commas(weights.elements),
                     human_bytes(static_cast<double>(weights.bytes)));
}

std::string describe_calls(const ir::Program& program) {
  const auto targets = targets_of(program);
  int64_t all = 0;
  for (const auto& [target, number] : targets) all += number;
  std::string text = line("calls", fmt::format("{} of {} operators", with_commas(all), targets.size()));
  for (size_t i = 0; i < std::min(targets.size(), kMostTargets); ++i)
    text += line("", fmt::format("{:>6} {}", targets[i].second, printable(targets[i].first)));
  if (targets.size() > kMostTargets)
    text += line("", fmt::format("and {} others", targets.size() - kMostTargets));
  return text;
}

std::string to_text(const std::filesystem::path& path, const ir::Program& program) {
  std::vector<std::string> inputs, outputs, ranges;
  for (const ir::ProgramInput& input : program.inputs)
    if (input.kind == InputKind::kUser) inputs.push_back(input.name + ": " + type_of(input));
  for (size_t i = 0; i < program.outputs.size(); ++i)
    if (program.outputs[i].kind == OutputKind::kUser)
      outputs.push_back((program.outputs[i].name.empty() ? "(result)" : program.outputs[i].name) + ": " +
                        type_of(program.block.outputs[i]));
  for (const auto& [symbol, range] : program.ranges) ranges.push_back(symbol + " in " + text_of(range));
  std::string text = line("program", printable(path.string())) + line("format", program.format) +
                     line("torch", stated(program.torch_version)) + line("dialect", stated(program.dialect)) +
                     list("inputs", inputs) + list("outputs", outputs);
  if (!ranges.empty()) text += list("ranges", ranges);
  if (!program.guards.empty()) text += list("guards", program.guards);
  text += line("parameters", describe(count(program, InputKind::kParameter))) +
          line("buffers", describe(count(program, InputKind::kBuffer))) +
          line("constants", describe(count(program, InputKind::kConstant)));
  for (const auto& [label, kind] :
       {std::pair{"mutates", OutputKind::kBufferMutation}, std::pair{"mutates", OutputKind::kInputMutation}})
    if (const auto names = mutated(program, kind); !names.empty()) text += list(label, names);
  return text + describe_calls(program);
}

}  // namespace

void inspect_program(const std::filesystem::path& path, bool json) {
  const ir::Program program = torch::read_exported_program(path);
  json ? print_json(to_json(path, program)) : print(to_text(path, program));
}

}  // namespace slipway::cli
