#include "tensor/runtime_value.hpp"

#include <utility>

#include "base/error.hpp"

namespace slipway {

RuntimeValue::RuntimeValue(Sequence sequence) : content_(std::make_shared<Sequence>(std::move(sequence))) {}

const Tensor& RuntimeValue::tensor() const {
  if (!is_tensor())
    fail(ErrorCode::kInvalidArgument, "a tensor was expected, but {} is there",
         is_sequence() ? "a sequence" : "an empty optional");
  return std::get<Tensor>(content_);
}

Tensor& RuntimeValue::tensor() {
  return const_cast<Tensor&>(std::as_const(*this).tensor());
}

const Sequence& RuntimeValue::sequence() const {
  if (!is_sequence())
    fail(ErrorCode::kInvalidArgument, "a sequence was expected, but {} is there",
         is_tensor() ? "a tensor" : "an empty optional");
  return *std::get<std::shared_ptr<const Sequence>>(content_);
}

Sequence RuntimeValue::take_sequence() {
  sequence();
  const auto shared = std::get<std::shared_ptr<const Sequence>>(std::exchange(content_, std::monostate()));
  // Made as a Sequence that is not const, and nobody else looks at it.
  if (shared.use_count() == 1) return std::move(*std::const_pointer_cast<Sequence>(shared));
  return *shared;
}

}  // namespace slipway
