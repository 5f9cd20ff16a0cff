// Attributes as rules write them: emit("Conv", {x, w}, {{"strides", strides}, {"group", groups}}).
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "graph/attribute.hpp"

namespace slipway::torch::aten {

// What an attribute can be given, copyable, unlike Attribute::Content.
class AttributeValue {
 public:
  template <std::integral T>
  AttributeValue(T value) : content_(static_cast<int64_t>(value)) {}  // NOLINT: meant to convert
  template <std::floating_point T>
  AttributeValue(T value) : content_(static_cast<float>(value)) {}                // NOLINT
  AttributeValue(DataType type) : content_(static_cast<int64_t>(type)) {}         // NOLINT
  AttributeValue(const char* text) : content_(std::string(text)) {}               // NOLINT
  AttributeValue(std::string text) : content_(std::move(text)) {}                 // NOLINT
  AttributeValue(std::vector<int64_t> numbers) : content_(std::move(numbers)) {}  // NOLINT
  AttributeValue(std::vector<float> numbers) : content_(std::move(numbers)) {}    // NOLINT
  AttributeValue(std::vector<std::string> texts) : content_(std::move(texts)) {}  // NOLINT
  AttributeValue(Tensor tensor) : content_(std::move(tensor)) {}                  // NOLINT

  Attribute::Content content() const;

 private:
  std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>,
               std::vector<std::string>, Tensor>
      content_;
};

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

}  // namespace slipway::torch::aten
