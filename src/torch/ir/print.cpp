#include "torch/ir/print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace slipway::torch::ir {
namespace {

std::string text_of(const Value* value) {
  return value ? "%" + value->name : "None";
}
template <typename T>
std::string text_of(const Number<T>& number) {
  return number.value ? text_of(number.value) : fmt::format("{}", number.constant);
}
std::string text_of(const std::string& text) {
  return fmt::format("'{}'", text);
}
std::string text_of(const Argument& argument) {
  return to_text(argument);
}
std::string text_of(const NamedArgument& given) {
  return (given.name.empty() ? "" : given.name + "=") + to_text(given.argument);
}

struct Printer {
  std::string operator()(None) const { return "None"; }
  std::string operator()(Value* value) const { return text_of(value); }
  template <typename T>
  std::string operator()(const Number<T>& number) const {
    return text_of(number);
  }
  template <typename T>
  std::string operator()(const std::vector<T>& list) const {
    std::vector<std::string> texts;
    for (const T& element : list) texts.push_back(text_of(element));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
  std::string operator()(std::complex<double> number) const {
    return fmt::format("({}+{}j)", number.real(), number.imag());
  }
  std::string operator()(const std::string& text) const { return text_of(text); }
  std::string operator()(DataType type) const { return std::string(name_of(type)); }
  std::string operator()(const Enumerator& enumerator) const { return enumerator.name; }
  std::string operator()(const std::shared_ptr<Block>&) const { return "{…}"; }
};

std::string typed(const Value& value) {
  switch (value.kind) {
    case ValueKind::kTensor:
      return fmt::format("{}{}", name_of(value.meta.type), to_string(value.meta.sizes));
    case ValueKind::kInt:
      return fmt::format("int({})", value.expression.to_string());
    case ValueKind::kFloat:
      return "float";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kOther:
      break;
  }
  return "?";
}

void print(const Block& block, const std::string& indent, std::string& text) {
  text += indent + "inputs";
  for (const Value* input : block.inputs) text += fmt::format(" %{}", input->describe());
  text += "\n";
  for (const Call& call : block.calls) {
    text += indent + to_text(call) + "\n";
    for (const NamedArgument& given : call.arguments)
      if (const auto* inner = given.argument.as<std::shared_ptr<Block>>())
        print(**inner, indent + "  ", text);
  }
  text += indent + "outputs";
  for (const Argument& output : block.outputs) text += " " + to_text(output);
  text += "\n";
}

}  // namespace

std::string Value::describe() const {
  return fmt::format("{}: {}", name, typed(*this));
}

std::string to_text(const Argument& argument) {
  return std::visit(Printer(), argument.content);
}

std::string to_text(const Call& call) {
  std::vector<std::string> outputs, arguments;
  for (const Value* output : call.outputs) outputs.push_back(output ? "%" + output->describe() : "_");
  for (const NamedArgument& given : call.arguments) arguments.push_back(text_of(given));
  return fmt::format("{} = {}({})", fmt::join(outputs, ", "), call.target, fmt::join(arguments, ", "));
}

std::string to_text(const Block& block) {
  std::string text;
  print(block, "", text);
  return text;
}

std::string to_text(const Program& program) {
  std::string text;
  for (const ProgramInput& input : program.inputs)
    text += fmt::format("input %{} '{}'\n", input.value ? input.value->name : "", input.name);
  text += to_text(program.block);
  for (size_t i = 0; i < program.outputs.size(); ++i)
    text += fmt::format("output {} '{}'\n", i, program.outputs[i].name);
  return text;
}

}  // namespace slipway::torch::ir
