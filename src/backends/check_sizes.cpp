#include "backends/check_sizes.hpp"

#include "base/error.hpp"
#include "tensor/linear_size.hpp"

namespace slipway::backends {
namespace {

using Sizes = std::map<std::string, int64_t, std::less<>>;

// An axis of a tensor that was given, which the model has a name or an expression for.
struct Place {
  const Port* port;
  size_t axis;
  const Dim* dim;
  int64_t size;

  bool is_expression() const { return dim->text().find_first_of("+-*/%()") != std::string::npos; }
};

std::vector<Place> find_places(const std::vector<Port>& ports, std::span<const RuntimeValue> values) {
  std::vector<Place> places;
  for (size_t i = 0; i < ports.size(); ++i) {
    if (!values[i].is_tensor() || !ports[i].type.is_tensor() || !ports[i].type.shape()) continue;
    const Shape& shape = *ports[i].type.shape();
    for (size_t axis = 0; axis < shape.size(); ++axis)
      if (shape[axis].is_symbolic())
        places.push_back({&ports[i], axis, &shape[axis], values[i].tensor().dim(axis)});
  }
  return places;
}

// What names mean in this call.
class SizeCheck {
 public:
  explicit SizeCheck(std::vector<Place> places) : places_(std::move(places)) {}

  Sizes run(std::span<const SizeCondition> conditions) {
    for_each_place([&](const Place& place) { check_text(place); });
    for (const auto& [text, place] : first_)
      if (!place->is_expression()) bind(text, place->size, *place);
    for_each_place([&](const Place& place) {
      if (place.is_expression()) check_expression(place);
    });
    for (const SizeCondition& condition : conditions) check_condition(condition);
    return std::move(sizes_);
  }

 private:
  // Errors of `visit` name the input.
  template <typename Visit>
  void for_each_place(Visit&& visit) {
    for (const Place& place : places_) in_input(place, [&] { visit(place); });
  }
  template <typename Action>
  static void in_input(const Place& place, Action&& action) {
    with_context([&] { return "input '" + place.port->name + "'"; }, action);
  }

  // The same text means the same number, whether it is a name or an expression.
  void check_text(const Place& place) {
    const auto [entry, is_new] = first_.try_emplace(place.dim->text(), &place);
    const Place& first = *entry->second;
    if (!is_new && first.size != place.size)
      fail(ErrorCode::kInvalidArgument,
           "axis {} ('{}') has size {}, but '{}' is {} already, by axis {} of input '{}'", place.axis,
           place.dim->text(), place.size, place.dim->text(), first.size, first.axis, first.port->name);
  }

  void bind(const std::string& name, int64_t size, const Place& place) {
    sizes_.emplace(name, size);
    told_by_.emplace(name, &place);
  }

  void check_expression(const Place& place) {
    const Dim expected = place.dim->substitute(sizes_);
    if (expected.is_known() && expected.value() != place.size)
      fail(ErrorCode::kInvalidArgument, "axis {} has size {}, but the model takes '{}', which is {} here",
           place.axis, place.size, place.dim->text(), expected.value());
    const auto linear = as_linear(expected);
    if (!linear) return;
    const auto solved = linear->solve(place.size);
    if (!solved)
      fail(ErrorCode::kInvalidArgument, "axis {} has size {}, but the model takes '{}', {}", place.axis,
           place.size, place.dim->text(), linear->sizes());
    bind(linear->name, *solved, place);
  }

  void check_condition(const SizeCondition& condition) {
    std::vector<int64_t> sizes;
    for (const std::string& name : condition.names()) {
      const auto found = sizes_.find(name);
      if (found == sizes_.end()) return;
      sizes.push_back(found->second);
    }
    if (sizes.empty() || condition.holds(sizes)) return;
    const Place& place = *told_by_.at(condition.names()[0]);
    in_input(place, [&] {
      fail(ErrorCode::kInvalidArgument, "axis {} ('{}') has size {}, but the model only takes '{}'{}",
           place.axis, place.dim->text(), place.size, condition.text(), others(condition, place));
    });
  }

  // Where the other names of a condition come from: "; axis 3 of input 'x' ('w') has size 3".
  std::string others(const SizeCondition& condition, const Place& named) const {
    std::string text;
    for (const std::string& name : condition.names()) {
      const Place& place = *told_by_.at(name);
      if (&place != &named)
        text += fmt::format("; axis {} of input '{}' ('{}') has size {}", place.axis, place.port->name,
                            place.dim->text(), place.size);
    }
    return text;
  }

  std::vector<Place> places_;
  std::map<std::string, const Place*, std::less<>> first_;  // with this text
  Sizes sizes_;                                             // by name
  std::map<std::string, const Place*, std::less<>> told_by_;
};

}  // namespace

Sizes check_sizes(const std::vector<Port>& ports, std::span<const SizeCondition> conditions,
                  std::span<const RuntimeValue> values) {
  std::vector<Place> places = find_places(ports, values);
  if (places.empty()) return {};
  return SizeCheck(std::move(places)).run(conditions);
}

}  // namespace slipway::backends
