#include "torch/aten/attribute_value.hpp"

#include "graph/graph.hpp"

namespace slipway::torch::aten {

Attribute::Content AttributeValue::content() const {
  return std::visit(
      [](const auto& value) -> Attribute::Content {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Tensor>)
          return Boxed<Constant>(Constant{.tensor = value, .name = {}, .preserved = {}});
        else
          return value;
      },
      content_);
}

}  // namespace slipway::torch::aten
