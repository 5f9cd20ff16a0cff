#include "engine/plan_cache.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "engine/lower/operation.hpp"
#include "engine/model.hpp"
#include "engine/plan.hpp"

namespace slipway::engine {
namespace {

// So many misses, of which the last are compared, say that sizes vary.
constexpr size_t kMissesCompared = 8;
constexpr int kMissesToOpen = 16;  // see misses_
// Inputs of at most so many elements and rank 0 or 1 may decide shapes (a Resize's scales, a Reshape's
// shape).
constexpr int64_t kMostShapeElements = 64;

bool may_decide_shapes(const RuntimeValue& value) {
  return value.is_tensor() && value.tensor().rank() <= 1 && value.tensor().count() <= kMostShapeElements &&
         value.tensor().type() != DataType::kString;
}

// By inference: what is claimed of a shape may be wrong.
bool all_shapes_known(const Graph& graph, const ops::InferredTypes& types) {
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value)) {
    const Type& type = types.type(value);
    if (!static_dims(type) || types.is_claimed(value)) return false;
  }
  return true;
}

bool same_value(const Tensor& a, const Tensor& b) {
  return a.defined() == b.defined() && (!a.defined() || identical(a, b));
}

}  // namespace

std::shared_ptr<const Plan> PlanCache::plan_for(const Model& model, std::span<const RuntimeValue> inputs) {
  std::lock_guard lock(mutex_);
  Inputs described = describe(model, inputs);
  std::string key = key_of(described);
  if (auto plan = find(key)) {
    misses_ = std::max(misses_ - 1, 0);
    return plan;
  }
  missed_.push_back(described);
  if (missed_.size() > kMissesCompared) missed_.pop_front();
  misses_ = std::min(misses_ + 2, kMissesToOpen);
  const size_t most = model.options().plan_cache_size;
  if (auto plan = make_open(model, described)) return plan;
  return keep(std::move(key), Plan::make(model, weights_, options_for(model, described)), most);
}

void PlanCache::forget() {
  std::lock_guard lock(mutex_);
  plans_.clear();
  weights_.forget_unused();
}

PlanCache::Inputs PlanCache::describe(const Model& model, std::span<const RuntimeValue> inputs) {
  Inputs described;
  for (const RuntimeValue& input : inputs) {
    Input one;
    one.is_sequence = input.is_sequence();
    if (input.is_tensor()) {
      one.type = input.tensor().type();
      one.shape = Shape(input.tensor().dims().begin(), input.tensor().dims().end());
    }
    described.push_back(std::move(one));
  }
  if (!values_matter_) {
    const bool any_small = std::any_of(inputs.begin(), inputs.end(), may_decide_shapes);
    values_matter_ =
        any_small &&
        !all_shapes_known(model.graph(), ops::infer_types_for(model.graph(), model.environment().operators(),
                                                              options_for(model, described)));
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (*values_matter_ && may_decide_shapes(inputs[i])) described[i].value = inputs[i].tensor().clone();
  return described;
}

std::shared_ptr<const Plan> PlanCache::find(const std::string& key) {
  const auto entry =
      std::find_if(plans_.begin(), plans_.end(), [&](const auto& one) { return one.first == key; });
  if (entry == plans_.end()) return nullptr;
  plans_.splice(plans_.begin(), plans_, entry);
  return entry->second;
}

std::shared_ptr<const Plan> PlanCache::keep(std::string key, std::shared_ptr<const Plan> plan, size_t most) {
  plans_.emplace_front(std::move(key), std::move(plan));
  if (plans_.size() > most) plans_.pop_back();
  return plans_.front().second;
}

// The plan that leaves open what varied in the last misses; nullptr when nothing did, or when a plan for each
// size is worth its price, as for pictures: chains of kernels over them are only made for sizes that are
// known.
std::shared_ptr<const Plan> PlanCache::make_open(const Model& model, const Inputs& inputs) {
  if (!may_open_ || misses_ < kMissesToOpen) return nullptr;
  open_axes_.resize(inputs.size());
  open_values_.resize(inputs.size());
  bool any_open = false;
  Inputs open = inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    open_axes_[i].resize(inputs[i].shape.size());
    for (const Inputs& before : missed_) {
      const Input& other = before[i];
      if (other.type != inputs[i].type || other.shape.size() != inputs[i].shape.size()) return nullptr;
      for (size_t axis = 0; axis < other.shape.size(); ++axis)
        if (!(other.shape[axis] == inputs[i].shape[axis])) open_axes_[i][axis] = true;
      if (!same_value(other.value, inputs[i].value)) open_values_[i] = true;
    }
    const auto& stated = model.graph().inputs()[i]->type().shape();
    for (size_t axis = 0; axis < open[i].shape.size(); ++axis) {
      if (!open_axes_[i][axis]) continue;
      // Its symbol, so that inputs that share it still fit one another.
      open[i].shape[axis] =
          stated && axis < stated->size() && (*stated)[axis].is_symbolic() ? (*stated)[axis] : Dim();
      any_open = true;
    }
    if (open_values_[i]) open[i].value = Tensor(), any_open = true;
  }
  if (!any_open) return nullptr;
  std::string key = key_of(open);
  if (auto plan = find(key)) return plan;
  auto plan = Plan::make(model, weights_, options_for(model, open));
  may_open_ = !plan->has_late_regions();
  if (!may_open_) return nullptr;
  return keep(std::move(key), std::move(plan), model.options().plan_cache_size);
}

// A file chooses symbols and whoever runs it values: they stand behind their lengths, so that none of them
// can pass for anything else.
std::string PlanCache::key_of(const Inputs& inputs) {
  std::string key;
  const auto append = [&](std::string_view text) {
    key.append(std::to_string(text.size()) + ":").append(text);
  };
  for (const Input& input : inputs) {
    key +=
        input.type == DataType::kUndefined ? (input.is_sequence ? "sequence" : "none") : name_of(input.type);
    for (const Dim& dim : input.shape) {
      key += ',';
      if (dim.is_symbolic())
        append(dim.to_string());
      else
        key += dim.to_string();
    }
    key += ';';
    if (input.value.defined())
      append({static_cast<const char*>(input.value.raw()), static_cast<size_t>(input.value.bytes())});
  }
  return key;
}

ops::InferenceOptions PlanCache::options_for(const Model& model, const Inputs& inputs) {
  ops::InferenceOptions options;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].type == DataType::kUndefined) continue;
    const std::string& name = model.graph().inputs()[i]->name();
    options.input_types[name] = Type::tensor(inputs[i].type, inputs[i].shape);
    if (inputs[i].value.defined()) options.input_values[name] = inputs[i].value;
  }
  return options;
}

}  // namespace slipway::engine
