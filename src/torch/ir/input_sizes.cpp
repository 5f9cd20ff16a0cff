#include "torch/ir/input_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.hpp"
#include "tensor/linear_size.hpp"
#include "tensor/polynomial.hpp"
#include "tensor/size_condition.hpp"

namespace slipway::torch::ir {
namespace {

using Replacements = std::map<std::string, Dim, std::less<>>;

bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// The expression with its symbols replaced, as a text.
std::string replaced(const std::string& text, const Replacements& replacements) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (is_size_name(std::string_view(text).substr(i, 1))) {
      while (end < text.size() && continues_name(text[end])) ++end;
      const auto found = replacements.find(std::string_view(text).substr(i, end - i));
      result += found == replacements.end() ? text.substr(i, end - i) : found->second.to_string();
    } else {
      result += text[i];
    }
    i = end;
  }
  return result;
}

Dim replaced(const Dim& dim, const Replacements& replacements) {
  if (!dim.is_symbolic()) return dim;
  return size_of_text(replaced(dim.to_string(), replacements));
}

void replace(Shape& sizes, const Replacements& replacements) {
  for (Dim& size : sizes) size = replaced(size, replacements);
}

void replace(Block& block, const Replacements& replacements) {
  for (Value& value : block.values()) {
    replace(value.meta.sizes, replacements);
    replace(value.meta.strides, replacements);
    value.meta.offset = replaced(value.meta.offset, replacements);
    value.expression = replaced(value.expression, replacements);
  }
  for (Call& call : block.calls)
    for (NamedArgument& given : call.arguments)
      if (auto* inner = given.argument.as<std::shared_ptr<Block>>()) replace(**inner, replacements);
}

void check_range(const Range& range, int64_t size) {
  const auto& [lowest, highest] = range;
  if ((lowest && size < *lowest) || (highest && size > *highest))
    fail(ErrorCode::kInvalidArgument, "the program takes sizes from {} to {} here, not {}",
         lowest ? std::to_string(*lowest) : "0", highest ? std::to_string(*highest) : "any", size);
}

// "NAME" and "8*NAME + 2": what a size of this form can be called.
std::string form_of(const LinearSize& size) {
  const std::string text = fmt::format("{}*NAME + {}", size.factor, size.offset);
  const auto polynomial = parse_polynomial(text);
  return polynomial ? polynomial->to_text().value_or(text) : text;
}

// What the name in `present` has to be for the axis to be `wanted`.
Dim name_for(const LinearSize& present, const Dim& wanted) {
  if (wanted.is_known()) {
    const auto solved = present.solve(wanted.value());
    if (!solved)
      fail(ErrorCode::kInvalidArgument, "the program takes {} here, not {}", present.sizes(), wanted.value());
    return *solved;
  }
  const auto linear = as_linear(wanted);
  if (!linear || linear->factor != present.factor || linear->offset != present.offset ||
      !is_size_name(linear->name))
    fail(ErrorCode::kInvalidArgument, "the program takes {} here; call it '{}', not '{}'", present.sizes(),
         form_of(present), wanted.to_string());
  return Dim::symbol(linear->name);
}

// What `wanted` replaces at an axis that the program has as `present`.
void note_axis(const Program& program, const Dim& present, const Dim& wanted, Replacements& replacements) {
  if (present == wanted || wanted.is_unknown()) return;
  if (!present.is_symbolic())
    fail(
        ErrorCode::kInvalidArgument,
        "the program was exported with the size {}, not '{}'. What it computes was decided for this size, "
        "and "
        "nobody can tell from the file which of its numbers follow from it: export it with dynamic_shapes to "
        "leave the size open",
        present.to_string(), wanted.to_string());
  const auto linear = as_linear(present);
  if (!linear)
    fail(ErrorCode::kInvalidArgument,
         "the program has '{}' here, which follows from other sizes; it cannot be '{}'", present.to_string(),
         wanted.to_string());
  const Dim replacement = name_for(*linear, wanted);
  if (wanted.is_known())
    for (const auto& [text, range] : program.ranges)
      if (Dim::symbol(text) == present) check_range(range, wanted.value());
  const auto [found, is_new] = replacements.emplace(linear->name, replacement);
  if (!is_new && !(found->second == replacement))
    fail(ErrorCode::kInvalidArgument,
         "the program has the same size '{}' in several places; it cannot be both '{}' "
         "and '{}'",
         linear->name, found->second.to_string(), replacement.to_string());
}

// A name says that sizes are equal: the program must know that they are.
void check_names(const Program& program, const Replacements& replacements) {
  std::map<std::string, std::string, std::less<>> symbol_of;
  for (const ProgramInput& input : program.inputs)
    if (input.kind == ProgramInput::Kind::kUser && input.value)
      for (const Dim& size : input.value->meta.sizes)
        if (const auto linear = as_linear(size); linear && !replacements.contains(linear->name))
          symbol_of.emplace(linear->name, linear->name);
  for (const auto& [symbol, wanted] : replacements) {
    if (!wanted.is_symbolic()) continue;
    const auto [found, is_new] = symbol_of.emplace(wanted.to_string(), symbol);
    if (!is_new)
      fail(ErrorCode::kInvalidArgument,
           "'{}' is the name of another size already, which the program does not know to "
           "be the same; give this one a name of its own",
           wanted.to_string());
  }
}

void rename_ranges(Program& program, const Replacements& replacements) {
  std::map<std::string, Range, std::less<>> renamed;
  for (const auto& [text, range] : program.ranges) {
    std::string name = replaced(text, replacements);
    if (size_of_text(name).is_symbolic()) renamed.emplace(std::move(name), range);
  }
  program.ranges = std::move(renamed);
}

const ProgramInput& find_input(const Program& program, std::string_view name) {
  std::string names;
  for (const ProgramInput& input : program.inputs) {
    if (input.kind != ProgramInput::Kind::kUser || !input.value) continue;
    if (input.name == name) return input;
    names += (names.empty() ? "" : ", ") + input.name;
  }
  fail(ErrorCode::kInvalidArgument, "the program has no input '{}'; it has {}", name, names);
}

}  // namespace

Dim size_of_text(std::string text) {
  const auto polynomial = parse_polynomial(text);
  if (polynomial && polynomial->is_constant() && polynomial->constant() >= 0) return polynomial->constant();
  return Dim::symbol(std::move(text));
}

void set_input_sizes(Program& program, std::string_view name, const Shape& sizes) {
  with_context([&] { return fmt::format("input '{}'", name); },
               [&] {
                 const Shape present = find_input(program, name).value->meta.sizes;
                 if (present.size() != sizes.size())
                   fail(ErrorCode::kInvalidArgument, "it has {} axes {}, not {} {}", present.size(),
                        to_string(present), sizes.size(), to_string(sizes));
                 Replacements replacements;
                 for (size_t axis = 0; axis < sizes.size(); ++axis)
                   with_context([&] { return fmt::format("axis {}", axis); },
                                [&] { note_axis(program, present[axis], sizes[axis], replacements); });
                 check_names(program, replacements);
                 replace(program.block, replacements);
                 rename_ranges(program, replacements);
               });
}

}  // namespace slipway::torch::ir
