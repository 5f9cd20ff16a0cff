#include "torch/program/graph.hpp"

#include <unordered_map>

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/arguments.hpp"
#include "torch/program/call_origin.hpp"
#include "torch/program/tensor_meta.hpp"

namespace slipway::torch {
namespace {

using namespace ir;

// A kind of value: what refers to one, and where the graph says what is known of all of them.
struct ValueTable {
  std::string_view argument_kind, list_kind;
  ValueKind kind;
  const char* table;
};
constexpr ValueTable kTables[] = {{"as_tensor", "as_tensors", ValueKind::kTensor, "tensor_values"},
                                  {"as_sym_int", "as_sym_ints", ValueKind::kInt, "sym_int_values"},
                                  {"as_sym_float", "as_sym_floats", ValueKind::kFloat, "sym_float_values"},
                                  {"as_sym_bool", "as_sym_bools", ValueKind::kBool, "sym_bool_values"}};

bool is_object_kind(std::string_view kind) {
  return kind == "as_custom_obj" || kind == "as_token";
}

// "torch.ops.aten.relu.default" is "aten.relu.default".
std::string short_target(const std::string& target) {
  constexpr std::string_view kPrefix = "torch.ops.";
  return target.starts_with(kPrefix) ? target.substr(kPrefix.size()) : target;
}

class GraphReader {
 public:
  GraphReader(const Json& graph, SympyExpressions& expressions, Block& block, size_t depth)
      : graph_(graph), expressions_(expressions), block_(block), depth_(depth) {
    if (depth == kMostBlockNesting)
      fail(ErrorCode::kInvalidModel, "graphs are nested deeper than {}", kMostBlockNesting);
    scope_.find = [this](const std::string& name) { return find(name); };
    scope_.read_block = [this](const Json& inner) {
      auto inner_block = std::make_shared<Block>();
      GraphReader(inner, expressions_, *inner_block, depth_ + 1).read({});
      return inner_block;
    };
  }

  void read(std::span<const std::string> names) {
    const auto& inputs = array_at(graph_, "inputs");
    for (size_t i = 0; i < inputs.size(); ++i)
      with_context([&] { return fmt::format("input {}", i); },
                   [&] { add_input(inputs[i], i < names.size() ? names[i] : ""); });
    for (const Json& node : array_at(graph_, "nodes"))
      with_context([&] { return describe(node); }, [&] { add_call(node); });
    for (const Json& output : array_at(graph_, "outputs"))
      with_context([&] { return fmt::format("output {}", block_.outputs.size()); },
                   [&] { block_.outputs.push_back(read_argument(output, scope_)); });
  }

 private:
  // --- values ---

  Argument find(const std::string& name) {
    if (const auto constant = constants_.find(name); constant != constants_.end()) return constant->second;
    Value* value = block_.find_value(name);
    if (!value)
      fail(ErrorCode::kInvalidModel, "the value {} is used before anything makes it", slipway::quoted(name));
    switch (value->kind) {
      case ValueKind::kInt:
        return {Int{0, value}};
      case ValueKind::kFloat:
        return {Float{0, value}};
      case ValueKind::kBool:
        return {Bool{false, value}};
      case ValueKind::kTensor:
      case ValueKind::kOther:
        break;
    }
    return {value};
  }

  Value* add_value(const std::string& name, ValueKind kind) {
    if (name.empty()) fail(ErrorCode::kInvalidModel, "a value has no name");
    if (block_.find_value(name))
      fail(ErrorCode::kInvalidModel, "the value {} is made twice", slipway::quoted(name));
    return block_.add_value(name, kind);
  }

