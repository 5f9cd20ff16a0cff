// Trilu and ReverseSequence of elements of whole bytes: each row of the output is part of a row of the input.
#include <algorithm>
#include <cstring>

#include "base/error.hpp"
#include "engine/kernel.hpp"
#include "ops/kernel_context.hpp"

namespace slipway::engine {
namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceBytes = int64_t{64} * 1024;

// Calls make(row) for all rows, from several threads at once.
template <typename Make>
void for_rows(ThreadPool& pool, int64_t rows, size_t row_bytes, Make make) {
  const int64_t per_piece = std::max<int64_t>(1, kPieceBytes / static_cast<int64_t>(row_bytes));
  pool.parallel_for(static_cast<size_t>((rows + per_piece - 1) / per_piece), [&](size_t piece, int) {
    const int64_t first = static_cast<int64_t>(piece) * per_piece;
    for (int64_t row = first; row < std::min(rows, first + per_piece); ++row) make(row);
  });
}

class Trilu : public Kernel {
 public:
  Trilu(const Dims& dims, size_t width, int64_t diagonal, bool upper)
      : all_(element_count(dims) / dims.back()),
        rows_(dims[dims.size() - 2]),
        columns_(dims.back()),
        width_(width),
        diagonal_(std::clamp(diagonal, -rows_, columns_)),
        upper_(upper) {}

  void run(const KernelRun& run) const override {
    const auto* in = static_cast<const std::byte*>(run.input(0).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    const size_t row_bytes = static_cast<size_t>(columns_) * width_;
    for_rows(run.pool, all_, row_bytes, [&](int64_t row) {
      const int64_t meeting = diagonal_ + row % rows_;
      const int64_t begin = upper_ ? std::clamp<int64_t>(meeting, 0, columns_) : 0;
      const int64_t end = upper_ ? columns_ : std::clamp<int64_t>(meeting + 1, 0, columns_);
      const size_t from = static_cast<size_t>(begin) * width_, to = static_cast<size_t>(end) * width_;
      std::byte* target = out + static_cast<size_t>(row) * row_bytes;
      std::memset(target, 0, from);
      std::memcpy(target + from, in + static_cast<size_t>(row) * row_bytes + from, to - from);
      std::memset(target + to, 0, row_bytes - to);
    });
  }

 private:
  int64_t all_, rows_, columns_;
  size_t width_;
  int64_t diagonal_;
  bool upper_;
};

class ReverseSequence : public Kernel {
 public:
  ReverseSequence(const Dims& dims, size_t width, bool batch_first)
      : batch_(dims[batch_first ? 0 : 1]),
        time_(dims[batch_first ? 1 : 0]),
        row_bytes_(width * static_cast<size_t>(element_count(dims) / (batch_ * time_))),
        batch_first_(batch_first) {}

  void run(const KernelRun& run) const override {
    const int64_t* lengths = run.input(1).data<int64_t>().data();
    for (int64_t i = 0; i < batch_; ++i)
      if (lengths[i] < 0 || lengths[i] > time_)
        fail(ErrorCode::kInvalidArgument, "length {} of sequence {} is outside 0 to {}", lengths[i], i,
             time_);
    const auto* in = static_cast<const std::byte*>(run.input(0).raw());
    auto* out = static_cast<std::byte*>(run.output(0).raw());
    for_rows(run.pool, batch_ * time_, row_bytes_, [&](int64_t row) {
      const int64_t sequence = batch_first_ ? row / time_ : row % batch_;
      const int64_t t = batch_first_ ? row % time_ : row / batch_;
      const int64_t source = t < lengths[sequence] ? lengths[sequence] - 1 - t : t;
      const int64_t from = batch_first_ ? sequence * time_ + source : source * batch_ + sequence;
      std::memcpy(out + static_cast<size_t>(row) * row_bytes_, in + static_cast<size_t>(from) * row_bytes_,
                  row_bytes_);
    });
  }

 private:
  int64_t batch_, time_;
  size_t row_bytes_;
  bool batch_first_;
};

}  // namespace

std::unique_ptr<Kernel> make_trilu(const KernelRequest& request) {
  const Dims& dims = request.shapes.inputs[0];
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  const bool stated = request.node().input(1) != nullptr;
  const Tensor* diagonal = stated ? request.shapes.constants[1] : nullptr;
  if (width == 0 || dims.size() < 2 || (stated && (!diagonal || diagonal->count() != 1))) return nullptr;
  const int64_t k = stated ? ops::read_integers(*diagonal, "k").front() : 0;
  return std::make_unique<Trilu>(dims, width, k, request.node().int_attribute("upper", 1) != 0);
}

std::unique_ptr<Kernel> make_reverse_sequence(const KernelRequest& request) {
  const Dims& dims = request.shapes.inputs[0];
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  const int64_t batch = request.node().int_attribute("batch_axis", 1),
                time = request.node().int_attribute("time_axis", 0);
  if (width == 0 || dims.size() < 2 || batch < 0 || batch > 1 || time != 1 - batch) return nullptr;
  if (request.shapes.inputs[1] != Dims{dims[static_cast<size_t>(batch)]}) return nullptr;
  return std::make_unique<ReverseSequence>(dims, width, batch == 0);
}

}  // namespace slipway::engine
