// GatherND and ScatterND of elements of whole bytes: the places of all slices first, which checks the
// indices, then the slices.
#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "engine/kernel.hpp"
#include "engine/kernels/scatter_reduction.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::engine {
namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceBytes = int64_t{64} * 1024;

// Rows of indices, each of which names a slice of `size` elements, behind `batch_dims` axes that are shared.
struct IndexedSlices {
  Dims data;
  int64_t rows = 1;
  size_t width, batch_dims;
  int64_t rows_per_batch = 1;
  int64_t batch_stride = 0;
  int64_t size = 1;
  std::vector<int64_t> strides;  // of the axes that are indexed

  // The places of the slices, in elements.
  void resolve(const int64_t* index, int64_t* places) const {
    for (int64_t row = 0; row < rows; ++row) {
      int64_t place = row / rows_per_batch * batch_stride;
      for (size_t i = 0; i < width; ++i, ++index) {
        const int64_t along = data[batch_dims + i];
        if (*index < -along || *index >= along)
          fail(ErrorCode::kInvalidArgument, "index {} is outside axis {} of a tensor of shape {}", *index,
               batch_dims + i, to_string(data));
        place += (*index < 0 ? *index + along : *index) * strides[i];
      }
      places[row] = place;
    }
  }
};

// Nothing for shapes that contradict one another: the reference kernel says how.
std::optional<IndexedSlices> slices_of(const Dims& data, const Dims& indices, int64_t batch_dims) {
  if (indices.empty() || batch_dims < 0 || batch_dims >= static_cast<int64_t>(indices.size()))
    return std::nullopt;
  IndexedSlices slices;
  slices.data = data;
  slices.width = static_cast<size_t>(indices.back());
  slices.batch_dims = static_cast<size_t>(batch_dims);
  if (slices.batch_dims + slices.width > data.size()) return std::nullopt;
  const Dims strides = ops::contiguous_strides(data);
  for (size_t i = 0; i + 1 < indices.size(); ++i) {
    if (i < slices.batch_dims && indices[i] != data[i]) return std::nullopt;
    slices.rows *= indices[i];
    if (i >= slices.batch_dims) slices.rows_per_batch *= indices[i];
  }
  if (batch_dims > 0) slices.batch_stride = strides[slices.batch_dims - 1];
  for (size_t i = slices.batch_dims; i < data.size(); ++i)
    if (i < slices.batch_dims + slices.width)
      slices.strides.push_back(strides[i]);
    else
      slices.size *= data[i];
  return slices;
}

class GatherNd : public Kernel {
 public:
  GatherNd(IndexedSlices slices, size_t width)
      : slices_(std::move(slices)), bytes_(width * static_cast<size_t>(slices_.size)), width_(width) {}

  size_t scratch_bytes(int) const override { return static_cast<size_t>(slices_.rows) * sizeof(int64_t); }

  void run(const KernelRun& run) const override {
    auto* places = reinterpret_cast<int64_t*>(run.scratch);
    slices_.resolve(run.input(1).data<int64_t>().data(), places);
    const auto* from = static_cast<const std::byte*>(run.input(0).raw());
    auto* to = static_cast<std::byte*>(run.output(0).raw());
    const int64_t rows = std::max<int64_t>(1, kPieceBytes / static_cast<int64_t>(bytes_));
    run.pool.parallel_for(static_cast<size_t>((slices_.rows + rows - 1) / rows), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * rows, end = std::min(slices_.rows, first + rows);
      if (slices_.size == 1)
        return with_unit(width_, [&]<typename Unit>(Unit) {
          for (int64_t row = first; row < end; ++row)
            reinterpret_cast<Unit*>(to)[row] = reinterpret_cast<const Unit*>(from)[places[row]];
        });
      for (int64_t row = first; row < end; ++row)
        std::memcpy(to + static_cast<size_t>(row) * bytes_, from + static_cast<size_t>(places[row]) * width_,
                    bytes_);
    });
  }

 private:
  IndexedSlices slices_;
  size_t bytes_, width_;
};

// Each piece makes some columns of all slices, so that updates of one place stay in their order.
class ScatterNd : public Kernel {
 public:
  ScatterNd(IndexedSlices slices, const ScatterReduction& reduction)
      : slices_(std::move(slices)), reduction_(reduction) {}

  size_t scratch_bytes(int) const override { return static_cast<size_t>(slices_.rows) * sizeof(int64_t); }

  void run(const KernelRun& run) const override {
    auto* places = reinterpret_cast<int64_t*>(run.scratch);
    slices_.resolve(run.input(1).data<int64_t>().data(), places);
    copy_whole(run.input(0), run.output(0), run.pool);
    reduction_.visit([&]<typename T>(auto combine, T) { scatter<T>(run, places, combine); });
  }

 private:
  template <typename T, typename Combine>
  void scatter(const KernelRun& run, const int64_t* places, Combine combine) const {
    const T* updates = static_cast<const T*>(run.input(2).raw());
    T* out = static_cast<T*>(run.output(0).raw());
    // How many there are decides no result.
    const int64_t columns = std::max<int64_t>(64, (slices_.size + run.pool.size() - 1) / run.pool.size());
    run.pool.parallel_for(static_cast<size_t>((slices_.size + columns - 1) / columns),
                          [&](size_t piece, int) {
                            const int64_t first = static_cast<int64_t>(piece) * columns;
                            const int64_t count = std::min(columns, slices_.size - first);
                            for (int64_t row = 0; row < slices_.rows; ++row) {
                              const T* from = updates + row * slices_.size + first;
                              T* to = out + places[row] + first;
                              for (int64_t i = 0; i < count; ++i) to[i] = combine(to[i], from[i]);
                            }
                          });
  }

  IndexedSlices slices_;
  ScatterReduction reduction_;
};

// The shape of ScatterND's updates: a slice of the data for each row of indices.
Dims updates_of(const std::vector<Dims>& inputs) {
  Dims dims(inputs[1].begin(), inputs[1].end() - 1);
  dims.insert(dims.end(), inputs[0].begin() + inputs[1].back(), inputs[0].end());
  return dims;
}

}  // namespace

std::unique_ptr<Kernel> make_gather_nd(const KernelRequest& request) {
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  auto slices = slices_of(request.shapes.inputs[0], request.shapes.inputs[1],
                          request.node().int_attribute("batch_dims", 0));
  if (width == 0 || !slices) return nullptr;
  return std::make_unique<GatherNd>(std::move(*slices), width);
}

std::unique_ptr<Kernel> make_scatter_nd(const KernelRequest& request) {
  const auto reduction = ScatterReduction::of(request);
  auto slices = slices_of(request.shapes.inputs[0], request.shapes.inputs[1], 0);
  if (!reduction || !slices || request.shapes.inputs[2] != updates_of(request.shapes.inputs)) return nullptr;
  return std::make_unique<ScatterNd>(std::move(*slices), *reduction);
}

}  // namespace slipway::engine
