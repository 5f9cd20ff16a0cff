#include "engine/kernels/strided_copy.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/kernels/strided_copy.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace slipway::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// An element of 16 bytes.
struct Sixteen {
  uint64_t low, high;
};

template <typename T>
HWY_INLINE T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <typename T>
HWY_INLINE void store(T value, std::byte* to) {
  std::memcpy(to, &value, sizeof(T));
}

template <typename T>
void copy_each(const CopyPlane& plane) {
  const int64_t step = plane.columns.from;
  for (int64_t row = 0; row < plane.rows.size; ++row) {
    const std::byte* from = plane.from + row * plane.rows.from;
    std::byte* to = plane.to + row * plane.rows.to;
    for (int64_t i = 0; i < plane.columns.size; ++i, from += step, to += sizeof(T)) store(load<T>(from), to);
  }
}

template <typename T>
void fill_rows(const CopyPlane& plane) {
  for (int64_t row = 0; row < plane.rows.size; ++row) {
    const T value = load<T>(plane.from + row * plane.rows.from);
    std::byte* to = plane.to + row * plane.rows.to;
    for (int64_t i = 0; i < plane.columns.size; ++i) store(value, to + static_cast<size_t>(i) * sizeof(T));
  }
}

void copy_rows(const CopyPlane& plane) {
  const size_t bytes = static_cast<size_t>(plane.columns.size) * plane.width;
  for (int64_t row = 0; row < plane.rows.size; ++row)
    std::memcpy(plane.to + row * plane.rows.to, plane.from + row * plane.rows.from, bytes);
}

// The plane without its first columns, or without its first rows.
HWY_INLINE CopyPlane columns_from(CopyPlane plane, int64_t first) {
  plane.from += first * plane.columns.from;
  plane.to += first * plane.columns.to;
  plane.columns.size -= first;
  return plane;
}
HWY_INLINE CopyPlane rows_from(CopyPlane plane, int64_t first) {
  plane.from += first * plane.rows.from;
  plane.to += first * plane.rows.to;
  plane.rows.size -= first;
  return plane;
}

// ---- Rows that are neighbours in the source: transposing ----

#if HWY_TARGET == HWY_SCALAR
template <typename T>
void transpose(const CopyPlane& plane) {
  copy_each<T>(plane);
}
#else
// n × n elements of n vectors, by log2(n) rounds in which halves are interleaved.
template <typename T>
HWY_INLINE void transpose_block(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step) {
  constexpr size_t kLanes = 16 / sizeof(T);
  const hn::FixedTag<T, kLanes> d;
  using Vector = hn::Vec<decltype(d)>;
  Vector rows[kLanes], next[kLanes];
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes; ++i)
    rows[i] = hn::LoadU(d, reinterpret_cast<const T*>(from + static_cast<int64_t>(i) * from_step));
#pragma GCC unroll 4
  for (size_t round = 1; round < kLanes; round *= 2) {
#pragma GCC unroll 8
    for (size_t i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = hn::InterleaveLower(d, rows[i], rows[i + kLanes / 2]);
      next[2 * i + 1] = hn::InterleaveUpper(d, rows[i], rows[i + kLanes / 2]);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes; ++i)
    hn::StoreU(rows[i], d, reinterpret_cast<T*>(to + static_cast<int64_t>(i) * to_step));
}

// Whole blocks of `rows` neighbours in the source and `columns` in the target.
template <typename T>
HWY_INLINE void transpose_blocks(const CopyPlane& plane, int64_t first_row, int64_t rows,
                                 int64_t first_column, int64_t columns, std::byte* to, int64_t to_step) {
  constexpr int64_t kLanes = 16 / sizeof(T);
  const std::byte* from = plane.from + first_row * plane.rows.from + first_column * plane.columns.from;
  for (int64_t column = 0; column < columns; column += kLanes)
    for (int64_t row = 0; row < rows; row += kLanes)
      transpose_block<T>(from + row * plane.rows.from + column * plane.columns.from, plane.columns.from,
                         to + row * to_step + column * static_cast<int64_t>(sizeof(T)), to_step);
}

// By strips of one cache line of the source, so that a line that was fetched is used whole. Lines a multiple
// of 2 KB apart share a few places of the cache: where the target's rows are like that, some columns are put
// together elsewhere, and each row is written in one go.
template <typename T>
void transpose(const CopyPlane& plane) {
  constexpr int64_t kLanes = 16 / sizeof(T), kStrip = 64 / sizeof(T), kTile = 64, kCrowded = 2048;
  constexpr auto kWidth = static_cast<int64_t>(sizeof(T));
  HWY_ALIGN std::byte tile[kStrip * kTile * kWidth];
  const int64_t rows = plane.rows.size / kLanes * kLanes, columns = plane.columns.size / kLanes * kLanes;
  const bool crowds = plane.rows.to % kCrowded == 0;
  for (int64_t row = 0; row < rows; row += kStrip) {
    const int64_t height = std::min(rows - row, kStrip);
    if (!crowds) {
      transpose_blocks<T>(plane, row, height, 0, columns, plane.to + row * plane.rows.to, plane.rows.to);
      continue;
    }
    for (int64_t column = 0; column < columns; column += kTile) {
      const int64_t width = std::min(columns - column, kTile);
      transpose_blocks<T>(plane, row, height, column, width, tile, kTile * kWidth);
      for (int64_t i = 0; i < height; ++i)
        std::memcpy(plane.to + (row + i) * plane.rows.to + column * kWidth, tile + i * kTile * kWidth,
                    static_cast<size_t>(width * kWidth));
    }
  }
  if (columns < plane.columns.size) {
    CopyPlane right = columns_from(plane, columns);
    right.rows.size = rows;
    copy_each<T>(right);
  }
  copy_each<T>(rows_from(plane, rows));
}
#endif

