#include "tensor/runtime_value.hpp"

#include "base/error.hpp"

namespace slipway {

RuntimeValue::RuntimeValue(Sequence sequence)
    : content_(std::make_shared<const Sequence>(std::move(sequence))) {}

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

}  // namespace slipway
