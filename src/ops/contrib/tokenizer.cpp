// Tokenizer: cuts strings into tokens, which stand along a new last axis: at separators, by an expression
// that tokens match, or into single characters. Expressions are RE2's, which takes time linear in the string.
#include <re2/re2.h>

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "base/work_scope.hpp"
#include "ops/attribute_list.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

using Tokens = CountedVector<std::string_view>;

std::unique_ptr<RE2> expression(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  auto made = std::make_unique<RE2>(pattern, options);
  if (!made->ok()) fail(ErrorCode::kInvalidModel, "'{}' is no RE2 expression: {}", pattern, made->error());
  return made;
}

// The bytes of the first character of a text that is not empty.
size_t first_character(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) ++size;
  return size;
}

size_t count_characters(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text));
  return count;
}

// Where the expression matches next, from `start` on; empty matches do not count.
std::optional<std::string_view> next_match(const RE2& pattern, std::string_view text, size_t start) {
  for (; start < text.size(); start += first_character(text.substr(start))) {
    WorkScope::spend(static_cast<double>(text.size() - start));  // it may look at all of that
    re2::StringPiece found;
    if (!pattern.Match(re2::StringPiece(text.data(), text.size()), start, text.size(), RE2::UNANCHORED,
                       &found, 1))
      break;
    if (!found.empty()) return std::string_view(found.data(), found.size());
  }
  return std::nullopt;
}

size_t end_of(std::string_view part, std::string_view text) {
  return static_cast<size_t>(part.data() - text.data()) + part.size();
}

class Cutter {
 public:
  explicit Cutter(const Node& node) {
    const auto separators = list_attribute<std::string>(node, "separators");
    const std::string token = node.string_attribute("tokenexp", "");
    if (separators.empty() == token.empty())
      fail(ErrorCode::kInvalidModel,
           "one of the attributes 'separators' and 'tokenexp' must be there, and not both");
    by_character_ = token == "." || (separators.size() == 1 && separators[0].empty());
    if (by_character_) return;
    if (!token.empty()) token_ = expression(token);
    for (const std::string& separator : separators) separators_.push_back(expression(separator));
  }

  Tokens cut(std::string_view text) const {
    if (by_character_) return characters(text);
    if (token_) return matches(text);
    Tokens tokens{text};
    for (const auto& separator : separators_) tokens = between(tokens, *separator);
    return tokens;
  }

 private:
  static Tokens characters(std::string_view text) {
    Tokens tokens;
    for (; !text.empty(); text.remove_prefix(tokens.back().size()))
      tokens.push_back(text.substr(0, first_character(text)));
    return tokens;
  }

  Tokens matches(std::string_view text) const {
    Tokens tokens;
    size_t start = 0;
    while (const auto found = next_match(*token_, text, start)) {
      tokens.push_back(*found);
      start = end_of(*found, text);
    }
    return tokens;
  }

  static Tokens between(const Tokens& texts, const RE2& separator) {
    Tokens tokens;
    for (const std::string_view text : texts) {
      size_t start = 0;
      while (const auto found = next_match(separator, text, start)) {
        const size_t end = end_of(*found, text);
        tokens.push_back(text.substr(start, end - found->size() - start));
        start = end;
      }
      tokens.push_back(text.substr(start));
    }
    return tokens;
  }

  bool by_character_ = false;
  std::unique_ptr<RE2> token_;
  std::vector<std::unique_ptr<RE2>> separators_;
};

void compute(KernelContext& context) {
  const Node& node = context.node();
  const Tensor& input = context.input(0);
  if (input.rank() < 1 || input.rank() > 2)
    fail(ErrorCode::kInvalidArgument, "the input is {}, but 1 or 2 axes are expected", input.describe());
  const Cutter cutter(node);
  const bool mark = node.int_attribute("mark", 0) != 0;
  const auto shortest = static_cast<size_t>(std::max<int64_t>(node.int_attribute("mincharnum", 1), 1));
  CountedVector<Tokens> all;
  size_t most = 0;
  for (const Text& text : input.data<Text>()) {
    Tokens tokens = cutter.cut(text);
    std::erase_if(tokens, [&](std::string_view token) { return count_characters(token) < shortest; });
    if (mark) tokens.insert(tokens.begin(), "\x02"), tokens.push_back("\x03");
    most = std::max(most, tokens.size());
    all.push_back(std::move(tokens));
  }
  Dims dims = input.dims();
  if (!input.empty()) dims.push_back(static_cast<int64_t>(most));
  const auto tokens = context.make_output(0, DataType::kString, std::move(dims)).data<Text>();
  const std::string padding = node.string_attribute("pad_value", "");
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t j = 0; j < most; ++j)
      tokens[i * most + j] = j < all[i].size() ? all[i][j] : std::string_view(padding);
}

void infer(InferenceContext& context) {
  std::optional<Shape> shape = context.input_shape(0);
  // Nothing to cut leaves no axis of tokens.
  const bool may_be_empty = !shape || std::any_of(shape->begin(), shape->end(), [](const Dim& dim) {
    return dim.is_known() && dim.value() == 0;
  });
  if (!may_be_empty) shape->push_back(Dim());
  context.set_output_type(0, Type::tensor(DataType::kString, may_be_empty ? std::nullopt : shape));
}

}  // namespace

void register_tokenizer(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "Tokenizer",
                .domain = "com.microsoft",
                .inputs = {{"X", "tensor(string)"}},
                .outputs = {{"Y", "tensor(string)"}},
                .attributes = {{"mark", Kind::kInt, true},
                               {"mincharnum", Kind::kInt, true},
                               {"pad_value", Kind::kString, true},
                               {"separators", Kind::kStrings},
                               {"tokenexp", Kind::kString}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
