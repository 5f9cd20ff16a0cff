#include "onnx/opset/contrib/attention_mask.hpp"

#include <limits>

namespace slipway::contrib_rule {
namespace {

Value* unsqueezed(NodeConversion& upgrade, Value* value, const std::vector<int64_t>& axes) {
  return upgrade.make("Unsqueeze", {value, upgrade.add_list(axes)});
}

// [batch, keys]: the places from each sequence's begin up to its end.
Value* places_inside(NodeConversion& upgrade, Value* ends_and_begins, Value* query, Value* all_tokens) {
  Value* batch = upgrade.make("Shape", {query}, {{"start", 0}, {"end", 1}});
  Value* first = upgrade.add_list({0});
  Value* list = upgrade.make("Cast", {ends_and_begins}, {{"to", static_cast<int64_t>(DataType::kInt64)}});
  Value* ends = upgrade.make("Slice", {list, first, batch});
  // The list may end here, or go on with something else than begins: then they are 0.
  Value* zeros = upgrade.make("Expand", {first, batch});
  Value* padded = upgrade.make("Concat", {list, zeros}, {{"axis", 0}});
  Value* twice = upgrade.make("Add", {batch, batch});
  Value* has_begins = upgrade.make("Equal", {upgrade.make("Shape", {list}), twice});
  Value* begins = upgrade.make("Where", {has_begins, upgrade.make("Slice", {padded, batch, twice}), zeros});
  Value* count = upgrade.make("Reshape", {all_tokens, upgrade.add_list({})});
  Value* places = upgrade.make("Range", {upgrade.add_number(0), count, upgrade.add_number(1)});
  return upgrade.make("And", {upgrade.make("Less", {places, unsqueezed(upgrade, ends, {1})}),
                              upgrade.make("GreaterOrEqual", {places, unsqueezed(upgrade, begins, {1})})});
}

}  // namespace

Value* padding_mask(NodeConversion& upgrade, Value* padding, Value* query, Value* all_tokens, float filter) {
  const auto rank = upgrade.rank(padding);
  Value* kept = nullptr;
  if (rank == 1u) {
    kept = unsqueezed(upgrade, places_inside(upgrade, padding, query, all_tokens), {1, 2});
  } else if (rank == 2u || rank == 3u) {
    kept = upgrade.make("Cast", {padding}, {{"to", static_cast<int64_t>(DataType::kBool)}});
    kept = unsqueezed(upgrade, kept, *rank == 2 ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{1});
  } else {
    upgrade.refuse("its mask does not have 1, 2 or 3 axes");
  }
  return upgrade.make("Where",
                      {kept, upgrade.add_scalar_like(query, 0), upgrade.add_scalar_like(query, filter)});
}

}  // namespace slipway::contrib_rule
