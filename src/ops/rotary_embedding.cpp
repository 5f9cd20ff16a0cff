// RotaryEmbedding: turns pairs of a head's elements by angles that grow with the token's position (Su et al.,
// "RoFormer", 2021).
#include <algorithm>

#include "base/error.hpp"
#include "ops/attention_heads.hpp"
#include "ops/exact_tensors.hpp"
#include "ops/registry.hpp"
#include "ops/rotation.hpp"

namespace slipway::ops {
namespace {

// How the elements of [batch, heads, tokens, size] or [batch, tokens, heads * size] lie.
struct Layout {
  int64_t batch, heads, tokens, size;
  int64_t head_stride, token_stride;
};

Layout layout_of(const Node& node, const Dims& dims) {
  if (dims.size() == 4) return {dims[0], dims[1], dims[2], dims[3], dims[2] * dims[3], dims[3]};
  if (dims.size() != 3)
    fail(ErrorCode::kInvalidModel, "the input is {}, but 3 or 4 axes are expected", to_string(dims));
  const int64_t heads = node.int_attribute("num_heads", 0);
  // Heads of no size are heads all the same: no more of them than one.
  if (!divides_into_heads(dims[2], heads))
    fail(ErrorCode::kInvalidModel, "attribute num_heads is {}, but an input of 3 axes needs a divisor of {}",
         heads, dims[2]);
  return {dims[0], heads, dims[1], dims[2] / heads, dims[2] / heads, dims[2]};
}

// Elements of each head that are turned.
int64_t turned_size(const Node& node, int64_t size) {
  const int64_t stated = node.int_attribute("rotary_embedding_dim", 0);
  const int64_t turned = stated == 0 ? size : stated;
  if (turned < 0 || turned > size || turned % 2 != 0)
    fail(ErrorCode::kInvalidModel, "{} of each head's {} elements cannot be turned in pairs", turned, size);
  return turned;
}

// The row of the caches that belongs to each token: [batch, tokens].
CountedVector<int64_t> cache_rows(const KernelContext& context, const Layout& layout, const Dims& cache) {
  const int64_t count = element_count({layout.batch, layout.tokens});
  CountedVector<int64_t> rows(static_cast<size_t>(count));
  if (!context.has_input(3)) {
    for (int64_t i = 0; i < count; ++i) rows[static_cast<size_t>(i)] = i;
    return rows;
  }
  const Tensor& positions = context.input(3);
  if (positions.dims() != Dims{layout.batch, layout.tokens})
    fail(ErrorCode::kInvalidModel, "position_ids has shape {}, but [{},{}] is expected",
         to_string(positions.dims()), layout.batch, layout.tokens);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = positions.data<int64_t>()[i];
    if (rows[i] < -cache[0] || rows[i] >= cache[0])
      fail(ErrorCode::kInvalidArgument, "position {} is outside the caches of {} positions", rows[i],
           cache[0]);
    if (rows[i] < 0) rows[i] += cache[0];
  }
  return rows;
}

void check_cache(const Tensor& cache, const Layout& layout, int64_t half, bool by_position,
                 const char* what) {
  const Dims expected =
      by_position ? Dims{cache.rank() > 0 ? cache.dim(0) : 0, half} : Dims{layout.batch, layout.tokens, half};
  if (cache.dims() != expected)
    fail(ErrorCode::kInvalidModel, "{} has shape {}, but {} is expected", what, to_string(cache.dims()),
         by_position ? "[positions," + std::to_string(half) + "]" : to_string(expected));
}

void compute(KernelContext& context) {
  const Node& node = context.node();
  Tensor result = exact_input(context, 0);
  const Tensor cosines = exact_input(context, 1), sines = exact_input(context, 2);
  const Layout layout = layout_of(node, result.dims());
  const int64_t half = turned_size(node, layout.size) / 2;
  check_cache(cosines, layout, half, context.has_input(3), "cos_cache");
  check_cache(sines, layout, half, context.has_input(3), "sin_cache");
  const auto rows = cache_rows(context, layout, cosines.dims());
  if (sines.dims() != cosines.dims())
    fail(ErrorCode::kInvalidModel, "cos_cache has shape {}, but sin_cache has {}", to_string(cosines.dims()),
         to_string(sines.dims()));
  const bool interleaved = node.int_attribute("interleaved", 0) != 0;
  double* elements = result.data<double>().data();
  for (int64_t batch = 0; batch < layout.batch; ++batch)
    for (int64_t head = 0; head < layout.heads; ++head)
      for (int64_t token = 0; token < layout.tokens; ++token) {
        const int64_t row = rows[static_cast<size_t>(batch * layout.tokens + token)] * half;
        const Rotation rotation{cosines.data<double>().data() + row, sines.data<double>().data() + row, half,
                                interleaved};
        rotation.turn(elements + batch * layout.heads * layout.tokens * layout.size +
                      head * layout.head_stride + token * layout.token_stride);
      }
  round_to_output(context, 0, context.input(0).type(), result);
}

}  // namespace

void register_rotary_embedding(Registry& registry) {
  using Kind = Attribute::Kind;
  registry.add({.name = "RotaryEmbedding",
                .since_version = 23,
                .inputs = {{"X", "T"},
                           {"cos_cache", "T"},
                           {"sin_cache", "T"},
                           {"position_ids", "M", Arity::kOptional}},
                .outputs = {{"Y", "T"}},
                .attributes = {{"interleaved", Kind::kInt},
                               {"num_heads", Kind::kInt},
                               {"rotary_embedding_dim", Kind::kInt}},
                .type_constraints = {{"T", {DataType::kFloat, DataType::kFloat16, DataType::kBfloat16}},
                                     {"M", {DataType::kInt64}}},
                .infer = infer_like_first_input,
                .compute = compute});
}

}  // namespace slipway::ops