// ---- Two to four elements apart, or two to four side by side ----

// One to four rows, neighbours in the source, whose columns are `kStep` elements apart there.
template <typename T, int64_t kStep>
void take_apart(const CopyPlane& plane) {
  const hn::ScalableTag<T> d;
  using Vector = hn::Vec<decltype(d)>;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), rows = plane.rows.size;
  int64_t i = 0;
  // A whole vector may read up to kStep - 1 elements behind the last one that is wanted.
  for (; i + lanes < plane.columns.size; i += lanes) {
    const T* from = reinterpret_cast<const T*>(plane.from + i * plane.columns.from);
    std::byte* to = plane.to + i * plane.columns.to;
    const auto row = [&](int64_t index) { return reinterpret_cast<T*>(to + index * plane.rows.to); };
    Vector a, b, c, e;
    if constexpr (kStep == 2) hn::LoadInterleaved2(d, from, a, b);
    if constexpr (kStep == 3) hn::LoadInterleaved3(d, from, a, b, c);
    if constexpr (kStep == 4) hn::LoadInterleaved4(d, from, a, b, c, e);
    hn::StoreU(a, d, row(0));
    if (rows > 1) hn::StoreU(b, d, row(1));
    if constexpr (kStep > 2)
      if (rows > 2) hn::StoreU(c, d, row(2));
    if constexpr (kStep > 3)
      if (rows > 3) hn::StoreU(e, d, row(3));
  }
  copy_each<T>(columns_from(plane, i));
}

// Rows that are neighbours in the source, of `kStep` columns each, which follow one another in the target.
template <typename T, int64_t kStep>
void put_together(const CopyPlane& plane) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= plane.rows.size; i += lanes) {
    const std::byte* from = plane.from + i * plane.rows.from;
    T* to = reinterpret_cast<T*>(plane.to + i * plane.rows.to);
    const auto column = [&](int64_t index) HWY_ATTR {
      return hn::LoadU(d, reinterpret_cast<const T*>(from + index * plane.columns.from));
    };
    if constexpr (kStep == 2) hn::StoreInterleaved2(column(0), column(1), d, to);
    if constexpr (kStep == 3) hn::StoreInterleaved3(column(0), column(1), column(2), d, to);
    if constexpr (kStep == 4) hn::StoreInterleaved4(column(0), column(1), column(2), column(3), d, to);
  }
  copy_each<T>(rows_from(plane, i));
}

// ---- Which of them ----

template <typename T, int64_t kStep>
bool interleaves(const CopyPlane& plane) {
  const auto width = static_cast<int64_t>(plane.width), step = kStep * width;
  const bool side_by_side = plane.rows.size == 1 || plane.rows.from == width;
  if (plane.columns.from == step && side_by_side && plane.rows.size <= kStep)
    return take_apart<T, kStep>(plane), true;
  if (plane.columns.size == kStep && plane.rows.from == width && plane.rows.to == step)
    return put_together<T, kStep>(plane), true;
  return false;
}

template <typename T>
void copy_elements(const CopyPlane& plane) {
  if constexpr (sizeof(T) <= 8)
    if (interleaves<T, 2>(plane) || interleaves<T, 3>(plane) || interleaves<T, 4>(plane)) return;
  if (plane.columns.from == 0) return fill_rows<T>(plane);
  if constexpr (sizeof(T) <= 8)
    if (plane.rows.from == sizeof(T)) return transpose<T>(plane);
  copy_each<T>(plane);
}

