// TopK of f32. Each line becomes integers of the same order; the smallest of those that are wanted is found
// by halving the range and counting, which takes vectors and no branch, from where a sample of a long line
// has it; then the few that are left are sorted.
#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/top_k.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/ceil_div.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/scratch_places.hpp"
#include "ops/axis_split.hpp"
#include "ops/inference_context.hpp"
#include "ops/kernel_context.hpp"

#ifndef SLIPWAY_TOP_K_ONCE
#define SLIPWAY_TOP_K_ONCE
namespace slipway::engine {

// A number's key over the complement of its place: the greater comes first, and of equal ones the first.
using Ranked = uint64_t;

struct TopLine {
  const float* in;  // elements are `step` apart
  int64_t step;
  int64_t count;
  int64_t wanted;
  bool largest;
  int32_t* keys;   // room for count + kTopSlack
  Ranked* ranked;  // room for most_ranked(); the first `wanted` come out sorted
};

inline constexpr int64_t kTopSlack = 64;
// Sorting a few more than are wanted is cheaper than to find where they end.
inline int64_t most_ranked(int64_t count, int64_t wanted) {
  return wanted + wanted / 8 + 8 + count / 64;
}
// Keys of a line that are looked at first, where it has many times as many.
inline constexpr int64_t kSample = 256;

}  // namespace slipway::engine
#endif

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using KeyTag = HWY_FULL(int32_t);
using Keys = hn::Vec<KeyTag>;

// Greater numbers have greater keys, NaN the greatest, both zeros the same; for the least, turned around.
HWY_INLINE Keys keys_of(hn::Vec<hn::RebindToFloat<KeyTag>> x, bool largest) {
  const KeyTag di;
  const hn::RebindToFloat<KeyTag> d;
  const auto nan = hn::RebindMask(di, hn::IsNaN(x));
  const Keys bits = hn::BitCast(di, hn::Add(x, hn::Zero(d)));
  const Keys below_zero = hn::And(hn::ShiftRight<31>(bits), hn::Set(di, 0x7FFFFFFF));
  const Keys keys = hn::IfThenElse(nan, hn::Set(di, 0x7FFFFFFF), hn::Xor(bits, below_zero));
  return largest ? keys : hn::Not(keys);
}

void make_keys(const TopLine& line) {
  const KeyTag di;
  const hn::RebindToFloat<KeyTag> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(di));
  const float* in = line.in;
  if (line.step != 1) {
    auto* floats = reinterpret_cast<float*>(line.keys);
    for (int64_t i = 0; i < line.count; ++i) floats[i] = line.in[i * line.step];
    in = floats;
  }
  int64_t i = 0;
  for (; i + lanes <= line.count; i += lanes)
    hn::StoreU(keys_of(hn::LoadU(d, in + i), line.largest), di, line.keys + i);
  HWY_ALIGN float rest[HWY_MAX_BYTES / sizeof(float)] = {};
  std::copy(in + i, in + line.count, rest);
  hn::StoreU(keys_of(hn::Load(d, rest), line.largest), di, line.keys + i);
  // What is behind the line is never counted.
  std::fill_n(line.keys + line.count, lanes, std::numeric_limits<int32_t>::min());
}

// Keys above `limit`.
int64_t count_above(const int32_t* keys, int64_t count, int32_t limit) {
  const KeyTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const Keys least = hn::Set(d, limit);
  Keys a = hn::Zero(d), b = a;
  int64_t i = 0;
  for (; i + lanes < count; i += 2 * lanes) {
    a = hn::Add(a, hn::VecFromMask(d, hn::Gt(hn::LoadU(d, keys + i), least)));
    b = hn::Add(b, hn::VecFromMask(d, hn::Gt(hn::LoadU(d, keys + i + lanes), least)));
  }
  if (i < count) a = hn::Add(a, hn::VecFromMask(d, hn::Gt(hn::LoadU(d, keys + i), least)));
  return -int64_t{hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)))};
}

// Keys above `limit` are wanted, and the first `equals` of those that are as great.
int64_t collect(const TopLine& line, int32_t limit, int64_t equals) {
  const KeyTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const Keys least = hn::Set(d, limit);
  int64_t found = 0;
  for (int64_t i = 0; i < line.count; i += lanes) {
    const Keys keys = hn::LoadU(d, line.keys + i);
    if (hn::AllTrue(d, hn::Lt(keys, least))) continue;
    for (int64_t place = i; place < std::min(i + lanes, line.count); ++place) {
      const int32_t key = line.keys[place];
      if (key < limit || (key == limit && equals-- <= 0)) continue;
      line.ranked[found++] = Ranked{static_cast<uint32_t>(key) ^ 0x80000000u} << 32 |
                             (0xFFFFFFFFu - static_cast<uint32_t>(place));
    }
  }
  return found;
}

