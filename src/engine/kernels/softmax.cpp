// Softmax and LogSoftmax of f32 tensors along any axis: [outer][size][inner]. Along the last axis vectors go
// along the row; otherwise they lie across, one column a lane.
#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/softmax.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "engine/kernel.hpp"
#include "engine/kernels/float_math-inl.hpp"
#include "ops/inference_context.hpp"

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {

// Vectors whose powers are added in f32 before the sum goes on in double: its error does not grow with the
// row.
constexpr int64_t kVectorsPerSum = 64;
constexpr int64_t kLineFloats = 16;  // of a line of the cache

int64_t lanes_of_vector() {
  return static_cast<int64_t>(hn::Lanes(FloatTag()));
}

// What is left of a row behind its whole vectors, read before anything is written: `out` may be `in`. Rows no
// shorter than a vector have it in one of their own, of which the first lanes are seen twice.
struct Rest {
  FloatVector values;
  int64_t begin, count;  // of the values in the row, 0 if nothing is left
  int64_t seen;          // of its lanes
};
HWY_INLINE Rest rest_of(const float* row, int64_t count, float filler) {
  const int64_t lanes = lanes_of_vector(), rest = count % lanes;
  if (rest == 0) return {constant(filler), count, 0, 0};
  if (count < lanes) return {load_part(row, count, filler), 0, count, 0};
  return {hn::LoadU(FloatTag(), row + count - lanes), count - lanes, lanes, lanes - rest};
}

HWY_INLINE void store(FloatVector values, float* out, int64_t count) {
  if (count == lanes_of_vector()) return hn::StoreU(values, FloatTag(), out);
  store_part(values, out, count);
}

// NaN may be passed over: the sum of the powers is NaN then.
float largest_of(const float* in, int64_t count) {
  const FloatTag d;
  const int64_t lanes = lanes_of_vector();
  const Rest rest = rest_of(in, count, -HUGE_VALF);
  FloatVector largest = rest.count > 0 ? rest.values : constant(-HUGE_VALF), other = largest;
  int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    largest = hn::Max(largest, hn::LoadU(d, in + i));
    other = hn::Max(other, hn::LoadU(d, in + i + lanes));
  }
  if (i + lanes <= count) largest = hn::Max(largest, hn::LoadU(d, in + i));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(largest, other)));
}

// Writes kBelowScale · exp(in - largest) where it has to; returns the sum of these. Memory is asked meanwhile
// for what follows `ahead` floats later.
template <bool kWrites>
double powers(const float* in, int64_t count, float largest, int64_t ahead, float* out) {
  const FloatTag d;
  const FloatVector shift = constant(largest);
  const int64_t lanes = lanes_of_vector(), whole = count / lanes * lanes, step = kVectorsPerSum * lanes;
  const Rest rest = rest_of(in, count, -HUGE_VALF);
  const auto power = [&](int64_t i) HWY_ATTR {
    const FloatVector result = exp_below_scaled(hn::Sub(hn::LoadU(d, in + i), shift));
    if constexpr (kWrites) hn::StoreU(result, d, out + i);
    return result;
  };
  double sum = 0;
  for (int64_t begin = 0; begin < whole; begin += step) {
    const int64_t end = std::min(whole, begin + step);
    FloatVector part = hn::Zero(d), other = hn::Zero(d);
    int64_t i = begin;
    for (; i + 2 * lanes <= end; i += 2 * lanes) {
      for (int64_t line = 0; line < 2 * lanes; line += kLineFloats) {
        hwy::Prefetch(in + i + ahead + line);
        if constexpr (kWrites) hwy::Prefetch(out + i + ahead + line);
      }
      part = hn::Add(part, power(i));
      other = hn::Add(other, power(i + lanes));
    }
    if (i < end) part = hn::Add(part, power(i));
    sum += double{hn::GetLane(hn::SumOfLanes(d, hn::Add(part, other)))};
  }
  if (rest.count == 0) return sum;
  const FloatVector last = exp_below_scaled(hn::Sub(rest.values, shift));
  if constexpr (kWrites) store(last, out + rest.begin, rest.count);
  const auto seen = hn::FirstN(d, static_cast<size_t>(rest.seen));
  return sum + double{hn::GetLane(hn::SumOfLanes(d, hn::IfThenZeroElse(seen, last)))};
}

