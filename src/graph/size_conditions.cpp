#include "graph/size_conditions.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace slipway {
namespace {

constexpr std::string_view kSeparator = "; ";

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \n") + 1 - begin);
}

std::vector<SizeCondition> parse_conditions(std::string_view text) {
  std::vector<SizeCondition> conditions;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(';', begin), text.size());
    const std::string_view one = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    if (one.empty()) continue;
    auto condition = SizeCondition::parse(one);
    if (!condition)
      fail(ErrorCode::kInvalidModel, "'{}' is no condition on sizes as 'batch >= 2' and 'h % 8 == 0' are",
           one.substr(0, 200));
    if (conditions.size() == kMostSizeConditions)
      fail(ErrorCode::kInvalidModel, "there are more than {} conditions", kMostSizeConditions);
    conditions.push_back(std::move(*condition));
  }
  return conditions;
}

}  // namespace

std::vector<SizeCondition> size_conditions(const Model& model) {
  const std::string* text = model.find_metadata(kSizesKey);
  if (!text) return {};
  return with_context([] { return fmt::format("metadata '{}'", kSizesKey); },
                      [&] { return parse_conditions(*text); });
}

void set_size_conditions(Model& model, const std::vector<SizeCondition>& conditions) {
  std::string text;
  for (const SizeCondition& condition : conditions)
    text.append(text.empty() ? "" : kSeparator).append(condition.text());
  if (!text.empty()) model.set_metadata(kSizesKey, std::move(text));
}

}  // namespace slipway
