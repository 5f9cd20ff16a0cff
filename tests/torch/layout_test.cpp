// Questions about strides, answered by counting out all elements.
#include "torch/ir/layout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "torch/ir/program.hpp"

namespace slipway::torch::ir {
namespace {

std::vector<int64_t> places_of(const Layout& layout) {
  std::vector<int64_t> places = {layout.offset};
  for (size_t axis = 0; axis < layout.sizes.size(); ++axis) {
    std::vector<int64_t> next;
    for (const int64_t place : places)
      for (int64_t i = 0; i < layout.sizes[axis]; ++i) next.push_back(place + i * layout.strides[axis]);
    places = std::move(next);
  }
  return places;
}

Layout random_layout(std::mt19937& random, size_t rank) {
  const auto below = [&](int64_t end) { return static_cast<int64_t>(random() % static_cast<uint64_t>(end)); };
  Layout layout;
  for (size_t axis = 0; axis < rank; ++axis) layout.sizes.push_back(1 + below(4));
  layout.strides = row_major_strides(layout.sizes);
  // Slices, steps and transposes of rows, and now and then any strides at all.
  for (size_t axis = 0; axis < rank; ++axis) {
    const auto other = static_cast<size_t>(below(static_cast<int64_t>(rank)));
    if (below(3) == 0) std::swap(layout.strides[axis], layout.strides[other]);
    if (below(3) == 0) layout.strides[axis] *= 1 + below(2);
    if (below(3) == 0) layout.sizes[axis] = 1 + below(layout.sizes[axis]);
    if (below(8) == 0) layout.strides[axis] = below(6);
  }
  layout.offset = below(6);
  return layout;
}

TEST(Layout, FindsOverlapsAsCountingDoes) {
  std::mt19937 random(1);
  size_t met = 0, apart = 0;
  for (int round = 0; round < 20000; ++round) {
    const Layout a = random_layout(random, 1 + random() % 3);
    Layout b = random_layout(random, a.sizes.size());
    // Mostly of the same strides, as slices of one tensor are.
    if (random() % 3 != 0) b.strides = a.strides;
    const auto places_a = places_of(a), places_b = places_of(b);
    const std::set<int64_t> taken(places_a.begin(), places_a.end());
    const bool meet =
        std::any_of(places_b.begin(), places_b.end(), [&](int64_t p) { return taken.contains(p); });
    const Overlap expected = a.sizes == b.sizes && places_a == places_b ? Overlap::kSame
                             : meet                                     ? Overlap::kPartial
                                                                        : Overlap::kNone;
    ASSERT_EQ(overlap_of(a, b), expected) << to_string(a.sizes) << to_string(a.strides) << a.offset << " "
                                          << to_string(b.sizes) << to_string(b.strides) << b.offset;
    ASSERT_EQ(overlaps_itself(a), taken.size() != places_a.size())
        << to_string(a.sizes) << to_string(a.strides);
    ++(meet ? met : apart);
  }
  EXPECT_GT(met, 1000U);
  EXPECT_GT(apart, 1000U);
}

// A view is there if its elements, in order, lie where some strides put them.
TEST(Layout, SaysWhichShapesAreViews) {
  std::mt19937 random(2);
  const std::vector<Dims> shapes = {{24},      {4, 6},  {2, 2, 6}, {3, 8}, {2, 3, 4},
                                    {4, 1, 6}, {1, 24}, {12, 2},   {6, 4}, {2, 12}};
  size_t views = 0, copies = 0;
  for (int round = 0; round < 5000; ++round) {
    Layout layout;
    layout.sizes = shapes[random() % shapes.size()];
    layout.strides = row_major_strides(layout.sizes);
    for (size_t axis = 0; axis < layout.sizes.size(); ++axis) {
      const size_t other = random() % layout.sizes.size();
      if (random() % 4 == 0) {
        std::swap(layout.strides[axis], layout.strides[other]);
        std::swap(layout.sizes[axis], layout.sizes[other]);
      }
      if (random() % 4 == 0)
        for (size_t outer = 0; outer <= axis; ++outer) layout.strides[outer] *= 2;
    }
    const Dims& sizes = shapes[random() % shapes.size()];
    const auto places = places_of(layout);
    // The strides that the first step along each axis would have.
    const Dims inner = row_major_strides(sizes);
    Layout view{sizes, inner, places[0]};
    for (size_t axis = 0; axis < sizes.size(); ++axis)
      if (sizes[axis] > 1) view.strides[axis] = places[static_cast<size_t>(inner[axis])] - places[0];
    const bool expected = places_of(view) == places;
    ASSERT_EQ(can_be_viewed_as(layout, sizes), expected)
        << to_string(layout.sizes) << to_string(layout.strides) << " as " << to_string(sizes);
    ++(expected ? views : copies);
  }
  EXPECT_GT(views, 500U);
  EXPECT_GT(copies, 500U);
}

TEST(Layout, AnswersForAllSizesThatSymbolsStandFor) {
  const Dim n = Dim::symbol("n"), m = Dim::symbol("m");
  const Assignments assignments({{"n", Range{}}, {"m", Range{}}});
  const auto flattens = [](std::span<const Layout> layouts) {
    return can_be_viewed_as(layouts[0], {layouts[0].sizes[0] * layouts[0].sizes[1]});
  };
  const TensorMeta rows{DataType::kFloat, {n, m}, {m, 1}, 0}, columns{DataType::kFloat, {n, m}, {1, n}, 0},
      unknown{DataType::kFloat, {n, m}, {Dim(), 1}, 0};
  EXPECT_EQ(assignments.ask({&rows}, flattens), Answer::kYes);
  EXPECT_EQ(assignments.ask({&columns}, flattens), Answer::kNo);
  EXPECT_EQ(assignments.ask({&unknown}, flattens), Answer::kUnknown);
}

TEST(Layout, OverlapsOfWhatCannotBeCountedOut) {
  const int64_t rows = int64_t{1} << 40;
  const Layout left{{rows, 3}, {8, 1}, 0}, right{{rows, 3}, {8, 1}, 3}, shifted{{rows, 3}, {8, 1}, 2},
      transposed{{3, rows}, {1, 8}, 3};
  EXPECT_EQ(overlap_of(left, right), Overlap::kNone);
  EXPECT_EQ(overlap_of(left, shifted), Overlap::kPartial);
  EXPECT_EQ(overlap_of(left, transposed), Overlap::kUnknown);
}

}  // namespace
}  // namespace slipway::torch::ir
