#include "torch/ir/layout.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "torch/ir/program.hpp"

namespace slipway::torch::ir {
namespace {

// Places that are counted out one by one to see whether tensors overlap: some 10 ms.
constexpr int64_t kMostPlaces = int64_t{1} << 22;
constexpr size_t kMostDistances = 1 << 12;
// Beyond, places and counts of elements are not computed with.
constexpr int64_t kMostElements = int64_t{1} << 48;

int64_t count(const Dims& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

// The last place that a tensor of at least one element takes.
int64_t last_place(const Layout& layout) {
  int64_t last = layout.offset;
  for (size_t axis = 0; axis < layout.sizes.size(); ++axis)
    last += (layout.sizes[axis] - 1) * layout.strides[axis];
  return last;
}

template <typename Visit>
void for_each_place(const Layout& layout, const Visit& visit) {
  const size_t rank = layout.sizes.size();
  Dims index(rank, 0);
  int64_t place = layout.offset;
  for (int64_t left = count(layout.sizes); left > 0; --left) {
    visit(place);
    for (size_t axis = rank; axis-- > 0;) {
      place += layout.strides[axis];
      if (++index[axis] < layout.sizes[axis]) break;
      place -= layout.sizes[axis] * layout.strides[axis];
      index[axis] = 0;
    }
  }
}

bool dense_in_order(const Layout& layout, std::initializer_list<size_t> innermost_first) {
  int64_t expected = 1;
  for (const size_t axis : innermost_first) {
    if (layout.sizes[axis] != 1 && layout.strides[axis] != expected) return false;
    expected *= layout.sizes[axis];
  }
  return true;
}

// Axes that step further than everything inside of them reaches cannot meet themselves.
bool is_nested(const Layout& layout) {
  std::vector<size_t> axes;
  for (size_t axis = 0; axis < layout.sizes.size(); ++axis)
    if (layout.sizes[axis] > 1) axes.push_back(axis);
  std::ranges::sort(axes, {}, [&](size_t axis) { return layout.strides[axis]; });
  int64_t reach = 0;
  for (const size_t axis : axes) {
    if (layout.strides[axis] <= reach) return false;
    reach += (layout.sizes[axis] - 1) * layout.strides[axis];
  }
  return true;
}

std::optional<Dims> numbers(const Shape& shape) {
  if (!all_known(shape)) return std::nullopt;
  return known_dims(shape);
}

// Do two tensors of the same strides, one `distance` places behind the other, meet? The strides are nested:
// from the largest on, the distance can be taken off by two numbers of steps at most, on either side of it.
// nullopt where what is left then are too many distances to follow.
std::optional<bool> meets(const Layout& a, const Layout& b, const std::vector<size_t>& axes,
                          int64_t distance) {
  std::set<int64_t> left = {distance};
  for (const size_t axis : axes) {
    std::set<int64_t> next;
    for (const int64_t from : left) {
      const int64_t stride = a.strides[axis],
                    below = from >= 0 ? from / stride : -((stride - 1 - from) / stride);
      for (const int64_t steps : {below, below + 1})
        if (steps < a.sizes[axis] && steps > -b.sizes[axis]) next.insert(from - steps * stride);
    }
    if (next.size() > kMostDistances) return std::nullopt;
    left = std::move(next);
  }
  return left.contains(0);
}

// The axes that both have more than one place along or differ in, the largest stride first; nullopt when
// their strides differ or are not nested.
std::optional<std::vector<size_t>> shared_axes(const Layout& a, const Layout& b) {
  if (a.sizes.size() != b.sizes.size()) return std::nullopt;
  Layout both = a;
  std::vector<size_t> axes;
  for (size_t axis = 0; axis < a.sizes.size(); ++axis) {
    both.sizes[axis] = std::max(a.sizes[axis], b.sizes[axis]);
    if (both.sizes[axis] <= 1) continue;
    if (a.strides[axis] != b.strides[axis]) return std::nullopt;
    axes.push_back(axis);
  }
  if (!is_nested(both)) return std::nullopt;
  std::ranges::sort(axes, std::greater<>(), [&](size_t axis) { return a.strides[axis]; });
  return axes;
}

}  // namespace

bool is_computable(const Layout& layout) {
  int64_t elements = 1, last = 0;
  if (layout.offset < 0 || layout.offset > kMostElements) return false;
  for (size_t axis = 0; axis < layout.sizes.size(); ++axis) {
    const int64_t size = layout.sizes[axis], stride = layout.strides[axis];
    if (size < 0 || stride < 0 || size > kMostElements || stride > kMostElements) return false;
    if (size > 0 && elements > kMostElements / size) return false;
    elements *= std::max<int64_t>(size, 1);
    if (size > 1 && stride > 0 && size - 1 > kMostElements / stride) return false;
    if (size > 1) last += (size - 1) * stride;
  }
  return last <= kMostElements;
}

Dims row_major_strides(const Dims& sizes) {
  Dims strides(sizes.size());
  int64_t stride = 1;
  for (size_t axis = sizes.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= std::max<int64_t>(sizes[axis], 1);
  }
  return strides;
}

bool is_row_major(const Layout& layout) {
  int64_t expected = 1;
  for (size_t axis = layout.sizes.size(); axis-- > 0;) {
    if (layout.sizes[axis] == 0) return true;
    if (layout.sizes[axis] != 1 && layout.strides[axis] != expected) expected = -1;
    if (expected > 0) expected *= layout.sizes[axis];
  }
  return expected > 0;
}

bool is_channels_last(const Layout& layout) {
  if (layout.sizes.size() == 4) return dense_in_order(layout, {1, 3, 2, 0});
  return layout.sizes.size() == 5 && dense_in_order(layout, {1, 4, 3, 2, 0});
}

// Axes that follow each other in memory form runs, which may be cut and joined freely; no new axis may cross
// from one run into the next.
bool can_be_viewed_as(const Layout& layout, const Dims& sizes) {
  if (count(layout.sizes) == 0 || layout.sizes.empty()) return true;
  size_t left = sizes.size();  // new axes that are still to be placed, from the last one on
  int64_t run = 1, step = layout.strides.back();
  for (size_t axis = layout.sizes.size(); axis-- > 0;) {
    run *= layout.sizes[axis];
    if (axis > 0 && (layout.sizes[axis - 1] == 1 || layout.strides[axis - 1] == run * step)) continue;
    int64_t placed = 1;
    while (left > 0 && (placed < run || sizes[left - 1] == 1)) placed *= sizes[--left];
    if (placed != run) return false;
    if (axis > 0) step = layout.strides[axis - 1];
    run = 1;
  }
  return left == 0;
}

std::optional<bool> overlaps_itself(const Layout& layout) {
  const int64_t elements = count(layout.sizes);
  if (elements <= 1 || is_nested(layout)) return false;
  const int64_t places = last_place(layout) - layout.offset + 1;
  if (elements > places) return true;
  if (places > kMostPlaces) return std::nullopt;
  std::vector<bool> taken(static_cast<size_t>(places));
  bool twice = false;
  for_each_place(layout, [&](int64_t place) {
    const auto at = static_cast<size_t>(place - layout.offset);
    twice |= taken[at];
    taken[at] = true;
  });
  return twice;
}

Overlap overlap_of(const Layout& a, const Layout& b) {
  if (count(a.sizes) == 0 || count(b.sizes) == 0) return Overlap::kNone;
  if (a.offset == b.offset && a.sizes == b.sizes) {
    bool same = true;
    for (size_t axis = 0; axis < a.sizes.size(); ++axis)
      same &= a.sizes[axis] == 1 || a.strides[axis] == b.strides[axis];
    if (same) return Overlap::kSame;
  }
  if (const auto axes = shared_axes(a, b)) {
    const auto met = meets(a, b, *axes, b.offset - a.offset);
    return !met ? Overlap::kUnknown : *met ? Overlap::kPartial : Overlap::kNone;
  }
  const int64_t begin = std::max(a.offset, b.offset), end = std::min(last_place(a), last_place(b)) + 1;
  if (begin >= end) return Overlap::kNone;
  if (end - begin > kMostPlaces || std::max(count(a.sizes), count(b.sizes)) > kMostPlaces)
    return Overlap::kUnknown;
  std::vector<bool> taken(static_cast<size_t>(end - begin));
  for_each_place(a, [&](int64_t place) {
    if (place >= begin && place < end) taken[static_cast<size_t>(place - begin)] = true;
  });
  bool met = false;
  for_each_place(b, [&](int64_t place) {
    met |= place >= begin && place < end && taken[static_cast<size_t>(place - begin)];
  });
  return met ? Overlap::kPartial : Overlap::kNone;
}

std::optional<Layout> numeric_layout(const TensorMeta& meta) {
  const auto sizes = numbers(meta.sizes), strides = numbers(meta.strides);
  if (!sizes || !strides || sizes->size() != strides->size() || !meta.offset.is_known()) return std::nullopt;
  Layout layout{*sizes, *strides, meta.offset.value()};
  return is_computable(layout) ? std::optional(layout) : std::nullopt;
}

Assignments::Assignments(const std::map<std::string, Range, std::less<>>& ranges) {
  if (ranges.empty()) {
    assignments_.emplace_back();
    return;
  }
  for (const int64_t first : {7, 101}) {
    auto& values = assignments_.emplace_back();
    int64_t prime = first;
    for (const auto& [symbol, range] : ranges) {
      int64_t value = 48 * prime;
      if (range.lowest) value = std::max(value, *range.lowest);
      if (range.highest) value = std::min(value, *range.highest);
      values[symbol] = value;
      const auto is_composite = [](int64_t number) {
        for (int64_t divisor = 2; divisor * divisor <= number; ++divisor)
          if (number % divisor == 0) return true;
        return false;
      };
      do ++prime;
      while (is_composite(prime));
    }
  }
}

std::vector<std::vector<Layout>> Assignments::layouts(
    std::initializer_list<const TensorMeta*> tensors) const {
  std::vector<std::vector<Layout>> result;
  for (const auto& values : assignments_) {
    std::vector<Layout> layouts;
    for (const TensorMeta* tensor : tensors) {
      TensorMeta numeric = *tensor;
      for (Dim& size : numeric.sizes) size = size.substitute(values);
      for (Dim& stride : numeric.strides) stride = stride.substitute(values);
      numeric.offset = numeric.offset.substitute(values);
      const std::optional<Layout> layout = numeric_layout(numeric);
      if (!layout) return {};
      layouts.push_back(*layout);
    }
    result.push_back(std::move(layouts));
  }
  return result;
}

Answer Assignments::ask(std::initializer_list<const TensorMeta*> tensors,
                        const std::function<bool(std::span<const Layout>)>& question) const {
  bool yes = false, no = false;
  for (const std::vector<Layout>& layouts : layouts(tensors)) (question(layouts) ? yes : no) = true;
  if (yes == no) return Answer::kUnknown;
  return yes ? Answer::kYes : Answer::kNo;
}

}  // namespace slipway::torch::ir
