#include "ops/attention_heads.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/work_scope.hpp"

namespace slipway::ops {

AttentionHeads attention_heads(Tensor elements, int64_t heads, const char* what) {
  const Dims dims = elements.dims();
  if (dims.size() == 4)
    return {std::move(elements), dims[0], dims[1], dims[2], dims[3], dims[2] * dims[3], dims[3]};
  if (dims.size() != 3)
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but 3 or 4 axes are expected", what, to_string(dims));
  // Heads of no size are heads all the same: no more of them than one.
  if (!divides_into_heads(dims[2], heads))
    fail(ErrorCode::kInvalidModel, "{} has shape {}, which cannot be divided into {} heads", what,
         to_string(dims), heads);
  const int64_t size = dims[2] / heads;
  return {std::move(elements), dims[0], heads, dims[1], size, size, dims[2]};
}

void check_attention(const AttentionHeads& query, const AttentionHeads& key, const AttentionHeads& value) {
  const auto shape = [](const AttentionHeads& one) { return to_string(one.elements.dims()); };
  if (query.batch != key.batch || key.batch != value.batch || key.tokens != value.tokens ||
      key.heads != value.heads || query.size != key.size || query.elements.rank() != key.elements.rank() ||
      key.elements.rank() != value.elements.rank())
    fail(ErrorCode::kInvalidModel,
         "query {}, key {} and value {} do not belong together: they must have one batch, key and value one "
         "number of heads and tokens, query and key heads of one size",
         shape(query), shape(key), shape(value));
  if (key.heads < 1 || query.heads % key.heads != 0)
    fail(ErrorCode::kInvalidModel, "the query has {} heads, which is no multiple of the key's {}",
         query.heads, key.heads);
}

Tensor attention_scores(const AttentionHeads& query, const AttentionHeads& key, double scale) {
  Tensor scores(DataType::kDouble, {query.batch, query.heads, query.tokens, key.tokens});
  const int64_t group = query.heads / key.heads;
  double* to = scores.data<double>().data();
  for (int64_t image = 0; image < query.batch; ++image)
    for (int64_t head = 0; head < query.heads; ++head)
      for (int64_t q = 0; q < query.tokens; ++q) {
        WorkScope::spend(static_cast<double>(key.tokens) * static_cast<double>(query.size));
        for (int64_t k = 0; k < key.tokens; ++k) {
          const double *a = query.at(image, head, q), *b = key.at(image, head / group, k);
          double sum = 0;
          for (int64_t i = 0; i < query.size; ++i) sum += a[i] * b[i];
          *to++ = sum * scale;
        }
      }
  return scores;
}

void softmax_rows(Tensor& scores) {
  const int64_t size = scores.dims().back();
  if (size == 0) return;
  const auto elements = scores.data<double>();
  for (auto row = elements.begin(); row != elements.end(); row += size) {
    const double max = *std::max_element(row, row + size);
    double sum = 0;
    for (auto x = row; x != row + size; ++x) sum += * x = std::exp(*x - max);
    for (auto x = row; x != row + size; ++x) *x /= sum;
  }
}

Tensor weigh_values(const Tensor& weights, const AttentionHeads& value, bool packed) {
  const int64_t batch = weights.dim(0), heads = weights.dim(1), tokens = weights.dim(2),
                past = weights.dim(3);
  const int64_t group = heads / value.heads, size = value.size;
  Tensor result(DataType::kDouble, packed ? Dims{batch, tokens, element_count({heads, size})}
                                          : Dims{batch, heads, tokens, size});
  const double* weight = weights.data<double>().data();
  for (int64_t image = 0; image < batch; ++image)
    for (int64_t head = 0; head < heads; ++head)
      for (int64_t q = 0; q < tokens; ++q, weight += past) {
        WorkScope::spend(static_cast<double>(past) * static_cast<double>(size));
        const int64_t row =
            packed ? (image * tokens + q) * heads + head : (image * heads + head) * tokens + q;
        double* to = result.data<double>().data() + row * size;
        std::fill_n(to, size, 0.0);
        for (int64_t k = 0; k < past; ++k) {
          const double* from = value.at(image, head / group, k);
          for (int64_t i = 0; i < size; ++i) to[i] += weight[k] * from[i];
        }
      }
  return result;
}

}  // namespace slipway::ops
