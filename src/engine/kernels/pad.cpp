// Pad of elements of whole bytes. Each row of the output is put together by segments of its axis: stretches
// of the input, one place of it repeated, or the constant. Trailing axes that nothing is padded to are part
// of the place.
#include "ops/pad.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/kernel.hpp"
#include "ops/strided_walk.hpp"

namespace slipway::engine {
namespace {

using Sources = ops::PadSources;

// `count` places of the output, from the input's place `from` on by steps of 1, 0 or -1; ops::kPadFill: the
// constant.
struct Segment {
  int64_t from;
  int64_t step;
  int64_t count;
};

CountedVector<Segment> segments_of(const Sources& sources) {
  CountedVector<Segment> segments;
  for (int64_t source : sources) {
    if (!segments.empty()) {
      Segment& last = segments.back();
      const int64_t step = source - (last.from + last.step * (last.count - 1));
      const bool possible =
          source == ops::kPadFill || last.from == ops::kPadFill ? step == 0 : step >= -1 && step <= 1;
      if (possible && (last.count == 1 || step == last.step)) {
        last.step = step;
        ++last.count;
        continue;
      }
    }
    segments.push_back({source, 0, 1});
  }
  return segments;
}

bool is_whole(const Sources& sources, int64_t size) {
  const auto segments = segments_of(sources);
  return sources.size() == static_cast<size_t>(size) && segments.size() == 1 && segments[0].from == 0 &&
         (size == 1 || segments[0].step == 1);
}

void copy_place(std::byte* to, const std::byte* from, size_t bytes) {
  switch (bytes) {
    case 1:
      *to = *from;
      return;
    case 2:
      std::memcpy(to, from, 2);
      return;
    case 4:
      std::memcpy(to, from, 4);
      return;
    case 8:
      std::memcpy(to, from, 8);
      return;
    default:
      std::memcpy(to, from, bytes);
  }
}

// `count` times `bytes` bytes: what is there already is copied on, so far as it stays in the cache.
void repeat(std::byte* to, const std::byte* from, size_t bytes, int64_t count) {
  constexpr size_t kMost = 8192;
  const size_t all = bytes * static_cast<size_t>(count);
  copy_place(to, from, bytes);
  for (size_t done = bytes; done < all;) {
    const size_t next = std::min({done, all - done, std::max(bytes, kMost / bytes * bytes)});
    std::memcpy(to + done, to, next);
    done += next;
  }
}

// `count` places of `bytes` bytes, the first of which is the last here.
void reverse(std::byte* to, const std::byte* from, size_t bytes, int64_t count) {
  for (int64_t i = 0; i < count; ++i, to += bytes, from -= bytes) copy_place(to, from, bytes);
}

class Pad : public Kernel {
 public:
  // `sources` of all axes up to the last that is padded; `place_bytes` are those of the axes behind it.
  Pad(std::vector<Sources> sources, const Dims& strides, size_t element_bytes, int64_t place_elements)
      : element_bytes_(element_bytes),
        place_elements_(place_elements),
        place_bytes_(element_bytes * static_cast<size_t>(place_elements)),
        row_places_(static_cast<int64_t>(sources.back().size())),
        segments_(segments_of(sources.back())) {
    sources.pop_back();
    for (size_t axis = sources.size(); axis-- > 0;) {
      rows_ *= static_cast<int64_t>(sources[axis].size());
      for (int64_t& source : sources[axis])
        if (source != ops::kPadFill) source *= strides[axis] * static_cast<int64_t>(element_bytes);
      outer_.push_back(std::move(sources[axis]));
    }
  }

  void run(const KernelRun& run) const override {
    constexpr std::array<std::byte, 16> kZero{};
    const bool has_constant = run.inputs.size() > 2 && run.inputs[2];
    const auto* constant = has_constant ? static_cast<const std::byte*>(run.input(2).raw()) : kZero.data();
    const auto* from = static_cast<const std::byte*>(run.input(0).raw());
    auto* to = static_cast<std::byte*>(run.output(0).raw());
    constexpr int64_t kPieceBytes = int64_t{64} * 1024;
    const int64_t row_bytes = row_places_ * static_cast<int64_t>(place_bytes_);
    const int64_t rows = std::max<int64_t>(1, kPieceBytes / row_bytes);
    run.pool.parallel_for(static_cast<size_t>((rows_ + rows - 1) / rows), [&](size_t piece, int) {
      const int64_t first = static_cast<int64_t>(piece) * rows;
      make_rows(first, std::min(rows_, first + rows), from, constant, to, row_bytes);
    });
  }

