#include "ops/type_attribute.hpp"

#include "base/error.hpp"

namespace slipway::ops {

DataType type_attribute(const Node& node, std::string_view attribute, DataType otherwise, TypeSet allowed) {
  if (!node.find_attribute(attribute)) return otherwise;
  const int64_t number = node.int_attribute(attribute, 0);
  if (!is_data_type(number) || !allowed.contains(static_cast<DataType>(number)))
    fail(ErrorCode::kInvalidModel,
         "attribute '{}' is {}, but the number of one of these types was expected: {}", attribute, number,
         allowed.to_string());
  return static_cast<DataType>(number);
}

}  // namespace slipway::ops
