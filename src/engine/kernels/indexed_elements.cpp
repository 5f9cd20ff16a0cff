// GatherElements and ScatterElements of elements of whole bytes: along the innermost loop the indices are
// checked first, and then followed without looking back.
#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/scatter_reduction.hpp"
#include "ops/inference_context.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::engine {
namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceElements = int64_t{8} * 1024;

// A loop over the indices, outermost first: how many, and how far it goes in the data, in elements.
struct Loop {
  int64_t size;
  int64_t step;
};

// The indices as loops, of which one is the axis that they replace. Neighbours that go on evenly are one.
struct IndexedLoops {
  Dims data;
  size_t axis;
  int64_t axis_size, axis_stride;
  std::vector<Loop> outer;  // all but the innermost
  Loop row;                 // the innermost
  int64_t before_axis = 1;  // rounds of the loops outside of the axis's
  bool row_is_axis = false;

  IndexedLoops(const Dims& dims, const Dims& indices, size_t indexed) : data(dims), axis(indexed), row{1, 0} {
    const Dims strides = ops::contiguous_strides(dims);
    axis_size = dims[axis], axis_stride = strides[axis];
    std::vector<Loop> loops;
    bool joins = false;
    for (size_t i = 0; i < dims.size(); ++i) {
      if (i < axis) before_axis *= indices[i];
      if (indices[i] == 1) {
        joins = joins && i != axis && dims[i] == 1;
        continue;
      }
      const Loop loop{indices[i], i == axis ? 0 : strides[i]};
      if (joins && i != axis && loops.back().step == loop.step * loop.size)
        loops.back() = {loops.back().size * loop.size, loop.step};
      else
        loops.push_back(loop);
      joins = i != axis;
      row_is_axis = i == axis;
    }
    if (!loops.empty()) row = loops.back(), loops.pop_back();
    outer = std::move(loops);
  }

  int64_t rows() const {
    int64_t count = 1;
    for (const Loop& loop : outer) count *= loop.size;
    return count;
  }

  // The place in the data where a row's first element is, before its index.
  int64_t start_of(int64_t index) const {
    int64_t place = 0;
    for (size_t i = outer.size(); i-- > 0; index /= outer[i].size)
      place += index % outer[i].size * outer[i].step;
    return place;
  }

  template <typename Index>
  void check(const Index* indices, int64_t count) const {
    // The sign of one of these says that an index is outside; so the compiler makes vectors of it.
    const auto size = static_cast<uint64_t>(axis_size);
    const auto outside = [&](Index index) {
      const auto wide = static_cast<uint64_t>(int64_t{index});
      return (wide + size) | (size - 1 - wide);
    };
    uint64_t any = 0;
    for (int64_t i = 0; i < count; ++i) any |= outside(indices[i]);
    if (any >> 63 == 0) return;
    const auto wrong =
        std::find_if(indices, indices + count, [&](Index index) { return outside(index) >> 63 != 0; });
    fail(ErrorCode::kInvalidArgument, "index {} is outside axis {} of a tensor of shape {}", *wrong, axis,
         to_string(data));
  }

  template <typename Index>
  int64_t offset(Index index) const {
    return (index < 0 ? index + axis_size : int64_t{index}) * axis_stride;
  }
};

template <typename Visit>
void with_index_type(const Tensor& indices, Visit visit) {
  if (indices.type() == DataType::kInt32)
    visit(indices.data<int32_t>().data());
  else
    visit(indices.data<int64_t>().data());
}

// ---- GatherElements ----

class GatherElements : public Kernel {
 public:
  GatherElements(IndexedLoops loops, size_t width) : loops_(std::move(loops)), width_(width) {}

  void run(const KernelRun& run) const override {
    with_index_type(run.input(1), [&](const auto* indices) {
      with_unit(width_, [&]<typename Unit>(Unit) { gather<Unit>(run, indices); });
    });
  }