// `sum` is powers'.
void finish_row(const float* in, float* out, int64_t count, float largest, double sum, bool logarithm) {
  const FloatVector shift = constant(largest), factor = constant(static_cast<float>(1 / sum)),
                    log_sum = constant(logarithm ? static_cast<float>(std::log(sum / kBelowScale)) : 0.0f);
  const auto finished = [&](FloatVector x) HWY_ATTR {
    return logarithm ? hn::Sub(hn::Sub(x, shift), log_sum) : hn::Mul(x, factor);
  };
  const float* from = logarithm ? in : out;
  const Rest rest = rest_of(from, count, 0.0f);
  for (int64_t i = 0; i + lanes_of_vector() <= count; i += lanes_of_vector())
    hn::StoreU(finished(hn::LoadU(FloatTag(), from + i)), FloatTag(), out + i);
  if (rest.count > 0) store(finished(rest.values), out + rest.begin, rest.count);
}

// Step by step for a few rows: a step of a short row alone waits most of the time for its last result. What
// is between the steps stays in the L1 cache.
void SoftmaxRows(const float* in, float* out, int64_t count, int64_t rows, bool logarithm) {
  constexpr int64_t kMostRows = 8, kMostFloats = 2048;
  float largest[kMostRows];
  double sums[kMostRows];
  const int64_t together = std::clamp<int64_t>(kMostFloats / count, 1, kMostRows);
  const int64_t ahead = count <= kMostFloats ? together * count : 0;
  for (int64_t begin = 0; begin < rows; begin += together, in += together * count, out += together * count) {
    const int64_t here = std::min(together, rows - begin);
    for (int64_t r = 0; r < here; ++r) largest[r] = largest_of(in + r * count, count);
    for (int64_t r = 0; r < here; ++r)
      sums[r] = logarithm ? powers<false>(in + r * count, count, largest[r], ahead, nullptr)
                          : powers<true>(in + r * count, count, largest[r], ahead, out + r * count);
    for (int64_t r = 0; r < here; ++r)
      finish_row(in + r * count, out + r * count, count, largest[r], sums[r], logarithm);
  }
}

// One vector of columns, `size` rows `stride` floats apart.
HWY_INLINE void softmax_columns(const float* in, float* out, int64_t size, int64_t stride, bool logarithm) {
  const FloatTag d;
  FloatVector largest = hn::LoadU(d, in);
  for (int64_t i = 1; i < size; ++i) {
    const FloatVector x = hn::LoadU(d, in + i * stride);
    largest = hn::IfThenElse(hn::Or(hn::Gt(x, largest), hn::IsNaN(x)), x, largest);
  }
  // Compensated (Kahan): rows are added one by one.
  FloatVector sum = hn::Zero(d), lost = hn::Zero(d);
  for (int64_t i = 0; i < size; ++i) {
    const FloatVector power = exp_below(hn::Sub(hn::LoadU(d, in + i * stride), largest));
    if (!logarithm) hn::StoreU(power, d, out + i * stride);
    const FloatVector addend = hn::Sub(power, lost), next = hn::Add(sum, addend);
    lost = hn::Sub(hn::Sub(next, sum), addend);
    sum = next;
  }
  const FloatVector log_sum = log(sum);
  for (int64_t i = 0; i < size; ++i)
    hn::StoreU(logarithm ? hn::Sub(hn::Sub(hn::LoadU(d, in + i * stride), largest), log_sum)
                         : hn::Div(hn::LoadU(d, out + i * stride), sum),
               d, out + i * stride);
}