void Copy(const CopyPlane& plane) {
  if (plane.columns.from == static_cast<int64_t>(plane.width)) return copy_rows(plane);
  switch (plane.width) {
    case 1:
      return copy_elements<uint8_t>(plane);
    case 2:
      return copy_elements<uint16_t>(plane);
    case 4:
      return copy_elements<uint32_t>(plane);
    case 8:
      return copy_elements<uint64_t>(plane);
    default:
      return copy_elements<Sixteen>(plane);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace slipway::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace slipway::engine {

HWY_EXPORT(Copy);

void copy_plane(const CopyPlane& plane) {
  HWY_DYNAMIC_DISPATCH(Copy)(plane);
}

namespace {

// Enough for a thread to be worth waking.
constexpr int64_t kPieceBytes = int64_t{128} * 1024;
// Whole cache lines of one-byte elements.
constexpr int64_t kLine = 64;

int64_t rounded_up(int64_t value, int64_t to) {
  return (value + to - 1) / to * to;
}

// From the innermost on, neighbours that go on evenly on both sides made one.
std::vector<CopyAxis> merged_axes(int64_t width, const Dims& sizes, const Dims& from, const Dims& to) {
  std::vector<CopyAxis> axes;
  for (size_t i = sizes.size(); i-- > 0;) {
    if (sizes[i] == 1) continue;
    const CopyAxis axis{sizes[i], from[i] * width, to[i] * width};
    if (!axes.empty() && axis.from == axes.back().from * axes.back().size &&
        axis.to == axes.back().to * axes.back().size)
      axes.back().size *= axis.size;
    else
      axes.push_back(axis);
  }
  if (axes.empty()) axes.push_back({1, width, width});
  return axes;
}

bool is_element(int64_t bytes) {
  return bytes <= 16 && (bytes & (bytes - 1)) == 0;
}

}  // namespace

StridedCopy::StridedCopy(size_t width, const Dims& sizes, const Dims& from, const Dims& to) : width_(width) {
  choose_plane(merged_axes(static_cast<int64_t>(width), sizes, from, to));
  for (const CopyAxis& axis : outer_) planes_ *= axis.size;
  const auto width_bytes = static_cast<int64_t>(width_);
  const int64_t row_bytes = columns_.size * width_bytes;
  const int64_t least_rows = rows_.from == width_bytes ? kLine : 1;
  columns_per_piece_ = std::min(columns_.size, rounded_up(kPieceBytes / width_bytes / least_rows, kLine));
  rows_per_piece_ =
      std::min(rows_.size, rounded_up(std::max<int64_t>(1, kPieceBytes / row_bytes), least_rows));
  column_cuts_ = (columns_.size + columns_per_piece_ - 1) / columns_per_piece_;
  row_cuts_ = (rows_.size + rows_per_piece_ - 1) / rows_per_piece_;
  if (row_cuts_ * column_cuts_ == 1)
    planes_per_piece_ = std::max<int64_t>(1, kPieceBytes / (row_bytes * rows_.size));
}

// The columns are the target's neighbours; the rows are the source's, where those are others.
void StridedCopy::choose_plane(std::vector<CopyAxis> axes) {
  // A short run is one wider element.
  const int64_t run = axes[0].size * static_cast<int64_t>(width_);
  if (axes.size() > 1 && axes[0].from == static_cast<int64_t>(width_) && is_element(run)) {
    width_ = static_cast<size_t>(run);
    axes.erase(axes.begin());
  }
  const auto width = static_cast<int64_t>(width_);
  columns_ = axes[0];
  // Wider elements need not be neighbours in the target any more.
  if (columns_.to != width) {
    columns_ = {1, width, width};
    axes.insert(axes.begin(), columns_);
  }
  axes.erase(axes.begin());
  const auto neighbours =
      std::find_if(axes.begin(), axes.end(), [&](const CopyAxis& axis) { return axis.from == width; });
  const auto chosen = columns_.from == width || neighbours == axes.end() ? axes.begin() : neighbours;
  if (chosen != axes.end()) {
    rows_ = *chosen;
    axes.erase(chosen);
  }
  outer_ = std::move(axes);
}

void StridedCopy::copy_planes(const std::byte* from, std::byte* to, int64_t first, int64_t count,
                              CopyPlane plane) const {
  std::vector<int64_t> index;
  for (const CopyAxis& axis : outer_) {
    index.push_back(first % axis.size);
    first /= axis.size;
    from += index.back() * axis.from;
    to += index.back() * axis.to;
  }
  for (int64_t i = 0; i < count; ++i) {
    plane.from = from, plane.to = to;
    HWY_DYNAMIC_DISPATCH(Copy)(plane);
    for (size_t axis = 0; axis < outer_.size(); ++axis) {
      from += outer_[axis].from, to += outer_[axis].to;
      if (++index[axis] < outer_[axis].size) break;
      from -= outer_[axis].from * outer_[axis].size, to -= outer_[axis].to * outer_[axis].size;
      index[axis] = 0;
    }
  }
}

void StridedCopy::run(const std::byte* from, std::byte* to, ThreadPool& pool) const {
  const int64_t cuts = row_cuts_ * column_cuts_;
  const int64_t groups = (planes_ + planes_per_piece_ - 1) / planes_per_piece_;
  pool.parallel_for(static_cast<size_t>(groups * cuts), [&](size_t piece, int) {
    const int64_t first = static_cast<int64_t>(piece) / cuts * planes_per_piece_;
    const int64_t cut = static_cast<int64_t>(piece) % cuts;
    const int64_t row = cut / column_cuts_ * rows_per_piece_,
                  column = cut % column_cuts_ * columns_per_piece_;
    CopyPlane plane{width_, rows_, columns_, nullptr, nullptr};
    plane.rows.size = std::min(rows_per_piece_, rows_.size - row);
    plane.columns.size = std::min(columns_per_piece_, columns_.size - column);
    copy_planes(from + row * rows_.from + column * columns_.from, to + row * rows_.to + column * columns_.to,
                first, std::min(planes_per_piece_, planes_ - first), plane);
  });
}

}  // namespace slipway::engine
#endif
