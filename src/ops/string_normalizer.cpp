// StringNormalizer: drops stop words from a list of strings and changes the case of the others.
#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "ops/attribute_list.hpp"
#include "ops/letter_case.hpp"
#include "ops/registry.hpp"

namespace slipway::ops {
namespace {

enum class CaseChange { kNone, kLower, kUpper };

CaseChange case_change(const Node& node) {
  const std::string action = node.string_attribute("case_change_action", "NONE");
  if (action == "NONE") return CaseChange::kNone;
  if (action == "LOWER") return CaseChange::kLower;
  if (action == "UPPER") return CaseChange::kUpper;
  fail(ErrorCode::kInvalidModel, "case_change_action is '{}', but LOWER, UPPER or NONE was expected", action);
}

// Unicode's mappings hold in all languages but those with a dotless i.
void check_locale(const Node& node) {
  const std::string locale = node.string_attribute("locale", "en_US");
  const std::string_view language = std::string_view(locale).substr(0, 2);
  if (language == "tr" || language == "az" || language == "lt")
    fail(ErrorCode::kUnsupported, "letters change their case by other rules in the locale '{}'", locale);
}

Text changed(const Text& text, CaseChange change) {
  if (change == CaseChange::kNone) return text;
  return change == CaseChange::kLower ? to_lower(text) : to_upper(text);
}

void check_rank(size_t rank) {
  if (rank != 1 && rank != 2)
    fail(ErrorCode::kInvalidArgument, "the strings have rank {}, but [C] or [1,C] was expected", rank);
}

void infer(InferenceContext& context) {
  std::optional<Shape> shape = context.input_shape(0);
  if (shape) {
    check_rank(shape->size());
    const bool drops = context.node().find_attribute("stopwords") != nullptr;
    if (drops || !shape->back().is_known() || shape->back().value() == 0) shape->back() = Dim();
  }
  context.set_output_type(0, Type::tensor(DataType::kString, std::move(shape)));
}

void compute(KernelContext& context) {
  const Tensor& input = context.input(0);
  const Node& node = context.node();
  check_rank(input.rank());
  if (input.rank() == 2 && input.dim(0) != 1)
    fail(ErrorCode::kInvalidArgument, "the strings are {}, but [C] or [1,C] was expected", input.describe());
  check_locale(node);
  const CaseChange change = case_change(node);
  const bool sensitive = node.int_attribute("is_case_sensitive", 0) != 0;
  const auto as_compared = [&](std::string_view word) { return sensitive ? Text(word) : to_lower(word); };

  std::set<Text> stops;
  for (const std::string& word : list_attribute<std::string>(node, "stopwords"))
    stops.insert(as_compared(word));
  CountedVector<Text> kept;
  for (const Text& word : input.data<Text>())
    if (stops.empty() || !stops.contains(as_compared(word))) kept.push_back(changed(word, change));
  if (kept.empty()) kept.emplace_back();
  Dims dims = input.dims();
  dims.back() = static_cast<int64_t>(kept.size());
  const auto output = context.make_output(0, DataType::kString, std::move(dims)).data<Text>();
  std::move(kept.begin(), kept.end(), output.begin());
}

}  // namespace

void register_string_normalizer(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "StringNormalizer",
                .since_version = 10,
                .inputs = {{"X", "tensor(string)"}},
                .outputs = {{"Y", "tensor(string)"}},
                .attributes = {{"case_change_action", Kind::kString},
                               {"is_case_sensitive", Kind::kInt},
                               {"locale", Kind::kString},
                               {"stopwords", Kind::kStrings}},
                .infer = infer,
                .compute = compute});
}

}  // namespace slipway::ops
