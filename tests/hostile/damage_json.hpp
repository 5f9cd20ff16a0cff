// Random damage to the meaning of JSON: it stays JSON.
#pragma once

#include <limits>
#include <utility>
#include <vector>

#include "hostile/mutator.hpp"
#include "torch/json.hpp"

namespace slipway::hostile {

class JsonDamage {
 public:
  JsonDamage(torch::Json& root, Mutator& random) : random_(random) { collect(root); }

  // Once: other places are somewhere else then.
  void apply() {
    torch::Json& place = *random_.one_of(values_);
    switch (random_.below(place.is_structured() && !place.empty() ? 6 : 3)) {
      case 0:
        place = unexpected();
        break;
      case 1:
        place = torch::Json(*random_.one_of(values_));
        break;
      case 2:
        place = near(place);
        break;
      case 3:
        place.erase(any_of(place));
        break;
      case 4:
        repeat(place);
        break;
      default:
        std::swap(*any_of(place), *any_of(place));
    }
  }

 private:
  void collect(torch::Json& value) {
    values_.push_back(&value);
    if (value.is_structured())
      for (torch::Json& inner : value) collect(inner);
  }

  torch::Json::iterator any_of(torch::Json& place) {
    return std::next(place.begin(), static_cast<std::ptrdiff_t>(random_.below(place.size())));
  }

  void repeat(torch::Json& place) {
    torch::Json copy = *any_of(place);
    if (place.is_array())
      place.insert(any_of(place), std::move(copy));
    else
      *any_of(place) = std::move(copy);
  }

  torch::Json near(const torch::Json& value) {
    if (value.is_number_unsigned()) return value.get<uint64_t>() + (random_.one_in(2) ? 1 : -1);
    if (value.is_boolean()) return !value.get<bool>();
    return random_.below(10);
  }

  torch::Json unexpected() {
    using Json = torch::Json;
    static const Json kValues[] = {nullptr,
                                   -1,
                                   1000,
                                   1 << 30,
                                   int64_t{1} << 31,
                                   int64_t{1} << 40,
                                   int64_t{1} << 62,
                                   std::numeric_limits<int64_t>::max(),
                                   std::numeric_limits<int64_t>::min(),
                                   std::numeric_limits<uint64_t>::max(),
                                   0.5,
                                   1e300,
                                   "",
                                   "x",
                                   "s0*s1",
                                   "Infinity",
                                   "Pow(Symbol('s0', integer=True), Integer(-9223372036854775808))",
                                   "FloorDiv(Symbol('s0', integer=True), Integer(0))",
                                   Json::array(),
                                   Json::object(),
                                   Json::array({1, "two"}),
                                   Json::object({{"as_int", -7}}),
                                   Json::object({{"as_ints", {1, 2, -1}}}),
                                   Json::object({{"as_none", true}}),
                                   Json::object({{"as_tensor", {{"name", "x"}}}})};
    return random_.one_of(kValues);
  }

  Mutator& random_;
  std::vector<torch::Json*> values_;
};

inline void damage_json(torch::Json& root, Mutator& random) {
  for (size_t changes = 1 + random.below(3); changes > 0; --changes) JsonDamage(root, random).apply();
}

}  // namespace slipway::hostile