 private:
  template <typename Unit, typename Index>
  void gather(const KernelRun& run, const Index* indices) const {
    const auto* from = static_cast<const Unit*>(run.input(0).raw());
    auto* to = static_cast<Unit*>(run.output(0).raw());
    const Loop& row = loops_.row;
    const int64_t cuts = std::max<int64_t>(1, row.size / kPieceElements), rows = loops_.rows();
    const int64_t per_piece = std::max<int64_t>(1, kPieceElements / row.size);
    const int64_t groups = (rows + per_piece - 1) / per_piece;
    run.pool.parallel_for(static_cast<size_t>(groups * cuts), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) / cuts * per_piece,
                    cut = static_cast<int64_t>(piece) % cuts;
      const int64_t begin = row.size * cut / cuts, end = row.size * (cut + 1) / cuts;
      for (int64_t i = first; i < std::min(rows, first + per_piece); ++i)
        gather_row(indices + i * row.size + begin, end - begin, from + loops_.start_of(i) + begin * row.step,
                   to + i * row.size + begin);
    });
  }

  template <typename Unit, typename Index>
  void gather_row(const Index* indices, int64_t count, const Unit* from, Unit* to) const {
    loops_.check(indices, count);
    if (loops_.row.step == 1)
      for (int64_t i = 0; i < count; ++i) to[i] = from[loops_.offset(indices[i]) + i];
    else
      for (int64_t i = 0; i < count; ++i) to[i] = from[loops_.offset(indices[i]) + i * loops_.row.step];
  }

  IndexedLoops loops_;
  size_t width_;
};

// ---- ScatterElements ----

// Elements that may meet in one place lie along the axis: they are one piece's, so that their order stays.
class ScatterElements : public Kernel {
 public:
  ScatterElements(IndexedLoops loops, const ScatterReduction& reduction)
      : loops_(std::move(loops)), reduction_(reduction) {
    columns_ = loops_.row_is_axis ? loops_.row.size : std::min<int64_t>(loops_.row.size, 64);
    if (loops_.before_axis > 1) columns_ = loops_.row.size;
  }

  void run(const KernelRun& run) const override {
    copy_whole(run.input(0), run.output(0), run.pool);
    with_index_type(run.input(1), [&](const auto* indices) {
      reduction_.visit([&]<typename T>(auto combine, T) { scatter<T>(run, indices, combine); });
    });
  }

 private:
  template <typename T, typename Index, typename Combine>
  void scatter(const KernelRun& run, const Index* indices, Combine combine) const {
    const T* updates = static_cast<const T*>(run.input(2).raw());
    T* to = static_cast<T*>(run.output(0).raw());
    const Loop& row = loops_.row;
    const int64_t rows = loops_.rows() / std::min(loops_.before_axis, loops_.rows());
    const int64_t cuts = (row.size + columns_ - 1) / columns_, all = loops_.rows() / rows * cuts;
    run.pool.parallel_for(static_cast<size_t>(all), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) / cuts * rows,
                    begin = static_cast<int64_t>(piece) % cuts * columns_;
      const int64_t count = std::min(columns_, row.size - begin);
      for (int64_t i = first; i < first + rows; ++i) {
        const int64_t place = i * row.size + begin;
        loops_.check(indices + place, count);
        T* line = to + loops_.start_of(i) + begin * row.step;
        for (int64_t j = 0; j < count; ++j) {
          T& target = line[loops_.offset(indices[place + j]) + j * row.step];
          target = combine(target, updates[place + j]);
        }
      }
    });
  }

  IndexedLoops loops_;
  ScatterReduction reduction_;
  int64_t columns_;  // of a row, in one piece
};

// Nothing for shapes that contradict one another: the reference kernel says how.
std::optional<IndexedLoops> loops_of(const KernelRequest& request) {
  const Dims &data = request.shapes.inputs[0], &indices = request.shapes.inputs[1];
  if (data.empty() || data.size() != indices.size()) return std::nullopt;
  const size_t axis = ops::normalize_axis(request.node().int_attribute("axis", 0), data.size());
  for (size_t i = 0; i < data.size(); ++i)
    if (i != axis && indices[i] > data[i]) return std::nullopt;
  return IndexedLoops(data, indices, axis);
}

}  // namespace

std::unique_ptr<Kernel> make_gather_elements(const KernelRequest& request) {
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  auto loops = loops_of(request);
  if (width == 0 || !loops) return nullptr;
  return std::make_unique<GatherElements>(std::move(*loops), width);
}

std::unique_ptr<Kernel> make_scatter_elements(const KernelRequest& request) {
  const auto reduction = ScatterReduction::of(request);
  auto loops = loops_of(request);
  if (!reduction || !loops || request.shapes.inputs[2] != request.shapes.inputs[1]) return nullptr;
  return std::make_unique<ScatterElements>(std::move(*loops), *reduction);
}

}  // namespace slipway::engine
