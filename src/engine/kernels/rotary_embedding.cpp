// RotaryEmbedding for f32: the elements of each head are turned in pairs, which lie half a head apart or side
// by side.
#include <algorithm>
#include <optional>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/rotary_embedding.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "ops/attention_heads.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Tag = HWY_FULL(float);

// Pair i is x[i * step] and y[i * step].
HWY_INLINE void turn_pair(const float* x, const float* y, float c, float s, float* out_x, float* out_y) {
  const float a = *x, b = *y;
  *out_x = a * c - b * s;
  *out_y = a * s + b * c;
}

// One head: `pairs` of them from `in` to `out`.
void TurnHalves(const float* in, const float* cosines, const float* sines, int64_t pairs, float* out) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    const auto x = hn::LoadU(d, in + i), y = hn::LoadU(d, in + pairs + i), c = hn::LoadU(d, cosines + i),
               s = hn::LoadU(d, sines + i);
    hn::StoreU(hn::Sub(hn::Mul(x, c), hn::Mul(y, s)), d, out + i);
    hn::StoreU(hn::Add(hn::Mul(x, s), hn::Mul(y, c)), d, out + pairs + i);
  }
  for (; i < pairs; ++i) turn_pair(in + i, in + pairs + i, cosines[i], sines[i], out + i, out + pairs + i);
}

void TurnNeighbours(const float* in, const float* cosines, const float* sines, int64_t pairs, float* out) {
  const Tag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    hn::Vec<Tag> x, y;
    hn::LoadInterleaved2(d, in + 2 * i, x, y);
    const auto c = hn::LoadU(d, cosines + i), s = hn::LoadU(d, sines + i);
    hn::StoreInterleaved2(hn::Sub(hn::Mul(x, c), hn::Mul(y, s)), hn::Add(hn::Mul(x, s), hn::Mul(y, c)), d,
                          out + 2 * i);
  }
  for (; i < pairs; ++i)
    turn_pair(in + 2 * i, in + 2 * i + 1, cosines[i], sines[i], out + 2 * i, out + 2 * i + 1);
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(TurnHalves);
HWY_EXPORT(TurnNeighbours);

namespace {

enum Input : uint8_t { kX, kCosines, kSines, kPositions };

// Numbers that one piece of work turns, about.
constexpr int64_t kPiece = 16384;

// Rows are the heads of the tokens, in the order of memory.
struct Layout {
  int64_t batch, heads, tokens, size;
  bool heads_first;
  int64_t pairs;
  int64_t positions;  // rows of the caches where tokens state theirs, else 0
  bool side_by_side;

  int64_t rows() const { return batch * heads * tokens; }
  // Of all images' tokens.
  int64_t token_of(int64_t row) const {
    return heads_first ? row / (heads * tokens) * tokens + row % tokens : row / heads;
  }
};

class RotaryEmbedding : public Kernel {
 public:
  explicit RotaryEmbedding(const Layout& layout) : l_(layout) {}

  void run(const KernelRun& run) const override {
    const int64_t per_piece = std::max<int64_t>(1, kPiece / l_.size);
    run.pool.parallel_for(static_cast<size_t>(ceil_div(l_.rows(), per_piece)), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * per_piece;
      for (int64_t row = first; row < std::min(first + per_piece, l_.rows()); ++row) {
        const float* in = run.input_floats(kX) + row * l_.size;
        float* out = run.output_floats(0) + row * l_.size;
        const int64_t place = cache_row(run, l_.token_of(row)) * l_.pairs;
        turn(in, run.input_floats(kCosines) + place, run.input_floats(kSines) + place, out);
        std::copy(in + 2 * l_.pairs, in + l_.size, out + 2 * l_.pairs);
      }
    });
  }

 private:
  void turn(const float* in, const float* cosines, const float* sines, float* out) const {
    if (l_.side_by_side)
      HWY_DYNAMIC_DISPATCH(TurnNeighbours)(in, cosines, sines, l_.pairs, out);
    else
      HWY_DYNAMIC_DISPATCH(TurnHalves)(in, cosines, sines, l_.pairs, out);
  }

  int64_t cache_row(const KernelRun& run, int64_t token) const {
    if (l_.positions == 0) return token;
    const int64_t position = run.input(kPositions).data<int64_t>()[static_cast<size_t>(token)];
    if (position < -l_.positions || position >= l_.positions)
      fail(ErrorCode::kInvalidArgument, "position {} is outside the caches of {} positions", position,
           l_.positions);
    return position < 0 ? position + l_.positions : position;
  }

  Layout l_;
};

std::optional<Layout> layout_of(const KernelRequest& request) {
  const Node& node = request.node();
  const Dims& dims = request.shapes.inputs[kX];
  Layout layout{};
  if (dims.size() == 4) {
    layout = {dims[0], dims[1], dims[2], dims[3], true, 0, 0, false};
  } else {
    const int64_t heads = node.int_attribute("num_heads", 0);
    if (dims.size() != 3 || !ops::divides_into_heads(dims[2], heads)) return std::nullopt;
    layout = {dims[0], heads, dims[1], dims[2] / heads, false, 0, 0, false};
  }
  const int64_t stated = node.int_attribute("rotary_embedding_dim", 0),
                turned = stated ? stated : layout.size;
  if (turned < 0 || turned > layout.size || turned % 2 != 0) return std::nullopt;
  layout.pairs = turned / 2;
  layout.side_by_side = node.int_attribute("interleaved", 0) != 0;
  return layout;
}

}  // namespace

// What does not fit together is left to the reference kernel, which says so.
std::unique_ptr<Kernel> make_rotary_embedding(const KernelRequest& request) {
  const auto& inputs = request.shapes.inputs;
  for (size_t i = kX; i <= kSines; ++i)
    if (request.input_types[i] != DataType::kFloat) return nullptr;
  auto layout = layout_of(request);
  if (!layout) return nullptr;
  Dims cache{layout->batch, layout->tokens, layout->pairs};
  if (request.node().input(kPositions)) {
    if (inputs[kPositions] != Dims{layout->batch, layout->tokens} || inputs[kCosines].size() != 2)
      return nullptr;
    layout->positions = inputs[kCosines][0];
    cache = {layout->positions, layout->pairs};
  }
  if (inputs[kCosines] != cache || inputs[kSines] != cache) return nullptr;
  return std::make_unique<RotaryEmbedding>(*layout);
}

}  // namespace slipway::engine
#endif