// A key that, by a sample, the wanted ones are above and not many others; the least of all where a sample
// does not help.
int32_t likely_bound(const TopLine& line) {
  const int64_t rank = 2 * line.wanted * kSample / line.count + 3;
  if (line.count < 16 * kSample || rank >= kSample) return std::numeric_limits<int32_t>::min();
  int32_t sample[kSample];
  for (int64_t i = 0; i < kSample; ++i) sample[i] = line.keys[i * line.count / kSample];
  std::nth_element(sample, sample + rank, sample + kSample, std::greater<>());
  return sample[rank];
}

void FindTop(const TopLine& line) {
  make_keys(line);
  const int64_t most = most_ranked(line.count, line.wanted);
  // At least as great as `low` are `count`, which is enough; as `high`, too few.
  int64_t low = std::numeric_limits<int32_t>::min(), high = int64_t{std::numeric_limits<int32_t>::max()} + 1;
  int64_t count = line.count, equals = line.count;
  const auto narrow = [&](int64_t bound) {
    const int64_t above = count_above(line.keys, line.count, static_cast<int32_t>(bound - 1));
    if (above >= line.wanted)
      low = bound, count = above;
    else
      high = bound;
  };
  if (const int64_t bound = likely_bound(line); bound > low) narrow(bound);
  while (high - low > 1 && count > most) narrow(low + (high - low) / 2);
  const auto limit = static_cast<int32_t>(low);
  if (count > most) equals = line.wanted - count_above(line.keys, line.count, limit);
  int64_t found = collect(line, limit, equals);
  if (found > 2 * line.wanted) {
    std::nth_element(line.ranked, line.ranked + line.wanted, line.ranked + found, std::greater<>());
    found = line.wanted;
  }
  std::sort(line.ranked, line.ranked + found, std::greater<>());
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(FindTop);

namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{4} * 1024;

class TopK : public Kernel {
 public:
  TopK(const KernelRequest& request, ops::AxisSplit split, int64_t wanted)
      : split_(split), wanted_(wanted), largest_(request.node().int_attribute("largest", 1) != 0) {}

  size_t scratch_bytes(int workers) const override { return pieces().bytes(workers); }

  void run(const KernelRun& run) const override {
    const ScratchPlaces places = pieces();
    run.pool.parallel_for(places.pieces, [&](size_t piece, int worker) {
      const int64_t first = static_cast<int64_t>(piece) * per_piece();
      std::byte* memory = run.scratch + places.offset(piece, worker, run.pool.size());
      for (int64_t i = first; i < std::min(lines(), first + per_piece()); ++i)
        make_line(run, i / split_.inner, i % split_.inner, memory);
    });
  }

 private:
  int64_t lines() const { return split_.outer * split_.inner; }
  int64_t per_piece() const { return std::max<int64_t>(1, kPieceElements / split_.size); }
  ScratchPlaces pieces() const {
    return {static_cast<size_t>(ceil_div(lines(), per_piece())), ranked_bytes() + keys_bytes()};
  }
  static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }
  size_t ranked_bytes() const {
    return rounded(static_cast<size_t>(most_ranked(split_.size, wanted_)) * sizeof(Ranked));
  }
  size_t keys_bytes() const {
    return rounded(static_cast<size_t>(split_.size + kTopSlack) * sizeof(int32_t));
  }

  void make_line(const KernelRun& run, int64_t outer, int64_t inner, std::byte* memory) const {
    const float* in = run.input_floats(0) + outer * split_.size * split_.inner + inner;
    auto* ranked = reinterpret_cast<Ranked*>(memory);
    HWY_DYNAMIC_DISPATCH(FindTop)
    ({in, split_.inner, split_.size, wanted_, largest_, reinterpret_cast<int32_t*>(memory + ranked_bytes()),
      ranked});
    const int64_t first = outer * wanted_ * split_.inner + inner;
    float* values = run.outputs[0] ? run.output_floats(0) + first : nullptr;
    const bool has_places = run.outputs.size() > 1 && run.outputs[1];
    int64_t* places = has_places ? run.output(1).data<int64_t>().data() + first : nullptr;
    for (int64_t i = 0; i < wanted_; ++i) {
      const auto place = static_cast<int64_t>(0xFFFFFFFFu - static_cast<uint32_t>(ranked[i]));
      if (values) values[i * split_.inner] = in[place * split_.inner];
      if (places) places[i * split_.inner] = place;
    }
  }

  ops::AxisSplit split_;
  int64_t wanted_;
  bool largest_;
};

}  // namespace

std::unique_ptr<Kernel> make_top_k(const KernelRequest& request) {
  const Dims& dims = request.shapes.inputs[0];
  const Tensor* wanted = request.shapes.constants[1];
  if (request.input_types[0] != DataType::kFloat || dims.empty() || !wanted || wanted->count() != 1)
    return nullptr;
  const auto split =
      ops::split_at(dims, ops::normalize_axis(request.node().int_attribute("axis", -1), dims.size()));
  const int64_t count = ops::read_integers(*wanted, "K").front();
  // Places are counted in 32 bits.
  if (count < 1 || count > split.size || split.size > std::numeric_limits<int32_t>::max()) return nullptr;
  return std::make_unique<TopK>(request, split, count);
}

}  // namespace slipway::engine
#endif
