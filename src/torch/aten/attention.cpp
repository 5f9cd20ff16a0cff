// scaled_dot_product_attention, and what it becomes on the way to a processor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "torch/aten/normalization.hpp"
#include "torch/aten/reshape.hpp"

namespace slipway::torch::aten {
namespace {

// [batch, heads, tokens, size] of any number of axes: without heads one is put in, what stands before them is
// one axis.
Shape with_heads(const Shape& sizes) {
  const size_t rank = sizes.size();
  Shape four(sizes.end() - 2, sizes.end());
  four.insert(four.begin(), rank > 3 ? sizes[rank - 3] : Dim(1));
  Dim batch = rank == 3 ? sizes[0] : Dim(1);
  for (size_t i = 0; i + 3 < rank; ++i) batch = batch * sizes[i];
  four.insert(four.begin(), batch);
  return four;
}

Value* heads(Conversion& c, const char* argument) {
  const Shape& sizes = c.meta(argument).sizes;
  if (sizes.size() < 2)
    c.refuse(fmt::format("'{}' is {}, but two axes are expected", argument, to_string(sizes)));
  return reshape(c, c.tensor(argument), sizes, with_heads(sizes));
}

// The mask as ONNX broadcasts it. One of a single key for all is written out: ONNX takes it for a mask that
// ends after the first.
Value* mask(Conversion& c, const char* argument) {
  if (!c.has(argument)) return nullptr;
  const Shape& sizes = c.meta(argument).sizes;
  const size_t rank = c.meta("query").sizes.size();
  Value* value = c.tensor(argument);
  Shape reached = sizes;
  if (sizes.size() == 3 && rank == 3) {
    reached = {sizes[0], 1, sizes[1], sizes[2]};
    value = c.emit("Unsqueeze", {value, c.ints({1})});
  } else if (sizes.size() > 4) {
    reached = with_heads(sizes);
    if (reached[0] != with_heads(c.meta("query").sizes)[0])
      c.refuse(fmt::format("a mask of {} is not combined with a query of {}", to_string(sizes),
                           to_string(c.meta("query").sizes)));
    value = reshape(c, value, sizes, reached);
  } else if (sizes.size() < 2) {
    c.refuse("a mask has an axis of queries and one of keys");
  }
  const Dim& keys = c.meta("key").sizes.end()[-2];
  if (reached.back() != Dim(1) || keys == Dim(1)) return value;
  Shape written_out(reached.size(), 1);
  written_out.back() = keys;
  return c.emit("Expand", {value, c.shape(written_out)});
}

bool is_default_scale(const Conversion& c, double scale) {
  const Dim& size = c.meta("query").sizes.back();
  return size.is_known() &&
         static_cast<float>(scale) == static_cast<float>(1 / std::sqrt(static_cast<double>(size.value())));
}

// Could a query see no key at all? That can be told of constants.
bool may_mask_all(const Value* mask) {
  const Tensor* constant = mask->constant();
  if (!constant || constant->type() != DataType::kBool || constant->rank() == 0) return true;
  const auto entries = constant->data<bool>();
  const auto keys = static_cast<size_t>(constant->dims().back());
  for (size_t row = 0; row + keys <= entries.size() && keys > 0; row += keys) {
    const auto seen = entries.subspan(row, keys);
    if (std::find(seen.begin(), seen.end(), true) == seen.end()) return true;
  }
  return false;
}

// ONNX's softmax of nothing is no number, PyTorch's attention is 0 then.
Value* zero_where_all_is_masked(Conversion& c, Value* result, const char* argument) {
  if (!c.has(argument) || c.meta(argument).type != DataType::kBool) return result;
  if (c.rank(argument) > 4 || c.rank(argument) > c.rank("query")) return result;
  Value* mask = c.tensor(argument);
  if (!may_mask_all(mask)) return result;
  if (c.rank(argument) == 3 && c.rank("query") == 3) mask = c.emit("Unsqueeze", {mask, c.ints({1})});
  Value* sees = c.emit("ReduceMax", {mask, c.ints({-1})});
  return c.emit("Where", {sees, result, c.scalar(c.meta("query").type, 0.0)});
}

// Its result, and the weights after the softmax when they are wanted.
std::vector<Value*> attend(Conversion& c, const char* mask_argument, bool weights) {
  if (c.number("dropout_p", 0) != 0)
    c.refuse("it drops weights at random: export the model in eval(), with dropout_p=0");
  Value *query = heads(c, "query"), *key = heads(c, "key"), *value = heads(c, "value");
  Attributes attributes;
  if (c.truth("is_causal", false)) attributes.emplace_back("is_causal", 1);
  if (c.has("scale") && !is_default_scale(c, c.number("scale")))
    attributes.emplace_back("scale", c.number("scale"));
  if (weights) attributes.emplace_back("qk_matmul_output_mode", 3);
  auto made =
      c.emit_several("Attention", {query, key, value, mask(c, mask_argument)}, weights ? 4 : 1, attributes);
  made[0] = zero_where_all_is_masked(c, made[0], mask_argument);
  return made;
}

Value* without_heads(Conversion& c, Value* result) {
  Shape made = with_heads(c.meta("query").sizes);
  made.back() = c.meta("value").sizes.back();
  return reshape(c, result, made, c.result_meta().sizes);
}

void convert(Conversion& c, const char* mask_argument) {
  require_first_result_only(c);
  c.result(without_heads(c, attend(c, mask_argument, false).front()));
}

}  // namespace

// scaled_dot_product_attention, _scaled_dot_product_flash_attention, …_for_cpu
void convert_attention(Conversion& c) {
  convert(c, "attn_mask");
}

// _scaled_dot_product_efficient_attention, _scaled_dot_product_cudnn_attention
void convert_attention_with_bias(Conversion& c) {
  convert(c, "attn_bias");
}

// _scaled_dot_product_attention_math: also the weights
void convert_attention_math(Conversion& c) {
  if (c.has("dropout_mask")) c.refuse("it drops weights: export the model in eval(), with dropout_p=0");
  if (!c.is_used(1)) return convert(c, "attn_mask");
  if (c.rank("query") != 4) c.refuse("its weights need a query of four axes");
  const auto made = attend(c, "attn_mask", true);
  c.result(0, made[0]);
  c.result(1, made[3]);
}

}  // namespace slipway::torch::aten
