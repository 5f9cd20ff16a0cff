#include "torch/ir/inline_blocks.hpp"

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "torch/ir/call_place.hpp"
#include "torch/ir/print.hpp"

namespace slipway::torch::ir {
namespace {

using Replacements = std::unordered_map<const Value*, Argument>;

bool runs_once(std::string_view target) {
  static const std::unordered_set<std::string_view> kTargets = {
      "higher_order.checkpoint",
      "higher_order.hints_wrap",
      "higher_order.invoke_subgraph",
      "higher_order.strict_mode",
      "higher_order.tag_activation_checkpoint",
      "higher_order.wrap",
      "higher_order.wrap_activation_checkpoint",
      "higher_order.wrap_with_autocast",
      "higher_order.wrap_with_set_grad_enabled",
  };
  return kTargets.contains(target);
}

template <typename T>
void replace(Number<T>& number, const Replacements& replacements) {
  const auto found = number.value ? replacements.find(number.value) : replacements.end();
  if (found == replacements.end()) return;
  if (const auto* value = found->second.template as<Value*>())
    number.value = *value;
  else if (const auto* constant = found->second.template as<Number<T>>())
    number = *constant;
  else
    fail(ErrorCode::kInvalidModel, "a number of the block is given {}", to_text(found->second));
}

void replace(Value*& value, const Replacements& replacements) {
  const auto found = value ? replacements.find(value) : replacements.end();
  if (found == replacements.end()) return;
  if (found->second.is_none()) {
    value = nullptr;
    return;
  }
  const auto* other = found->second.template as<Value*>();
  if (!other) fail(ErrorCode::kInvalidModel, "a tensor of the block is given {}", to_text(found->second));
  value = *other;
}

void replace(Argument& argument, const Replacements& replacements) {
  if (auto* value = argument.as<Value*>()) {
    // It may become something else altogether.
    const auto found = replacements.find(*value);
    if (found != replacements.end()) argument = found->second;
    return;
  }
  std::visit(
      [&](auto& content) {
        using Content = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<Content, Int> || std::is_same_v<Content, Float> ||
                      std::is_same_v<Content, Bool>) {
          replace(content, replacements);
        } else if constexpr (std::is_same_v<Content, Tensors> || std::is_same_v<Content, std::vector<Int>> ||
                             std::is_same_v<Content, std::vector<Float>> ||
                             std::is_same_v<Content, std::vector<Bool>> || std::is_same_v<Content, List>) {
          for (auto& element : content) replace(element, replacements);
        } else if constexpr (std::is_same_v<Content, Dict>) {
          for (NamedArgument& element : content) replace(element.argument, replacements);
        }
      },
      argument.content);
}

// Everything that can be an input of a block, lists laid out flat.
void flatten(const Argument& argument, std::vector<Argument>& flat) {
  if (const auto* tensors = argument.as<Tensors>()) {
    for (Value* tensor : *tensors) flat.push_back(tensor ? Argument{tensor} : Argument{});
  } else if (const auto* numbers = argument.as<std::vector<Int>>()) {
    for (const Int& number : *numbers) flat.push_back({number});
  } else if (const auto* list = argument.as<List>()) {
    for (const Argument& element : *list) flatten(element, flat);
  } else {
    flat.push_back(argument);
  }
}

void check_autocast(const Call& call) {
  if (call.target != "higher_order.wrap_with_autocast") return;
  // (device, type, enabled, cache, block, operands): a disabled one changes nothing here, as nothing around
  // it is enabled either.
  const auto* enabled = call.arguments.size() > 2 ? call.arguments[2].argument.as<Bool>() : nullptr;
  if (!enabled || !enabled->is_constant() || enabled->constant)
    fail(ErrorCode::kUnsupported,
         "it computes in another type than the program states (torch.autocast); export the model without it");
}

struct Operands {
  Block* block = nullptr;
  std::vector<Argument> values;
};

Operands operands_of(const Call& call) {
  Operands result;
  for (const NamedArgument& given : call.arguments) {
    if (!result.block) {
      if (const auto* block = given.argument.as<std::shared_ptr<Block>>()) result.block = block->get();
      continue;
    }
    // invoke_subgraph names its block, hints_wrap has a dictionary of hints.
    if (given.argument.as<std::string>() || given.argument.as<Dict>()) continue;
    flatten(given.argument, result.values);
  }
  if (!result.block) fail(ErrorCode::kInvalidModel, "it has no block to run");
  if (result.values.size() != result.block->inputs.size())
    fail(ErrorCode::kInvalidModel, "its block has {} inputs, and is given {}", result.block->inputs.size(),
         result.values.size());
  return result;
}

// `replacements` learns what stands for the results of the call.
void inline_call(Block& block, std::list<Call>::iterator position, Replacements& replacements) {
  check_autocast(*position);
  const auto [inner, operands] = operands_of(*position);
  Replacements inside;
  for (size_t i = 0; i < operands.size(); ++i) inside.emplace(inner->inputs[i], operands[i]);
  // Copies, as several calls may run one block.
  for (Call call : inner->calls) {
    for (NamedArgument& given : call.arguments) replace(given.argument, inside);
    for (Value*& output : call.outputs) {
      if (!output) continue;
      Value* copy = block.add_value(output->name, output->kind);
      copy->meta = output->meta;
      copy->expression = output->expression;
      inside.emplace(output, Argument{copy});
      output = copy;
    }
    const auto copied = block.calls.insert(position, std::move(call));
    for (Value* output : copied->outputs)
      if (output) output->maker = &*copied;
  }
  if (inner->outputs.size() < position->outputs.size())
    fail(ErrorCode::kInvalidModel, "its block has {} outputs, and {} are taken", inner->outputs.size(),
         position->outputs.size());
  for (size_t i = 0; i < position->outputs.size(); ++i) {
    if (!position->outputs[i]) continue;
    Argument output = inner->outputs[i];
    replace(output, inside);
    if (output.as<List>() || output.as<Dict>() || output.as<std::shared_ptr<Block>>())
      fail(ErrorCode::kInvalidModel, "its block's output {} is no value", i);
    replacements.emplace(position->outputs[i], std::move(output));
  }
}

}  // namespace

void inline_blocks(Block& block) {
  Replacements replacements;
  for (auto call = block.calls.begin(); call != block.calls.end();) {
    with_context([&] { return place_of(*call); },
                 [&] {
                   for (NamedArgument& given : call->arguments) {
                     replace(given.argument, replacements);
                     if (const auto* inner = given.argument.as<std::shared_ptr<Block>>())
                       inline_blocks(**inner);
                   }
                   if (runs_once(call->target)) {
                     inline_call(block, call, replacements);
                     call = block.calls.erase(call);
                   } else {
                     ++call;
                   }
                 });
  }
  for (Argument& output : block.outputs) replace(output, replacements);
}

}  // namespace slipway::torch::ir
