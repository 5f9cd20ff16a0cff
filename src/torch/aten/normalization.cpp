#include "torch/aten/normalization.hpp"

#include <fmt/format.h>

#include "ops/element_dispatch.hpp"

namespace slipway::torch::aten {
namespace {

// More elements are not written out one by one.
constexpr int64_t kMostFilled = 1 << 24;

}  // namespace

Value* given_or_filled(Conversion& c, std::string_view argument, const Shape& sizes, double value) {
  if (c.has(argument)) return c.tensor(argument);
  if (!all_known(sizes) || element_count(known_dims(sizes)) > kMostFilled)
    return c.emit("Expand", {c.scalar(c.result_meta().type, value), c.shape(sizes)});
  Tensor filled(c.result_meta().type, known_dims(sizes));
  ops::dispatch<ops::Floats>(filled.type(), [&]<typename T>(ops::ElementType<T>) {
    for (T& element : filled.data<T>()) element = static_cast<T>(value);
  });
  return c.constant(std::move(filled));
}

Attributes epsilon_attribute(double epsilon) {
  if (static_cast<float>(epsilon) == 1e-5F) return {};
  return {{"epsilon", epsilon}};
}

void require_first_result_only(const Conversion& c) {
  for (size_t i = 1; i < c.call().outputs.size(); ++i)
    if (c.is_used(i)) c.refuse(fmt::format("its result {}, which only training needs, is used", i));
}

}  // namespace slipway::torch::aten
