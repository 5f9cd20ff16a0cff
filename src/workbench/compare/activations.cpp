#include "workbench/compare/activations.hpp"

#include <algorithm>
#include <numeric>
#include <span>

namespace slipway::workbench {
namespace {

// A network has long and short paths: values from a few places are wanted in turns.
constexpr size_t kLoadedGroups = 4;

// 0 when it is not known.
size_t bytes_of(const Type& type) {
  if (!type.is_tensor() || !type.shape() || !all_known(*type.shape())) return 0;
  const Dims dims = known_dims(*type.shape());
  const int64_t count = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
  return bytes_for(type.element_type(), count);
}

}  // namespace

Activations::Activations(const OpenedModel& model, size_t budget) : model_(model) {
  for (const Node* node = model.graph().first_node(); node; node = node->next())
    for (const Value* output : node->outputs()) {
      if (!output) continue;
      place_[output] = values_.size();
      values_.push_back(output);
      bytes_.push_back(bytes_of(model.type_of(*output)));
    }
  if (values_.empty()) return;
  const size_t largest = *std::max_element(bytes_.begin(), bytes_.end());
  for (size_t& bytes : bytes_)
    if (bytes == 0) bytes = largest;
  const size_t all = std::accumulate(bytes_.begin(), bytes_.end(), size_t{0});
  make_groups(all <= budget ? all : budget / kLoadedGroups);
}

void Activations::make_groups(size_t most) {
  size_t held = 0;
  for (size_t i = 0; i < values_.size(); ++i) {
    if (groups_.empty() || held + bytes_[i] > most) {
      groups_.push_back({i, i});
      held = 0;
    }
    held += bytes_[i];
    groups_.back().end = i + 1;
  }
}

const std::vector<RuntimeValue>& Activations::load(size_t group) {
  const auto found =
      std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& one) { return one.first == group; });
  if (found != loaded_.end()) {
    loaded_.splice(loaded_.begin(), loaded_, found);
  } else {
    if (loaded_.size() == kLoadedGroups) loaded_.pop_back();
    const auto [begin, end] = groups_[group];
    loaded_.emplace_front(group, model_.run(std::span(values_).subspan(begin, end - begin)));
  }
  return loaded_.front().second;
}

RuntimeValue Activations::at(const Value& value) {
  const size_t place = place_.at(&value);
  const auto after = std::upper_bound(groups_.begin(), groups_.end(), place,
                                      [](size_t index, const Group& group) { return index < group.begin; });
  const auto group = static_cast<size_t>(after - groups_.begin()) - 1;
  return load(group)[place - groups_[group].begin];
}

}  // namespace slipway::workbench
