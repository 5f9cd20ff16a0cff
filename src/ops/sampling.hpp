// Values between the elements of a plane, volume or anything of more axes: along each axis a few elements
// with weights, and the products of the weights over the axes.
#pragma once

#include <span>
#include <vector>

#include "base/work_scope.hpp"
#include "ops/index_walk.hpp"

namespace slipway::ops {

struct Tap {
  int64_t place;  // -1: outside, where there are zeros
  double weight;
};
using Taps = std::vector<Tap>;  // along one axis

// Combinations of taps multiply with each axis, up to 4 for each in cubic samples: of few axes the work can
// be afforded. Throws kUnsupported for more; nobody samples beyond volumes.
void check_sampled_axes(size_t axes);

// The sum over all combinations of one tap an axis. `plane` is contiguous, `dims` are its sizes.
template <typename Element>
Element sample(const Element* plane, std::span<const int64_t> dims, std::span<const Taps> taps) {
  Dims counts;
  double combinations = 1;
  for (const Taps& along_axis : taps) {
    counts.push_back(static_cast<int64_t>(along_axis.size()));
    combinations *= static_cast<double>(along_axis.size());
  }
  WorkScope::spend(combinations);
  Element sum{};
  for (IndexWalk walk(counts); !walk.done(); walk.next()) {
    double weight = 1;
    int64_t offset = 0;
    bool inside = true;
    for (size_t axis = 0; axis < taps.size() && inside; ++axis) {
      const Tap& tap = taps[axis][static_cast<size_t>(walk.index()[axis])];
      inside = tap.place >= 0;
      weight *= tap.weight;
      offset = offset * dims[axis] + tap.place;
    }
    if (inside) sum += plane[offset] * weight;
  }
  return sum;
}

// The two elements around a position; those outside [0, size) count as zero, and so does a position that is
// no number.
Taps linear_taps(double position, int64_t size);

}  // namespace slipway::ops
