#include "torch/ir/program_sizes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "graph/size_conditions.hpp"
#include "tensor/linear_size.hpp"

namespace slipway::torch::ir {
namespace {

template <typename Visit>
void for_each_user_input(const Program& program, Visit&& visit) {
  for (const ProgramInput& input : program.inputs)
    if (input.kind == ProgramInput::Kind::kUser && input.value && !input.specialised) visit(input);
}

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

const Dim* find_size(const Program& program, const Source& source) {
  const Dim* found = nullptr;
  for_each_user_input(program, [&](const ProgramInput& input) {
    if (input.name == source.input && source.axis < input.value->meta.sizes.size())
      found = &input.value->meta.sizes[source.axis];
  });
  return found;
}

bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// A guard with the program's names in place of its sources; nothing where one of them is no size.
std::optional<std::string> with_names(const Program& program, std::string_view guard) {
  std::string text;
  for (size_t i = 0; i < guard.size();) {
    if (!guard.substr(i).starts_with("L[")) {
      text += guard[i++];
      continue;
    }
    const auto source = SourceReader(guard.substr(i)).read();
    const Dim* size = source ? find_size(program, *source) : nullptr;
    if (!size || size->is_unknown()) return std::nullopt;
    const std::string name = size->to_string();
    text += is_plain(name) ? name : "(" + name + ")";
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
  explicit Collector(const Program& program) : program_(program) {}

  std::vector<SizeCondition> collect() {
    for_each_user_input(program_, [&](const ProgramInput& input) {
      for (const Dim& size : input.value->meta.sizes)
        if (size.is_symbolic()) add_range(size);
    });
    for (const std::string& guard : program_.guards)
      if (const auto text = with_names(program_, guard)) add(*text);
    return std::move(conditions_);
  }

 private:
  // That of the whole expression ("8*s0") goes before that of the name in it, of which the tracer says what
  // it took for granted, not what the program was exported for.
  void add_range(const Dim& size) {
    for (const auto& [text, range] : program_.ranges)
      if (Dim::symbol(text) == size) return add(condition_of(size.to_string(), range));
    const auto linear = as_linear(size);
    if (!linear) return;
    const auto found = program_.ranges.find(linear->name);
    if (found != program_.ranges.end()) add(condition_of(linear->name, found->second));
  }

  void add(const std::string& text) {
    if (text.empty() || is_identity(text) || !seen_.insert(text).second) return;
    auto condition = SizeCondition::parse(text);
    if (!condition) return;
    if (!condition->names().empty()) {
      if (conditions_.size() < kMostSizeConditions) conditions_.push_back(std::move(*condition));
    } else if (!condition->holds({})) {
      fail(ErrorCode::kInvalidArgument,
           "the program was exported for other sizes than those that are set: they make of its guards '{}', which does "
           "not hold",
           text);
    }
  }

  const Program& program_;
  std::set<std::string> seen_;
  std::vector<SizeCondition> conditions_;
};

}  // namespace

std::vector<SizeCondition> conditions_on_sizes(const Program& program) {
  return Collector(program).collect();
}

}  // namespace slipway::torch::ir
