#include "torch/ir/dead_calls.hpp"

#include <string_view>
#include <unordered_set>

namespace slipway::torch::ir {
namespace {

// A call without results is there for what it does.
bool asserts(const Call& call) {
  if (call.outputs.empty()) return true;
  const std::string_view target = call.target;
  if (target.starts_with("aten._assert") || target.starts_with("aten.sym_constrain_range") ||
      target.starts_with("aten._functional_assert") || target.starts_with("aten._functional_sym_constrain"))
    return true;
  for (const NamedArgument& given : call.arguments)
    if (const auto* inner = given.argument.as<std::shared_ptr<Block>>())
      for (const Call& call_inside : (*inner)->calls)
        if (asserts(call_inside)) return true;
  return false;
}

}  // namespace

void remove_dead_calls(Block& block) {
  std::unordered_set<const Value*> used;
  const auto use = [&](Value* value) { used.insert(value); };
  for (Argument& output : block.outputs) for_each_value(output, use);
  for (auto call = block.calls.end(); call != block.calls.begin();) {
    --call;
    for (NamedArgument& given : call->arguments)
      if (const auto* inner = given.argument.as<std::shared_ptr<Block>>()) remove_dead_calls(**inner);
    bool wanted = asserts(*call);
    for (const Value* output : call->outputs) wanted |= output && used.contains(output);
    if (!wanted) {
      for (Value* output : call->outputs)
        if (output) output->maker = nullptr;
      call = block.calls.erase(call);
      continue;
    }
    for (Value*& output : call->outputs) {
      if (!output || used.contains(output) || call->outputs.size() == 1) continue;
      output->maker = nullptr;
      output = nullptr;
    }
    for (NamedArgument& given : call->arguments) for_each_value(given.argument, use);
  }
}

}  // namespace slipway::torch::ir