// `columns` of them, at most kColumns.
void SoftmaxColumns(const float* in, float* out, int64_t size, int64_t stride, int64_t columns,
                    bool logarithm) {
  const FloatTag d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t column = 0;
  for (; column + lanes <= columns; column += lanes)
    softmax_columns(in + column, out + column, size, stride, logarithm);
  for (; column < columns; ++column) {
    // The last few, one by one in a buffer of whole vectors.
    HWY_ALIGN float edge[HWY_MAX_BYTES / sizeof(float)] = {};
    float largest = in[column];
    for (int64_t i = 1; i < size; ++i) largest = std::max(largest, in[column + i * stride]);
    double sum = 0;
    for (int64_t i = 0; i < size; ++i) {
      edge[0] = in[column + i * stride] - largest;
      const float power = hn::GetLane(exp_below(hn::Load(d, edge)));
      sum += double{power};
      out[column + i * stride] = logarithm ? edge[0] : power;
    }
    const float log_sum = static_cast<float>(std::log(sum));
    for (int64_t i = 0; i < size; ++i) {
      float& value = out[column + i * stride];
      value = logarithm ? value - log_sum : static_cast<float>(double{value} / sum);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(SoftmaxRows);
HWY_EXPORT(SoftmaxColumns);

namespace {

// Columns of one piece of work: a page of each row.
constexpr int64_t kColumns = 1024;
// Rows of one piece hold about so many numbers.
constexpr int64_t kPiece = 8192;

class Softmax : public Kernel {
 public:
  Softmax(const Dims& dims, size_t axis, bool logarithm) : size_(dims[axis]), logarithm_(logarithm) {
    for (size_t i = 0; i < axis; ++i) outer_ *= dims[i];
    for (size_t i = axis + 1; i < dims.size(); ++i) inner_ *= dims[i];
  }

  void run(const KernelRun& run) const override {
    if (outer_ * size_ * inner_ == 0) return;
    inner_ == 1 ? run_rows(run) : run_columns(run);
  }

 private:
  void run_rows(const KernelRun& run) const {
    const int64_t rows = std::max<int64_t>(1, kPiece / size_);
    run.pool.parallel_for(static_cast<size_t>((outer_ + rows - 1) / rows), [&](size_t piece, int) {
      const int64_t begin = static_cast<int64_t>(piece) * rows, end = std::min(outer_, begin + rows);
      HWY_DYNAMIC_DISPATCH(SoftmaxRows)
      (run.input_floats(0) + begin * size_, run.output_floats(0) + begin * size_, size_, end - begin,
       logarithm_);
    });
  }

  void run_columns(const KernelRun& run) const {
    const int64_t blocks = (inner_ + kColumns - 1) / kColumns;
    run.pool.parallel_for(static_cast<size_t>(outer_ * blocks), [&](size_t piece, int) {
      const int64_t outer = static_cast<int64_t>(piece) / blocks,
                    first = static_cast<int64_t>(piece) % blocks * kColumns;
      const int64_t place = outer * size_ * inner_ + first;
      HWY_DYNAMIC_DISPATCH(SoftmaxColumns)
      (run.input_floats(0) + place, run.output_floats(0) + place, size_, inner_,
       std::min(kColumns, inner_ - first), logarithm_);
    });
  }

  int64_t outer_ = 1, size_, inner_ = 1;
  bool logarithm_;
};

std::unique_ptr<Kernel> make(const KernelRequest& request, bool logarithm) {
  const Dims& dims = request.shapes.inputs[0];
  if (!request.is_all_float() || dims.empty()) return nullptr;
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", -1), dims.size());
  return std::make_unique<Softmax>(dims, axis, logarithm);
}

}  // namespace

std::unique_ptr<Kernel> make_softmax(const KernelRequest& request) {
  return make(request, false);
}
std::unique_ptr<Kernel> make_log_softmax(const KernelRequest& request) {
  return make(request, true);
}

}  // namespace slipway::engine
#endif
