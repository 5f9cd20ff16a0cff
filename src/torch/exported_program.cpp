#include "torch/exported_program.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "base/out_of_memory.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/json.hpp"
#include "torch/program/archive.hpp"
#include "torch/program/expression.hpp"
#include "torch/program/graph.hpp"
#include "torch/program/signature.hpp"
#include "torch/program/upgrade.hpp"

namespace slipway::torch {
namespace {

// Infinities are texts or, in older files, the last numbers that Python's indices have.
std::optional<int64_t> bound(const Json& constraint, const char* name) {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max() - 1;
  const Json* value = find_member(constraint, name);
  if (!value || value->is_string()) return std::nullopt;
  const int64_t number = as_integer(*value, name);
  if (number >= kLast || number <= -kLast) return std::nullopt;
  return number;
}

void read_ranges(const Json& program, ir::Program& result) {
  if (const Json* ranges = find_member(program, "range_constraints"))
    for (const auto& [symbol, constraint] : as_object(*ranges, "range_constraints"))
      result.ranges[symbol] = {bound(constraint, "min_val"), bound(constraint, "max_val")};
  if (const Json* guards = find_member(program, "guards_code"))
    for (const Json& guard : as_array(*guards, "guards_code"))
      result.guards.push_back(as_text(guard, "guards_code"));
}

void read_versions(const Json& program, ir::Program& result) {
  const Json* version = find_member(program, "torch_version");
  result.torch_version = version ? as_text(*version, "torch_version") : "";
  const Json* verifiers = find_member(program, "verifiers");
  if (verifiers && !as_array(*verifiers, "verifiers").empty())
    result.dialect = as_text((*verifiers)[0], "verifiers");
  else if (const Json* dialect = find_member(program, "dialect"))
    result.dialect = as_text(*dialect, "dialect");
}

// The call of the whole module.
const Json* structure_of(const Json& graph_module) {
  const Json* calls = find_member(graph_module, "module_call_graph");
  if (!calls) return nullptr;
  for (const Json& call : as_array(*calls, "module_call_graph"))
    if (text_at(call, "fqn").empty()) return find_member(call, "signature");
  return nullptr;
}

// Those of the inputs that the user gives, where there is one for each.
void read_examples(const ProgramArchive& archive, ir::Program& program) {
  const auto users =
      std::ranges::count(program.inputs, ir::ProgramInput::Kind::kUser, &ir::ProgramInput::kind);
  if (static_cast<size_t>(users) == archive.examples.size()) program.example_inputs = archive.examples;
}

ir::Program read_program(ProgramArchive archive) {
  upgrade(archive);
  const Json& json = archive.program;
  ir::Program program;
  program.format = archive.format;
  read_versions(json, program);
  read_ranges(json, program);
  const Json& graph_module = member(json, "graph_module");
  const Json& signature = member(graph_module, "signature");
  SympyExpressions expressions;
  read_graph(member(graph_module, "graph"), read_input_names(signature), expressions, program.block);
  read_signature(signature, structure_of(graph_module),
                 find_member(graph_module, "treespec_namedtuple_fields"), archive, program);
  read_examples(archive, program);
  return program;
}

}  // namespace

bool is_exported_program(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] { return is_program_archive(std::make_shared<const MappedFile>(path)); });
}

ir::Program read_exported_program(const std::filesystem::path& path) {
  return with_context([&] { return "file '" + path.string() + "'"; },
                      [&] {
                        const auto file = std::make_shared<const MappedFile>(path);
                        ir::Program program =
                            with_memory_errors([&] { return read_program(read_program_archive(file)); });
                        file->check_undamaged();
                        return program;
                      });
}

}  // namespace slipway::torch