 private:
  // Rows [begin, end). The axes but the innermost are looked up once for all rows along that.
  void make_rows(int64_t begin, int64_t end, const std::byte* from, const std::byte* constant, std::byte* to,
                 int64_t row_bytes) const {
    if (outer_.empty()) return make_row(0, from, constant, to);
    const auto size = static_cast<int64_t>(outer_[0].size());
    for (int64_t row = begin; row < end;) {
      const int64_t outside = offset_of(row / size);
      for (int64_t place = row % size; place < size && row < end; ++place, ++row) {
        const int64_t source = outer_[0][static_cast<size_t>(place)];
        const bool fills = outside == ops::kPadFill || source == ops::kPadFill;
        make_row(fills ? ops::kPadFill : outside + source, from, constant, to + row * row_bytes);
      }
    }
  }

  // Bytes to what all axes outside of the innermost choose, or ops::kPadFill where that is the constant.
  int64_t offset_of(int64_t index) const {
    int64_t offset = 0;
    for (size_t axis = 1; axis < outer_.size(); ++axis) {
      const auto size = static_cast<int64_t>(outer_[axis].size());
      const int64_t source = outer_[axis][static_cast<size_t>(index % size)];
      if (source == ops::kPadFill) return ops::kPadFill;
      offset += source;
      index /= size;
    }
    return offset;
  }

  void make_row(int64_t offset, const std::byte* from, const std::byte* constant, std::byte* to) const {
    if (offset == ops::kPadFill) return repeat(to, constant, element_bytes_, row_places_ * place_elements_);
    for (const Segment& segment : segments_) {
      const size_t bytes = static_cast<size_t>(segment.count) * place_bytes_;
      const std::byte* place = from + offset + segment.from * static_cast<int64_t>(place_bytes_);
      if (segment.from == ops::kPadFill)
        repeat(to, constant, element_bytes_, segment.count * place_elements_);
      else if (segment.step == 0)
        repeat(to, place, place_bytes_, segment.count);
      else if (segment.step == 1)
        std::memcpy(to, place, bytes);
      else
        reverse(to, place, place_bytes_, segment.count);
      to += bytes;
    }
  }

  size_t element_bytes_;
  int64_t place_elements_;
  size_t place_bytes_;
  int64_t row_places_;
  CountedVector<Segment> segments_;
  std::vector<Sources> outer_;  // innermost first; as bytes
  int64_t rows_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_pad(const KernelRequest& request) {
  const auto& shapes = request.shapes;
  const Dims& in = shapes.inputs[0];
  const auto width = static_cast<size_t>(bits_of(request.input_types[0])) / 8;
  const auto has = [&](size_t i) { return i < shapes.inputs.size() && request.node().input(i); };
  if (width == 0 || in.empty() || !shapes.constants[1] || (has(3) && !shapes.constants[3])) return nullptr;
  if (has(2) && element_count(shapes.inputs[2]) != 1) return nullptr;
  // The tables below have an entry for each place of an axis, and no output has been allocated yet.
  constexpr int64_t kLongest = int64_t{1} << 24;
  for (int64_t size : shapes.outputs[0])
    if (size > kLongest) return nullptr;
  auto sources =
      ops::pad_sources(request.node(), in, *shapes.constants[1], has(3) ? shapes.constants[3] : nullptr);
  int64_t place_elements = 1;
  while (sources.size() > 1 && is_whole(sources.back(), in[sources.size() - 1])) {
    place_elements *= in[sources.size() - 1];
    sources.pop_back();
  }
  return std::make_unique<Pad>(std::move(sources), ops::contiguous_strides(in), width, place_elements);
}

}  // namespace slipway::engine
