// The depth-first executor with stages simple enough to compute plainly: sums over windows of integers, which
// f32 holds exactly, so that equality is exact whatever the tiles.
#include "engine/depth_first.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace slipway::engine {
namespace {

// out[c][y][x] = Σ in[c][y·stride − pad + i][x·stride − pad + j] over a window; padding counts as `padding`.
class WindowSum : public RegionKernel {
 public:
  WindowSum(ImageShape in, int64_t kernel, int64_t stride, int64_t pad, float padding)
      : kernel_(kernel), stride_(stride), pad_(pad), padding_(padding) {
    input_ = in;
    output_ = {in.channels, (in.height + 2 * pad - kernel) / stride + 1,
               (in.width + 2 * pad - kernel) / stride + 1};
  }
  Interval input_rows(Interval rows) const override {
    return {rows.begin * stride_ - pad_, (rows.end - 1) * stride_ - pad_ + kernel_};
  }
  Interval input_columns(Interval columns) const override { return input_rows(columns); }
  float padding_value() const override { return padding_; }
  void run(const PlaneView& in, const PlaneView& out, Interval rows, Interval columns,
           float*) const override {
    for (int64_t c = 0; c < output_.channels; ++c)
      for (int64_t y = rows.begin; y < rows.end; ++y)
        for (int64_t x = columns.begin; x < columns.end; ++x) {
          float sum = 0;
          for (int64_t i = 0; i < kernel_; ++i)
            for (int64_t j = 0; j < kernel_; ++j)
              sum += *in.at(c, y * stride_ - pad_ + i, x * stride_ - pad_ + j);
          *out.at(c, y, x) = sum;
        }
  }
  // The same over a whole image.
  std::vector<float> plainly(const std::vector<float>& in) const {
    std::vector<float> out;
    for (int64_t c = 0; c < output_.channels; ++c)
      for (int64_t y = 0; y < output_.height; ++y)
        for (int64_t x = 0; x < output_.width; ++x) {
          float sum = 0;
          for (int64_t i = 0; i < kernel_; ++i)
            for (int64_t j = 0; j < kernel_; ++j) {
              const int64_t row = y * stride_ - pad_ + i, column = x * stride_ - pad_ + j;
              const bool inside = row >= 0 && row < input_.height && column >= 0 && column < input_.width;
              sum += inside ? in[static_cast<size_t>((c * input_.height + row) * input_.width + column)]
                            : padding_;
            }
          out.push_back(sum);
        }
    return out;
  }

 private:
  int64_t kernel_, stride_, pad_;
  float padding_;
};

struct Window {
  int64_t kernel, stride, pad;
};

std::vector<float> run_on(const Kernel& kernel, const Tensor& input, ImageShape out, int threads) {
  ThreadPool pool(threads);
  Tensor output(DataType::kFloat, {1, out.channels, out.height, out.width});
  const auto scratch = Buffer::allocate(kernel.scratch_bytes(threads));
  const Tensor* inputs[] = {&input};
  Tensor* outputs[] = {&output};
  const Cancellation cancellation;
  kernel.run({inputs, outputs, static_cast<std::byte*>(scratch->data()), pool, cancellation});
  const auto got = output.data<float>();
  return {got.begin(), got.end()};
}

void expect_equal(ImageShape shape, const std::vector<Window>& windows, std::initializer_list<int> threads) {
  std::mt19937 random(3);
  std::vector<float> in(static_cast<size_t>(shape.channels * shape.height * shape.width));
  for (float& value : in) value = static_cast<float>(random() % 5);
  std::vector<std::unique_ptr<RegionKernel>> stages;
  std::vector<float> expected = in;
  ImageShape current = shape;
  for (size_t i = 0; i < windows.size(); ++i) {
    auto stage =
        std::make_unique<WindowSum>(current, windows[i].kernel, windows[i].stride, windows[i].pad, float(i));
    expected = stage->plainly(expected);
    current = stage->output_shape();
    stages.push_back(std::move(stage));
  }
  const auto kernel = make_depth_first(std::move(stages), 1);
  const Tensor input = Tensor::from<float>({1, shape.channels, shape.height, shape.width}, in);
  for (int count : threads)
    EXPECT_EQ(run_on(*kernel, input, current, count), expected)
        << shape.height << "x" << shape.width << ", " << windows.size() << " stages, " << count << " threads";
}

TEST(DepthFirst, EqualsStagesOneAfterTheOther) {
  const std::vector<std::vector<Window>> chains = {
      {{3, 1, 1}},
      {{5, 1, 2}, {1, 1, 0}, {3, 1, 1}},
      {{9, 1, 4}, {1, 1, 0}, {5, 1, 2}},
      {{3, 1, 1}, {2, 2, 0}, {3, 1, 1}},
      {{3, 2, 1}, {3, 2, 1}, {3, 1, 0}},
      {{1, 1, 3}, {7, 1, 0}},
  };
  for (const auto& chain : chains)
    for (ImageShape shape : {ImageShape{1, 9, 9}, {3, 17, 40}, {2, 100, 35}, {1, 64, 700}, {16, 61, 300}})
      expect_equal(shape, chain, {1, 2, 5});
}

TEST(DepthFirst, TakesImagesSmallerThanTheWindow) {
  for (ImageShape shape : {ImageShape{1, 1, 1}, {2, 1, 7}, {1, 7, 1}, {1, 2, 3}})
    expect_equal(shape, {{9, 1, 4}, {1, 1, 0}, {5, 1, 2}}, {1, 3});
}

TEST(DepthFirst, StopsWhenCancelled) {
  std::vector<std::unique_ptr<RegionKernel>> stages;
  stages.push_back(std::make_unique<WindowSum>(ImageShape{1, 50, 50}, 3, 1, 1, 0.0f));
  const auto kernel = make_depth_first(std::move(stages), 1);
  ThreadPool pool(2);
  const Tensor input = Tensor::from<float>({1, 1, 50, 50}, std::vector<float>(2500));
  Tensor output(DataType::kFloat, {1, 1, 50, 50});
  const auto scratch = Buffer::allocate(kernel->scratch_bytes(2));
  const Tensor* inputs[] = {&input};
  Tensor* outputs[] = {&output};
  Cancellation cancellation;
  cancellation.request();
  EXPECT_THROW(kernel->run({inputs, outputs, static_cast<std::byte*>(scratch->data()), pool, cancellation}),
               Error);
}

}  // namespace
}  // namespace slipway::engine
