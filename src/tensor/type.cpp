#include "tensor/type.hpp"

#include <algorithm>

namespace slipway {

Type Type::tensor(DataType element, std::optional<Shape> shape) {
  Type type;
  type.kind_ = Kind::kTensor;
  type.element_ = element;
  type.shape_ = std::move(shape);
  return type;
}

Type Type::sparse_tensor(DataType element, std::optional<Shape> shape) {
  Type type = tensor(element, std::move(shape));
  type.kind_ = Kind::kSparseTensor;
  return type;
}

Type Type::sequence(Type element) {
  Type type;
  type.kind_ = Kind::kSequence;
  type.inner_ = std::make_shared<const Type>(std::move(element));
  return type;
}

Type Type::optional(Type element) {
  Type type = sequence(std::move(element));
  type.kind_ = Kind::kOptional;
  return type;
}

Type Type::map(DataType key, Type value) {
  Type type = sequence(std::move(value));
  type.kind_ = Kind::kMap;
  type.element_ = key;
  return type;
}

std::string Type::to_string() const {
  switch (kind_) {
    case Kind::kNone:
      return "?";
    case Kind::kTensor:
      return std::string(name_of(element_)) + (shape_ ? slipway::to_string(*shape_) : "[...]");
    case Kind::kSparseTensor:
      return "sparse " + std::string(name_of(element_)) + (shape_ ? slipway::to_string(*shape_) : "[...]");
    case Kind::kSequence:
      return "seq(" + inner_->to_string() + ")";
    case Kind::kOptional:
      return "optional(" + inner_->to_string() + ")";
    case Kind::kMap:
      return "map(" + std::string(name_of(element_)) + "," + inner_->to_string() + ")";
  }
  return "?";
}

namespace {

// Here two unknown dimensions are alike: both types say the same.
bool same_shape(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Dim& x, const Dim& y) { return x.is_unknown() ? y.is_unknown() : x == y; });
}

}  // namespace

bool operator==(const Type& a, const Type& b) {
  if (a.kind_ != b.kind_ || a.element_ != b.element_ || a.shape_.has_value() != b.shape_.has_value())
    return false;
  if (a.shape_ && !same_shape(*a.shape_, *b.shape_)) return false;
  if (!a.inner_ || !b.inner_) return a.inner_ == b.inner_;
  return *a.inner_ == *b.inner_;
}

}  // namespace slipway
