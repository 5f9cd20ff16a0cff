#include "workbench/compare/partners.hpp"

#include <algorithm>
#include <map>

#include "workbench/compare/align.hpp"
#include "workbench/compare/node_differences.hpp"

namespace slipway::workbench {
namespace {

using Values = std::vector<const Value*>;
using Pairs = std::vector<std::pair<const Value*, const Value*>>;

// Of nodes that were shuffled names mean nothing: so many of the equal ones have to be made by equal
// operators.
constexpr double kTrustedNames = 0.75;

Values made_by_nodes(const Graph& graph) {
  Values values;
  for (const Node* node = graph.first_node(); node; node = node->next())
    for (const Value* output : node->outputs())
      if (output) values.push_back(output);
  return values;
}

Pairs with_equal_names(const Values& a, const Values& b) {
  std::unordered_map<std::string_view, const Value*> by_name;
  for (const Value* value : a) by_name[value->name()] = value;
  Pairs pairs;
  int64_t like = 0;
  for (const Value* value : b) {
    const auto found = by_name.find(value->name());
    if (found == by_name.end()) continue;
    pairs.emplace_back(found->second, value);
    like += same_operator(*found->second->producer(), *value->producer());
  }
  if (static_cast<double>(like) < kTrustedNames * static_cast<double>(pairs.size())) pairs.clear();
  return pairs;
}

// Takes the pairs for which `same` holds out of both lists, each value once, the first that fits.
template <typename Same>
void take_pairs(Values& a, Values& b, Pairs& pairs, const Same& same) {
  for (size_t i = 0; i < b.size();) {
    const auto found = std::find_if(a.begin(), a.end(), [&](const Value* one) { return same(*one, *b[i]); });
    if (found == a.end()) {
      ++i;
      continue;
    }
    pairs.emplace_back(*found, b[i]);
    a.erase(found);
    b.erase(b.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

// Beyond that, values of one key are paired by their order alone.
constexpr size_t kMostAlike = 64;

// Values whose keys are equal. Where several share one, those whose nodes state the same go together first,
// then those of one name, then the rest in their order.
template <typename Key>
Pairs with_equal_keys(const Values& a, const Values& b, bool trust_names, const Key& key) {
  std::map<decltype(key(*a[0], true)), std::pair<Values, Values>> groups;
  for (const Value* value : a) groups[key(*value, true)].first.push_back(value);
  for (const Value* value : b) groups[key(*value, false)].second.push_back(value);
  Pairs pairs;
  for (auto& [unused, group] : groups) {
    auto& [of_a, of_b] = group;
    if (std::max(of_a.size(), of_b.size()) > 1 && std::max(of_a.size(), of_b.size()) <= kMostAlike) {
      take_pairs(of_a, of_b, pairs, [](const Value& one, const Value& other) {
        return node_differences(*one.producer(), *other.producer()).empty();
      });
      if (trust_names)
        take_pairs(of_a, of_b, pairs,
                   [](const Value& one, const Value& other) { return one.name() == other.name(); });
    }
    for (size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i) pairs.emplace_back(of_a[i], of_b[i]);
  }
  return pairs;
}

void leave_out(Values& values, const std::function<bool(const Value*)>& done) {
  values.erase(std::remove_if(values.begin(), values.end(), done), values.end());
}

std::vector<std::string> keys_of(const Values& values, const Partners::TypeText& type) {
  std::vector<std::string> keys;
  for (const Value* value : values) keys.push_back(value->producer()->op_type() + " " + type(*value));
  return keys;
}

}  // namespace

Partners::Partners(const Graph& a, const Graph& b, const Ends& ends, const TypeText& type_a,
                   const TypeText& type_b) {
  Values inputs_a, inputs_b, outputs_a, outputs_b;
  for (const auto& [of_a, of_b] : ends.inputs) inputs_a.push_back(of_a), inputs_b.push_back(of_b);
  for (const auto& [of_a, of_b] : ends.outputs) outputs_a.push_back(of_a), outputs_b.push_back(of_b);
  const Places places_a = places_of(a, inputs_a, outputs_a), places_b = places_of(b, inputs_b, outputs_b);
  const auto place = [&](const Value& value, bool is_a) { return (is_a ? places_a : places_b).at(&value); };

  Values left_a = made_by_nodes(a), left_b = made_by_nodes(b);
  const Pairs named = with_equal_names(left_a, left_b);
  const bool trusted = !named.empty();
  std::unordered_map<const Value*, bool> placed;
  const auto by_place = [&](const Value& value, bool is_a) {
    const Place found = place(value, is_a);
    return std::pair(found.from_inputs, found.from_outputs);
  };
  for (const auto& [of_a, of_b] : with_equal_keys(left_a, left_b, trusted, by_place)) {
    add(of_a, of_b, true);
    placed[of_a] = placed[of_b] = true;
  }
  for (const auto& [of_a, of_b] : named) add(of_a, of_b, false);
  for (Values* left : {&left_a, &left_b})
    leave_out(*left, [&](const Value* value) { return placed.count(value) > 0; });
  // What nobody reads is alike from the outputs, whatever it is.
  const auto from_outputs = [&](const Value& value, bool is_a) {
    const Place found = place(value, is_a);
    return found.from_outputs != 0 ? found.from_outputs : found.from_inputs;
  };
  for (const auto& [of_a, of_b] : with_equal_keys(left_a, left_b, trusted, from_outputs))
    add(of_a, of_b, false);
  const auto from_inputs = [&](const Value& value, bool is_a) { return place(value, is_a).from_inputs; };
  for (const auto& [of_a, of_b] : with_equal_keys(left_a, left_b, trusted, from_inputs))
    add(of_a, of_b, false);
  for (const auto& [i, j] : align(keys_of(left_a, type_a), keys_of(left_b, type_b)))
    add(left_a[i], left_b[j], false);
}

void Partners::add(const Value* a, const Value* b, bool certain) {
  auto& known = partners_[b];
  const bool there =
      std::any_of(known.begin(), known.end(), [&](const Partner& partner) { return partner.value == a; });
  if (!there) known.push_back({a, certain});
}

const std::vector<Partner>& Partners::of(const Value& b) const {
  static const std::vector<Partner> none;
  const auto found = partners_.find(&b);
  return found == partners_.end() ? none : found->second;
}

}  // namespace slipway::workbench
