#include "torch/ir/program_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "graph/size_conditions.hpp"
#include "tensor/linear_size.hpp"
#include "tensor/polynomial.hpp"
#include "torch/ir/call_arguments.hpp"

namespace slipway::torch::ir {
namespace {

// "L['d'][0].field.size()[1]" in a guard: the input "d.0.field", the axis 1.
struct Source {
  std::string input;
  size_t axis = 0;
  size_t length = 0;  // of the text
};

class SourceReader {
 public:
  explicit SourceReader(std::string_view text) : rest_(text), length_(text.size()) {}

  std::optional<Source> read() {
    if (!accept("L")) return std::nullopt;
    Source source;
    while (!accept(".size()[")) {
      const std::string_view part = read_part();
      if (part.empty()) return std::nullopt;
      source.input.append(source.input.empty() ? "" : ".").append(part);
    }
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), source.axis);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<size_t>(stop - rest_.data()));
    if (!accept("]")) return std::nullopt;
    source.length = length_ - rest_.size();
    return source;
  }

 private:
  // ['name'], [0] or .name
  std::string_view read_part() {
    if (accept("['")) return read_to("']");
    if (accept("[")) return read_to("]");
    if (!accept(".")) return {};
    const size_t end = std::min(rest_.find_first_of(".[ "), rest_.size());
    return taken(end);
  }
  std::string_view read_to(std::string_view end) {
    const size_t found = rest_.find(end);
    if (found == std::string_view::npos) return {};
    const std::string_view part = taken(found);
    rest_.remove_prefix(end.size());
    return part;
  }
  std::string_view taken(size_t size) {
    const std::string_view part = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return part;
  }
  bool accept(std::string_view sign) {
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }

  std::string_view rest_;
  size_t length_;
};

// By the name that guards have for them.
using Inputs = std::map<std::string, const Shape*, std::less<>>;

Inputs sizes_of_inputs(const Program& program) {
  Inputs inputs;
  for (const ProgramInput& input : program.inputs)
    if (input.kind == ProgramInput::Kind::kUser && input.value && !input.specialised)
      inputs.emplace(input.name, &input.value->meta.sizes);
  return inputs;
}

const Dim* find_size(const Inputs& inputs, const Source& source) {
  const auto found = inputs.find(source.input);
  return found != inputs.end() && source.axis < found->second->size() ? &(*found->second)[source.axis]
                                                                      : nullptr;
}

// Equal expressions have one text.
std::string normal_form(const std::string& text) {
  const auto polynomial = parse_polynomial(text);
  return polynomial ? polynomial->to_text().value_or(text) : text;
}

bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// As a part of another expression.
std::string operand(const Dim& size) {
  const std::string text = size.to_string();
  return is_plain(text) ? text : "(" + text + ")";
}

// A guard with the program's names in place of its sources; nothing where one of them is no size.
std::optional<std::string> with_names(const Inputs& inputs, std::string_view guard) {
  std::string text;
  for (size_t i = 0; i < guard.size();) {
    if (!guard.substr(i).starts_with("L[")) {
      text += guard[i++];
      continue;
    }
    const auto source = SourceReader(guard.substr(i)).read();
    const Dim* size = source ? find_size(inputs, *source) : nullptr;
    if (!size || size->is_unknown()) return std::nullopt;
    text += operand(*size);
    i += source->length;
  }
  return text;
}

// "4 <= h <= 512"; "" for sizes that may be any.
std::string condition_of(const std::string& name, const Range& range) {
  const bool has_lowest = range.lowest && *range.lowest > 0;
  if (!has_lowest) return range.highest ? fmt::format("{} <= {}", name, *range.highest) : "";
  if (!range.highest) return fmt::format("{} >= {}", name, *range.lowest);
  return fmt::format("{} <= {} <= {}", *range.lowest, name, *range.highest);
}

// Both sides of an equation are the same expression.
bool is_identity(const std::string& text) {
  const size_t sign = text.find(" == ");
  // Where there is a second comparison, what is behind the first is a symbol of its own.
  return sign != std::string::npos && Dim::symbol(text.substr(0, sign)) == Dim::symbol(text.substr(sign + 4));
}

class Collector {
 public:
  explicit Collector(const Program& program) : program_(program), inputs_(sizes_of_inputs(program)) {
    for (const auto& [text, range] : program.ranges) ranges_.emplace(normal_form(text), range);
  }

  std::vector<SizeCondition> collect() {
    for (const ProgramInput& input : program_.inputs)
      if (const auto found = inputs_.find(input.name); found != inputs_.end())
        for (const Dim& size : *found->second)
          if (size.is_symbolic()) add_range(size);
    for (const std::string& guard : program_.guards)
      if (const auto text = with_names(inputs_, guard)) add(*text);
    for (const Call& call : program_.block.calls)
      if (aten_name(call) == "squeeze") add_squeezed(call);
    return std::move(conditions_);
  }

 private:
  // That of the whole expression ("8*s0") goes before that of the name in it, of which the tracer says what
  // it took for granted, not what the program was exported for.
  void add_range(const Dim& size) {
    if (const auto found = ranges_.find(normal_form(size.text())); found != ranges_.end())
      return add(condition_of(size.to_string(), found->second));
    const auto linear = as_linear(size);
    if (!linear) return;
    if (const auto found = ranges_.find(linear->name); found != ranges_.end())
      add(condition_of(linear->name, found->second));
  }

  // The axes that are left were decided for open sizes that are not 1. PyTorch states no guard for it.
  void add_squeezed(const Call& call) {
    const Value* self = tensor_argument(call, "self");
    if (!self) return;
    const Shape& sizes = self->meta.sizes;
    const auto stated = ints_argument(call, "dim");
    for (size_t axis = 0; axis < sizes.size(); ++axis) {
      const auto is_axis = [&](int64_t dim) {
        return static_cast<size_t>(dim < 0 ? dim + std::ssize(sizes) : dim) == axis;
      };
      if (!sizes[axis].is_symbolic() || (stated && std::ranges::none_of(*stated, is_axis))) continue;
      const auto range = ranges_.find(normal_form(sizes[axis].text()));
      if (range == ranges_.end() || !range->second.lowest || *range->second.lowest < 2)
        add(operand(sizes[axis]) + " != 1");
    }
  }

  void add(const std::string& text) {
    if (text.empty() || is_identity(text) || !seen_.insert(text).second) return;
    auto condition = SizeCondition::parse(text);
    if (!condition) return;
    if (!condition->names().empty()) {
      if (conditions_.size() == kMostSizeConditions)
        fail(ErrorCode::kUnsupported, "the program has more than {} guards on its sizes",
             kMostSizeConditions);
      conditions_.push_back(std::move(*condition));
    } else if (!condition->holds({})) {
      fail(ErrorCode::kInvalidArgument,
           "the program was exported for other sizes than those that are set: its guards become '{}'", text);
    }
  }

  const Program& program_;
  const Inputs inputs_;
  std::map<std::string, Range, std::less<>> ranges_;  // by the normal form of their texts
  std::set<std::string> seen_;
  std::vector<SizeCondition> conditions_;
};

}  // namespace

std::vector<SizeCondition> conditions_on_sizes(const Program& program) {
  return Collector(program).collect();
}

std::vector<std::string> unchecked_guards(const Program& program) {
  const Inputs inputs = sizes_of_inputs(program);
  std::vector<std::string> unchecked;
  for (const std::string& guard : program.guards)
    if (auto text = with_names(inputs, guard); text && !SizeCondition::parse(*text))
      unchecked.push_back(std::move(*text));
  return unchecked;
}

}  // namespace slipway::torch::ir
