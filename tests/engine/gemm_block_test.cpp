// The micro-kernel against sums in double, at every instruction set of the machine. A chain of k
// multiply-adds in f32 errs by at most k · 2⁻²⁴ · Σ|terms|.
#include "engine/kernels/gemm_block.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <random>
#include <vector>

namespace slipway::engine {
namespace {

enum class Layout { kPacked, kRows, kColumns };

struct BlockCase {
  Layout layout;
  int64_t m, n, k;
  bool accumulate, bias, residual, clamp;
  bool is_pixel_bias = false;
  int64_t panel = 0;
};

void run_case(const BlockCase& c, std::mt19937& random) {
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  const auto fill = [&](size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = uniform(random);
    return values;
  };
  const size_t m = static_cast<size_t>(c.m), n = static_cast<size_t>(c.n), k = static_cast<size_t>(c.k);
  const size_t panel = c.panel != 0 ? static_cast<size_t>(c.panel) : n, panel_stride = k * (panel + 3);
  const auto weights = fill(m * k), source = fill((n + panel - 1) / panel * panel_stride + kLanePadding),
             bias = fill(c.is_pixel_bias ? n + kLanePadding : m), residual = fill(m * n),
             before = fill(m * n);
  std::vector<float> packed(static_cast<size_t>(packed_weights_size(c.m, c.k))), out = before;
  // The reference has weight (i, t) at i · k + t, or at t · m + i.
  const bool columns = c.layout == Layout::kColumns;
  const int64_t row = columns ? 1 : c.k, step = columns ? c.m : 1;
  if (c.layout == Layout::kPacked) pack_weights(weights.data(), c.m, c.k, row, step, packed.data());
  std::vector<int64_t> offsets;
  for (size_t i = 0; i < k; ++i) offsets.push_back(static_cast<int64_t>(i * (panel + 3)));

  GemmBlock block;
  block.m = c.m, block.n = c.n, block.k = c.k;
  block.weights = packed.data(), block.weights_k = c.k;
  if (c.layout != Layout::kPacked)
    block.weights = weights.data(), block.weights_row = row, block.weights_step = step;
  block.source = source.data(), block.offsets = offsets.data();
  block.out = out.data(), block.out_stride = c.n;
  block.accumulate = c.accumulate;
  (c.is_pixel_bias ? block.pixel_bias : block.bias) = c.bias ? bias.data() : nullptr;
  block.panel = c.panel, block.panel_stride = static_cast<int64_t>(panel_stride);
  block.residual = c.residual ? residual.data() : nullptr;
  if (c.clamp) block.clamp = {-0.5f, 0.75f};
  gemm_block(block);

  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double first = c.bias ? bias[c.is_pixel_bias ? j : i] : 0.0;
      double sum = c.accumulate ? before[i * n + j] : first, size = std::fabs(sum);
      for (size_t t = 0; t < k; ++t) {
        const double term = double{weights[columns ? t * m + i : i * k + t]} *
                            source[j / panel * panel_stride + t * (panel + 3) + j % panel];
        sum += term, size += std::fabs(term);
      }
      if (c.residual) sum += residual[i * n + j], size += std::fabs(residual[i * n + j]);
      if (c.clamp) sum = std::min(std::max(sum, -0.5), 0.75);
      ASSERT_NEAR(out[i * n + j], sum, static_cast<double>(c.k + 2) * std::ldexp(size, -24))
          << "m " << c.m << " n " << c.n << " k " << c.k << " panel " << c.panel << " at " << i << ", " << j;
    }
  }
}

class GemmBlockTest : public testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override {
    hwy::SetSupportedTargetsForTest(GetParam());
    hwy::GetChosenTarget().DeInit();
  }
  void TearDown() override {
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
  }
};

TEST_P(GemmBlockTest, EqualsSumsInDouble) {
  std::mt19937 random(7);
  for (Layout layout : {Layout::kPacked, Layout::kRows, Layout::kColumns})
    for (int64_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 64})
      for (int64_t n : {1, 5, 16, 17, 31, 48, 49, 100, 130})
        run_case({layout, m, n, m % 2 ? 27 : 40, m % 3 == 0, n % 2 == 0, m % 4 == 1, n % 3 == 0}, random);
}

TEST_P(GemmBlockTest, MeetsPanelsAndBiasesOfPixels) {
  std::mt19937 random(13);
  for (Layout layout : {Layout::kPacked, Layout::kRows})
    for (int64_t m : {1, 4, 7, 21})
      for (int64_t panel : {int64_t{0}, int64_t{16}, gemm_panel_width()})
        for (int64_t n : {1, 15, 48, 77, 145})
          run_case({layout, m, n, 33, m == 4, n != 48, m == 7, n % 3 == 0, n % 2 != 0, panel}, random);
}

TEST_P(GemmBlockTest, KeepsNaN) {
  std::vector<float> packed(8, 0.0f), source(40 + kLanePadding, 1.0f), out(8 * 40);
  packed[0] = std::nanf("");
  const int64_t offset = 0;
  GemmBlock block;
  block.m = 8, block.n = 40, block.k = block.weights_k = 1;
  block.weights = packed.data(), block.source = source.data(), block.offsets = &offset;
  block.out = out.data(), block.out_stride = 40;
  block.clamp.lower = 0.0f;
  gemm_block(block);
  for (size_t j = 0; j < 40; ++j) EXPECT_TRUE(std::isnan(out[j]));
  EXPECT_EQ(out[40], 0.0f);
}

// A pixel's value must not depend on where in a tile it stands: this is what makes results independent of
// tiling.
TEST_P(GemmBlockTest, PixelsDoNotDependOnTheirPlace) {
  std::mt19937 random(11);
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  const int64_t m = 11, n = 150, k = 75;
  std::vector<float> packed(static_cast<size_t>(packed_weights_size(m, k))), source(k * n + kLanePadding),
      whole(m * n), parts(m * n);
  for (float& value : packed) value = uniform(random);
  for (float& value : source) value = uniform(random);
  std::vector<int64_t> offsets;
  for (int64_t i = 0; i < k; ++i) offsets.push_back(i * n);
  GemmBlock block;
  block.m = m, block.n = n, block.k = block.weights_k = k;
  block.weights = packed.data(), block.source = source.data(), block.offsets = offsets.data();
  block.out = whole.data(), block.out_stride = n;
  gemm_block(block);
  for (int64_t begin = 0, size = 1; begin < n; begin += size++) {
    GemmBlock part = block;
    part.n = std::min(size, n - begin);
    part.source += begin;
    part.out = parts.data() + begin;
    gemm_block(part);
  }
  EXPECT_EQ(whole, parts);
}

std::vector<int64_t> targets() {
  std::vector<int64_t> all;
  for (int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) all.push_back(rest & -rest);
  return all;
}

INSTANTIATE_TEST_SUITE_P(EveryIsa, GemmBlockTest, testing::ValuesIn(targets()),
                         [](const auto& target) { return std::string(hwy::TargetName(target.param)); });

}  // namespace
}  // namespace slipway::engine
