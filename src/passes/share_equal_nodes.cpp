#include <cstdint>
#include <unordered_map>

#include "passes/passes.hpp"

namespace slipway::passes {
namespace {

// Constants up to this size are compared by what they hold: axes, starts, numbers.
constexpr size_t kSmallConstant = 256;

void append_bytes(std::string& key, const void* bytes, size_t count) {
  key.append(static_cast<const char*>(bytes), count);
}

template <typename T>
  requires std::is_arithmetic_v<T>
void append(std::string& key, T number) {
  append_bytes(key, &number, sizeof(number));
}

void append(std::string& key, const std::string& text) {
  append(key, text.size());
  key += text;
}

template <typename T>
  requires std::is_arithmetic_v<T> || std::is_same_v<T, std::string>
void append(std::string& key, const std::vector<T>& elements) {
  append(key, elements.size());
  for (const T& element : elements) append(key, element);
}

void append_input(std::string& key, const Value* input) {
  const Tensor* constant = input ? input->constant() : nullptr;
  const bool small = constant && constant->type() != DataType::kString && constant->bytes() <= kSmallConstant;
  append(key, small);
  if (!small) return append(key, reinterpret_cast<uintptr_t>(input));
  append(key, static_cast<int>(constant->type()));
  append(key, constant->dims());
  append_bytes(key, constant->raw(), constant->bytes());
}

bool append_attribute(std::string& key, const Attribute& attribute) {
  if (attribute.is_reference()) return false;
  append(key, attribute.name());
  append(key, static_cast<int>(attribute.kind()));
  return std::visit(
      [&](const auto& content) {
        if constexpr (requires { append(key, content); }) {
          append(key, content);
          return true;
        } else {
          return false;  // a tensor, a graph
        }
      },
      attribute.content());
}

// All that says what a node computes; "" where it cannot be said, or is another thing each time.
std::string key_of(const Node& node, const ops::Registry& operators) {
  const ops::Operator* definition = operators.find(node.domain(), node.op_type());
  if (!definition || !definition->deterministic) return "";
  std::string key;
  append(key, node.domain());
  append(key, node.op_type());
  append(key, node.inputs().size());
  for (const Value* input : node.inputs()) append_input(key, input);
  for (const Value* output : node.outputs()) append(key, output != nullptr);
  for (const Attribute& attribute : node.attributes())
    if (!append_attribute(key, attribute)) return "";
  return key;
}

bool makes_an_output(const Node& node) {
  for (const Value* output : node.outputs())
    if (output && output->is_graph_output()) return true;
  return false;
}

}  // namespace

bool share_equal_nodes(Graph& graph, PassContext& context) {
  bool changed = false;
  std::unordered_map<std::string, Node*> first;
  for (Node *node = graph.first_node(), *next = nullptr; node; node = next) {
    next = node->next();
    std::string key = key_of(*node, context.operators);
    if (key.empty()) continue;
    const auto [found, is_new] = first.try_emplace(std::move(key), node);
    if (is_new || makes_an_output(*node)) continue;
    for (size_t i = 0; i < node->outputs().size(); ++i)
      if (node->output(i)) graph.replace_uses(node->output(i), found->second->output(i));
    graph.erase(node);
    changed = true;
  }
  return changed;
}

}  // namespace slipway::passes