  // With what the graph's tables say of it.
  Value* add_value(const std::string& name, const ValueTable& table) {
    Value* value = add_value(name, table.kind);
    const Json* known = find_member(graph_, table.table);
    const Json* entry = known ? find_member(*known, name) : nullptr;
    if (!entry && table.kind == ValueKind::kTensor)
      fail(ErrorCode::kInvalidModel, "nothing is said of the tensor {}", slipway::quoted(name));
    with_context([&] { return "value " + slipway::quoted(name); },
                 [&] {
                   if (table.kind == ValueKind::kTensor) value->meta = read_tensor_meta(*entry, expressions_);
                   if (table.kind == ValueKind::kInt && entry)
                     value->expression = read_size(*entry, expressions_);
                 });
    return value;
  }

  // --- inputs ---

  void add_input(const Json& input, const std::string& name) {
    const Choice choice = choice_of(input, "an input");
    if (is_object_kind(choice.kind)) {
      if (depth_ > 0) fail(ErrorCode::kUnsupported, "a block within the program takes an object");
      block_.inputs.push_back(nullptr);
      return;
    }
    for (const ValueTable& table : kTables)
      if (choice.kind == table.argument_kind) {
        block_.inputs.push_back(add_value(name_of_value(choice), table));
        return;
      }
    // What the program was specialised to.
    const Argument constant = read_argument(input, constant_scope());
    Value* value = block_.add_value(name.empty() ? "constant" : name, ValueKind::kOther);
    constants_.emplace(value->name, constant);
    block_.inputs.push_back(value);
  }

  static const std::string& name_of_value(const Choice& choice) {
    return choice.kind == "as_tensor" ? name_of_tensor(choice.value) : text_at(choice.value, "as_name");
  }

  // --- calls ---

  static std::string describe(const Json& node) {
    const auto text = [&](const char* name) {
      const Json* found = node.is_object() ? find_member(node, name) : nullptr;
      return found && found->is_string() ? found->get<std::string>() : std::string();
    };
    return fmt::format("node {} ({})", slipway::quoted(text("name")), short_target(text("target")));
  }

  void add_call(const Json& node) {
    Call call;
    call.target = short_target(text_at(node, "target"));
    for (const Json& input : array_at(node, "inputs")) {
      const std::string& name = text_at(input, "name");
      with_context([&] { return "argument " + slipway::quoted(name); },
                   [&] { call.arguments.push_back({name, read_argument(member(input, "arg"), scope_)}); });
    }
    if (const Json* metadata = find_member(node, "metadata")) call.origin = read_origin(*metadata);
    for (const Json& output : array_at(node, "outputs")) add_output(output, call);
    block_.calls.push_back(std::move(call));
    for (Value* output : block_.calls.back().outputs)
      if (output) output->maker = &block_.calls.back();
  }

  void add_output(const Json& output, Call& call) {
    const Choice choice = choice_of(output, "a result");
    for (const ValueTable& table : kTables) {
      if (choice.kind == table.argument_kind)
        call.outputs.push_back(add_value(name_of_value(choice), table));
      else if (choice.kind == table.list_kind)
        add_outputs(choice, table, call);
      else
        continue;
      return;
    }
    if (is_object_kind(choice.kind))
      fail(ErrorCode::kUnsupported, "it makes a custom object, which is not read");
    // None, or a constant, which nothing can refer to.
    call.outputs.push_back(nullptr);
  }

  void add_outputs(const Choice& list, const ValueTable& table, Call& call) {
    for (const Json& element : as_array(list.value, list.kind))
      call.outputs.push_back(add_value(
          table.kind == ValueKind::kTensor ? name_of_tensor(element) : text_at(element, "as_name"), table));
  }

  const Json& graph_;
  SympyExpressions& expressions_;
  Block& block_;
  size_t depth_;
  ArgumentScope scope_;
  std::unordered_map<std::string, Argument> constants_;  // inputs that the program was specialised to
};

}  // namespace

void read_graph(const Json& graph, std::span<const std::string> names, SympyExpressions& expressions,
                Block& block) {
  GraphReader(graph, expressions, block, 0).read(names);
}

}  // namespace slipway::torch
