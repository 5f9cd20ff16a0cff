#include "tensor/runtime_value.hpp"

#include <utility>

#include "base/error.hpp"

namespace slipway {

RuntimeValue::RuntimeValue(Sequence sequence) : content_(std::make_shared<Sequence>(std::move(sequence))) {}

RuntimeValue::RuntimeValue(Map map) {
  if (map.keys.rank() != 1 || map.keys.dims() != map.values.dims())
    fail(ErrorCode::kInvalidArgument,
         "a map of keys {} and values {} was given, but one value a key is expected", map.keys.describe(),
         map.values.describe());
  content_ = std::make_shared<const Map>(std::move(map));
}

const char* RuntimeValue::kind_name() const {
  if (is_tensor()) return "a tensor";
  if (is_sequence()) return "a sequence";
  return is_map() ? "a map" : "an empty optional";
}

const Tensor& RuntimeValue::tensor() const {
  if (!is_tensor()) fail(ErrorCode::kInvalidArgument, "a tensor was expected, but {} is there", kind_name());
  return std::get<Tensor>(content_);
}

Tensor& RuntimeValue::tensor() {
  return const_cast<Tensor&>(std::as_const(*this).tensor());
}

const Sequence& RuntimeValue::sequence() const {
  if (!is_sequence())
    fail(ErrorCode::kInvalidArgument, "a sequence was expected, but {} is there", kind_name());
  return *std::get<std::shared_ptr<const Sequence>>(content_);
}

Sequence RuntimeValue::take_sequence() {
  sequence();
  const auto shared = std::get<std::shared_ptr<const Sequence>>(std::exchange(content_, std::monostate()));
  // Made as a Sequence that is not const, and nobody else looks at it.
  if (shared.use_count() == 1) return std::move(*std::const_pointer_cast<Sequence>(shared));
  return *shared;
}

const Map& RuntimeValue::map() const {
  if (!is_map()) fail(ErrorCode::kInvalidArgument, "a map was expected, but {} is there", kind_name());
  return *std::get<std::shared_ptr<const Map>>(content_);
}

}  // namespace slipway
