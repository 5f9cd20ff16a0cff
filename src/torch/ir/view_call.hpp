// A call that may return a view, as the rules see it that say of what form the view is.
#pragma once

#include <algorithm>
#include <limits>
#include <string_view>

#include "torch/ir/call_arguments.hpp"
#include "torch/ir/views.hpp"

namespace slipway::torch::ir {

inline constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
// Beyond, the numbers of a call are not computed with.
inline constexpr int64_t kLargest = int64_t{1} << 48;
constexpr bool is_small(int64_t number) {
  return number >= -kLargest && number <= kLargest;
}

// A call, what it looks at and the result that is asked for.
struct ViewCall {
  const Call& call;
  Value& source;
  size_t output;
  const TensorMeta& meta;  // of the result
  const Assignments& assignments;

  int64_t rank() const { return static_cast<int64_t>(source.meta.sizes.size()); }

  Sharing view(View::Form form) const {
    return {Sharing::Kind::kView, &source, {{std::move(form), meta}}, {}};
  }
  Sharing unclear() const { return {Sharing::Kind::kUnclear, &source, {}, {}}; }
  Sharing own() const { return {}; }
  // A view if the answer is yes, memory of its own if it is no.
  Sharing if_so(Answer answer, View::Form form) const {
    return answer == Answer::kYes ? view(std::move(form)) : answer == Answer::kNo ? own() : unclear();
  }

  // From the front; nullopt when it is no axis or not known.
  std::optional<int64_t> axis(std::string_view name, std::optional<int64_t> missing = {},
                              int64_t ranks = 0) const {
    return wrapped(int_argument(call, name, missing), ranks);
  }
  std::optional<int64_t> wrapped(std::optional<int64_t> axis, int64_t ranks = 0) const {
    const int64_t of = rank() + ranks;
    if (!axis || *axis < -of || *axis >= of) return std::nullopt;
    return *axis < 0 ? *axis + of : *axis;
  }
  // nullopt when it is not known or no tensor can be so large.
  std::optional<int64_t> number(std::string_view name, std::optional<int64_t> missing = {}) const {
    const auto given = int_argument(call, name, missing);
    return given && is_small(*given) ? given : std::nullopt;
  }
  std::optional<std::vector<int64_t>> numbers(std::string_view name) const {
    const auto given = ints_argument(call, name);
    const bool fit = given && std::ranges::all_of(*given, is_small);
    return fit ? given : std::nullopt;
  }
  std::optional<std::vector<int64_t>> axes(std::string_view name) const {
    auto result = ints_argument(call, name);
    if (!result) return std::nullopt;
    for (int64_t& axis : *result) {
      const auto from_front = wrapped(axis);
      if (!from_front) return std::nullopt;
      axis = *from_front;
    }
    return result;
  }
  Argument argument(std::string_view name, const Argument& missing) const {
    const Argument* given = call.find(name);
    return given ? *given : missing;
  }
};

}  // namespace slipway::torch::ir
