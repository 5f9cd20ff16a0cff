#include "torch/program/tensor_meta.hpp"

#include "base/error.hpp"
#include "tensor/tensor_text.hpp"
#include "torch/program/enumerators.hpp"

namespace slipway::torch {
namespace {

Shape read_sizes(const Json& meta, const std::string& name, SympyExpressions& expressions) {
  const auto& list = array_at(meta, name);
  check_tensor_rank(list.size());
  Shape sizes;
  sizes.reserve(list.size());
  for (const Json& size : list) sizes.push_back(read_size(size, expressions));
  return sizes;
}

// Throws where the known sizes are those of no tensor: whoever reads them can multiply them.
void check_count(const Shape& sizes) {
  Dims known;
  for (const Dim& size : sizes)
    if (size.is_known()) known.push_back(size.value());
  element_count(known);
}

ir::TensorMeta read_plain_meta(const Json& meta, SympyExpressions& expressions) {
  if (const Json* layout = find_member(meta, "layout")) {
    const int64_t number = as_integer(*layout, "layout");
    if (number != kStridedLayout && number != 0)
      fail(ErrorCode::kUnsupported, "a tensor of layout torch.{} is not read; use to_dense()",
           program_layout(number));
  }
  ir::TensorMeta result;
  result.type = program_data_type(as_integer(member(meta, "dtype"), "dtype"));
  result.sizes = read_sizes(meta, "sizes", expressions);
  check_count(result.sizes);
  result.strides = read_sizes(meta, "strides", expressions);
  if (result.strides.size() != result.sizes.size())
    fail(ErrorCode::kInvalidModel, "it has {} sizes and {} strides", result.sizes.size(),
         result.strides.size());
  if (const Json* offset = find_member(meta, "storage_offset"))
    result.offset = read_size(*offset, expressions);
  return result;
}

}  // namespace

Dim read_size(const Json& size, SympyExpressions& expressions) {
  if (size.is_number()) return read_size(Json::object({{"as_int", size}}), expressions);
  const Choice choice = choice_of(size, "a size");
  if (choice.kind == "as_int") {
    const int64_t number = as_integer(choice.value, "as_int");
    return number < 0 ? Dim() : Dim(number);
  }
  if (choice.kind != "as_expr")
    fail(ErrorCode::kInvalidModel, "{} is no kind of size", slipway::quoted(choice.kind));
  return expressions.read(text_at(choice.value, "expr_str"));
}

ir::TensorMeta read_tensor_meta(const Json& meta, SympyExpressions& expressions) {
  if (const Json* inner = find_member(meta, "meta")) return read_plain_meta(*inner, expressions);
  return read_plain_meta(meta, expressions);
}

}  // namespace slipway::torch
