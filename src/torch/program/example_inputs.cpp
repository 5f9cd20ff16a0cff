#include "torch/program/example_inputs.hpp"

#include "base/error.hpp"

namespace slipway::torch {
namespace {

constexpr size_t kMostNesting = 64;
// The same list may stand in many others.
constexpr size_t kMostVisits = 10'000;

class Leaves {
 public:
  explicit Leaves(const FindStorage& find_storage) : find_storage_(find_storage) {}

  void visit(const PickleValue& value) {
    if (++depth_ > kMostNesting)
      fail(ErrorCode::kInvalidModel, "the example inputs are nested deeper than {}", kMostNesting);
    if (++visits_ > kMostVisits)
      fail(ErrorCode::kOutOfMemory, "there are more than {} example inputs", kMostVisits);
    visit_content(value);
    --depth_;
  }

  std::vector<Tensor> take() { return std::move(leaves_); }

 private:
  void visit_content(const PickleValue& value) {
    if (const auto* list = value.as<PickleList>()) return visit_all(list->elements);
    if (const auto* dict = value.as<PickleDict>()) return visit_values(dict->items);
    if (const auto* object = value.as<PickleObject>()) return visit_object(value, *object);
    if (const auto* integer = value.as<int64_t>()) return add(Tensor::scalar<int64_t>(*integer));
    if (const auto* number = value.as<double>()) return add(Tensor::scalar<double>(*number));
    if (const auto* truth = value.as<bool>()) return add(Tensor::scalar<bool>(*truth));
    add({});
  }

  void visit_object(const PickleValue& value, const PickleObject& object) {
    if (auto tensor = find_tensor_record(value, find_storage_)) return add(std::move(*tensor));
    if (!object.items.empty()) return visit_values(object.items);  // an OrderedDict
    if (!object.elements.empty()) return visit_all(object.elements);
    // A dataclass, of whose fields those that are None are no leaves.
    if (const auto* fields = object.state ? object.state->as<PickleDict>() : nullptr)
      return visit_values(fields->items, true);
    if (const auto* arguments = object.arguments->as<PickleList>()) visit_all(arguments->elements);
  }

  void visit_all(const std::vector<PickleValue*>& elements) {
    for (const PickleValue* element : elements) visit(*element);
  }
  void visit_values(const std::vector<std::pair<PickleValue*, PickleValue*>>& items, bool skip_none = false) {
    if (skip_none) visits_ += items.size();
    for (const auto& [key, value] : items)
      if (!skip_none || !value->as<PickleNone>()) visit(*value);
  }
  void add(Tensor leaf) { leaves_.push_back(std::move(leaf)); }

  const FindStorage& find_storage_;
  std::vector<Tensor> leaves_;
  size_t depth_ = 0, visits_ = 0;
};

}  // namespace

std::vector<Tensor> read_example_inputs(const PickleValue& root, const FindStorage& find_storage) {
  Leaves leaves(find_storage);
  leaves.visit(root);
  return leaves.take();
}

}  // namespace slipway::torch
