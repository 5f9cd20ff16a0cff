// Operators over images that are not plain windows. Expected values are those of ONNX Runtime 1.32 where
// nothing else is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <random>

#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;
using testing::ThrowsMessage;

using List = std::vector<int64_t>;
using Values = std::vector<double>;

// first, first + 1, …
Tensor counted(Dims dims, double first, DataType type = kFloat) {
  Values values(static_cast<size_t>(element_count(dims)));
  std::iota(values.begin(), values.end(), first);
  return tensor_of(type, std::move(dims), values);
}

TEST(ConvTranspose, AddsWhatOverlaps) {
  const Tensor w = tensor_of(kFloat, {1, 1, 2, 2}, {1, 10, 100, 1000});
  const Tensor y =
      run_operator("ConvTranspose", {counted({1, 1, 2, 3}, 1), w, tensor_of(kFloat, {1}, {.5})},
                   {{"strides", List{2, 1}}, {"output_padding", List{1, 0}}, {"pads", List{0, 1, 0, 0}}});
  EXPECT_EQ(y.dims(), (Dims{1, 1, 5, 3}));
  EXPECT_THAT(elements(y), ElementsAre(12.5, 23.5, 30.5, 1200.5, 2300.5, 3000.5, 45.5, 56.5, 60.5, 4500.5,
                                       5600.5, 6000.5, .5, .5, .5));
}

TEST(ConvTranspose, AStatedShapeCutsOff) {
  const Tensor w = tensor_of(kFloat, {1, 1, 2, 2}, {1, 10, 100, 1000});
  const auto run = [&](const char* auto_pad) {
    return elements(
        run_operator("ConvTranspose", {counted({1, 1, 2, 3}, 1), w},
                     {{"strides", List{2, 2}}, {"output_shape", List{3, 5}}, {"auto_pad", auto_pad}}));
  };
  EXPECT_THAT(run("SAME_UPPER"), ElementsAre(1, 10, 2, 20, 3, 100, 1000, 200, 2000, 300, 4, 40, 5, 50, 6));
  EXPECT_THAT(run("NOTSET"),
              ElementsAre(1000, 200, 2000, 300, 3000, 40, 5, 50, 6, 60, 4000, 500, 5000, 600, 6000));
}

TEST(ConvTranspose, GroupsAndDilates) {
  const Tensor x = tensor_of(DataType::kDouble, {1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = tensor_of(DataType::kDouble, {2, 1, 2}, {1, 10, 100, 1000});
  const Tensor y = run_operator("ConvTranspose", {x, w}, {{"group", int64_t{2}}, {"dilations", List{2}}});
  EXPECT_THAT(elements(y), ElementsAre(1, 2, 10, 20, 300, 400, 3000, 4000));
}

TEST(ConvTranspose, InfersWithSymbols) {
  const Shape symbols{Dim::symbol("n"), 4, Dim::symbol("h"), Dim::symbol("w")};
  const auto type = [&](const std::vector<OneOperator::Setting>& settings) {
    return OneOperator("ConvTranspose",
                       {Type::tensor(kFloat, symbols), Type::tensor(kFloat, Shape{4, 3, 4, 4})}, settings)
        .output_type();
  };
  EXPECT_EQ(type({{"strides", List{2, 2}}, {"pads", List{1, 1, 1, 1}}}), "f32[n,3,2*h,2*w]");
  EXPECT_EQ(type({{"strides", List{2, 1}}, {"group", int64_t{2}}, {"auto_pad", "SAME_LOWER"}}),
            "f32[n,6,2*h,w]");
  EXPECT_EQ(type({{"output_shape", List{9, 8}}}), "f32[n,3,9,8]");
}

TEST(ConvTranspose, SaysWhatIsWrong) {
  const auto error = [](const Dims& x, const Dims& w, const std::vector<OneOperator::Setting>& settings,
                        const char* text) {
    expect_error([&] { run_operator("ConvTranspose", {Tensor(kFloat, x), Tensor(kFloat, w)}, settings); },
                 text);
  };
  error({1, 2, 5}, {3, 1, 2}, {}, "the input has 2 channels, but the weights are for 3");
  error({1, 2, 5}, {2, 1, 2}, {{"group", int64_t{0}}}, "attribute group is 0");
  error({1, 2, 5}, {2, 1, 2}, {{"output_padding", List{1}}}, "output_padding is 1");
  error({1, 2, 5}, {2, 1, 2}, {{"pads", List{4, 3}}}, "cut off more than the 6 places");
  error({1, 2, 5}, {2, 1, 2, 2}, {}, "both must have one rank");
  error({1, 2, 0}, {2, 1, 1}, {{"strides", List{2}}}, "make no output");
}

// Inference meets them before anybody asks for memory.
TEST(Convolution, RefusesSizesThatNoMemoryHolds) {
  const Type line = Type::tensor(kFloat, Shape{1, 1, std::numeric_limits<int64_t>::max()});
  const Type kernel = Type::tensor(kFloat, Shape{1, 1, 3});
  const auto error = [](const OneOperator& window) {
    expect_error([&] { window.output_type(); }, "a spatial axis of 9223372036854775807 elements");
  };
  error(OneOperator("Conv", {line, kernel}, {{"auto_pad", "SAME_UPPER"}, {"strides", List{2}}}));
  error(OneOperator("Conv", {line, kernel}, {{"pads", List{1, 1}}}));
  error(OneOperator("MaxPool", {line},
                    {{"kernel_shape", List{3}}, {"strides", List{2}}, {"ceil_mode", int64_t{1}}}));
}

TEST(DeformConv, ReadsBetweenElements) {
  const Tensor offsets = tensor_of(kFloat, {1, 8, 3, 4}, Values(96, .25));
  const Tensor masks = tensor_of(kFloat, {1, 4, 3, 4}, Values(48, .5));
  const Tensor w = tensor_of(kFloat, {1, 1, 2, 2}, {1, 1, 1, 1});
  const Tensor y =
      run_operator("DeformConv", {counted({1, 1, 4, 5}, 0), w, offsets, tensor_of(kFloat, {1}, {1}), masks});
  EXPECT_THAT(elements(y), Pointwise(DoubleNear(1e-6), Values{10, 12, 14, 13.8125, 20, 22, 24, 22.5625,
                                                              24.8125, 26.5625, 28.3125, 26.15625}));
  expect_error([&] { run_operator("DeformConv", {counted({1, 1, 4, 5}, 0), w, masks}); },
               "the offset has shape [1,4,3,4], but [1,8,3,4] is expected");
}

TEST(Col2Im, AddsBlocksOfEveryNumber) {
  for (const DataType type : {kFloat, DataType::kFloat16, DataType::kInt8, DataType::kUint64}) {
    const Tensor y =
        run_operator("Col2Im", {counted({1, 4, 4}, 1, type), integers({3, 3}), integers({2, 2})});
    EXPECT_EQ(y.type(), type);
    EXPECT_THAT(elements(y), ElementsAre(1, 7, 6, 12, 34, 22, 11, 27, 16));
  }
  const Tensor y =
      run_operator("Col2Im", {counted({1, 4, 4}, 0, DataType::kBool), integers({3, 3}), integers({2, 2})});
  EXPECT_THAT(elements(y), ElementsAre(0, 1, 1, 1, 1, 1, 1, 1, 1));
}

TEST(Col2Im, SaysWhatIsWrong) {
  const auto error = [](const List& image, const List& block, const char* text) {
    expect_error(
        [&] { run_operator("Col2Im", {Tensor(kFloat, {1, 4, 4}), integers(image), integers(block)}); }, text);
  };
  error({3, 4}, {2, 2}, "has 6 blocks, but the input has 4");
  error({3, 3}, {3, 1}, "4 rows of the input cannot be divided into blocks of [3,1]");
  error({3, 3}, {0, 2}, "sizes must lie between 1");
  error({-3, 3}, {2, 2}, "whose sizes must lie between 0");
}

TEST(LpPool, TakesTheNormOfWhatIsThere) {
  const Tensor x = tensor_of(kFloat, {1, 1, 5}, {1, -2, 3, -4, 5});
  EXPECT_THAT(
      elements(run_operator(
          "LpPool", {x},
          {{"kernel_shape", List{2}}, {"p", int64_t{1}}, {"pads", List{1, 0}}, {"strides", List{2}}})),
      ElementsAre(1, 5, 9));
  EXPECT_THAT(elements(run_operator("GlobalLpPool", {tensor_of(kFloat, {1, 1, 3}, {1, -2, 2})})),
              ElementsAre(3));
  expect_error([&] { run_operator("GlobalLpPool", {x}, {{"p", int64_t{0}}}); }, "attribute 'p' is 0");
}

// Indices count through the shape that the window tells; a larger output has zeros around it. As the
// standard's test maxunpool_export_with_output_shape has it.
TEST(MaxUnpool, PutsElementsBack) {
  const Tensor x = tensor_of(DataType::kFloat16, {1, 1, 2}, {7, 8});
  const std::vector<OneOperator::Setting> settings{{"kernel_shape", List{2}}, {"strides", List{2}}};
  const Tensor at = Tensor::from<int64_t>({1, 1, 2}, List{1, 2});
  EXPECT_THAT(elements(run_operator("MaxUnpool", {x, at}, settings)), ElementsAre(0, 7, 8, 0));
  EXPECT_THAT(elements(run_operator("MaxUnpool", {x, at, integers({1, 1, 5})}, settings)),
              ElementsAre(0, 7, 8, 0, 0));
  for (const int64_t wrong : {int64_t{4}, int64_t{-1}, int64_t{1} << 62})
    expect_error(
        [&] { run_operator("MaxUnpool", {x, Tensor::from<int64_t>({1, 1, 2}, List{0, wrong})}, settings); },
        "has no place in the output");
}

Values sampled(const char* mode, const char* padding, int64_t align_corners) {
  Values squares(12);
  for (size_t i = 0; i < squares.size(); ++i) squares[i] = static_cast<double>(i * i) / 4;
  const Tensor grid = tensor_of(kFloat, {1, 1, 4, 2}, {-.9, -.7, .2, .1, 1.3, .4, -2.1, 1.9});
  return elements(
      run_operator("GridSample", {tensor_of(kFloat, {1, 1, 3, 4}, squares), grid},
                   {{"mode", mode}, {"padding_mode", padding}, {"align_corners", align_corners}}));
}

TEST(GridSample, KnowsModesAndPaddings) {
  const auto expect = [](const char* mode, const char* padding, const Values& edges, const Values& corners) {
    EXPECT_THAT(sampled(mode, padding, 0), Pointwise(DoubleNear(2e-5), edges)) << mode << ", " << padding;
    EXPECT_THAT(sampled(mode, padding, 1), Pointwise(DoubleNear(2e-5), corners)) << mode << ", " << padding;
  };
  expect("linear", "zeros", {0, 11.095001, 0, 0}, {1.3275001, 10.010001, 10.697504, 0});
  expect("linear", "border", {0, 11.095001, 23.05, 16}, {1.3275001, 10.010001, 19.450001, 16});
  expect("linear", "reflection", {0, 11.095001, 22.605, 10.484993},
         {1.3275001, 10.010001, 17.6275, 9.5674982});
  expect("nearest", "zeros", {0, 9, 0, 0}, {0, 9, 12.25, 0});
  expect("nearest", "border", {0, 9, 30.25, 16}, {0, 9, 12.25, 16});
  expect("nearest", "reflection", {0, 9, 30.25, 9}, {0, 9, 12.25, 9});
  expect("cubic", "zeros", {-.11662117, 11.577508, -1.6556134, 0},
         {.66965526, 10.145588, 12.981447, -.083188556});
  expect("cubic", "border", {-.15547405, 11.22867, 23.985992, 16.000006},
         {.62269849, 9.985198, 20.747076, 16.080997});
  expect("cubic", "reflection", {-.17065477, 11.22867, 23.635113, 10.531064},
         {.11663532, 10.089848, 20.435822, 9.6494865});
}

TEST(GridSample, MovesWordsAndCutsIntegers) {
  const Tensor words = Tensor::from<std::string>({1, 1, 1, 2}, std::vector<std::string>{"a", "b"});
  const Tensor grid = tensor_of(kFloat, {1, 1, 3, 2}, {.9, 0, -.9, 0, 3, 0});
  const Tensor picked = run_operator("GridSample", {words, grid}, {{"mode", "nearest"}});
  EXPECT_THAT(picked.data<Text>(), ElementsAre("b", "a", ""));
  expect_error([&] { run_operator("GridSample", {words, grid}); }, "mode nearest alone can read them");
  const Tensor numbers = tensor_of(DataType::kInt16, {1, 1, 1, 2}, {-5, 10});
  EXPECT_THAT(elements(run_operator("GridSample", {numbers, tensor_of(kFloat, {1, 1, 1, 2}, {0, 0})})),
              ElementsAre(2));  // 2.5
}

TEST(GridSample, PositionsThatAreNoNumbersReadNothing) {
  const Tensor grid = tensor_of(kFloat, {1, 1, 3, 2}, {NAN, 0, INFINITY, 0, 1e30, -1e30});
  for (const char* mode : {"linear", "nearest", "cubic"})
    EXPECT_THAT(elements(run_operator("GridSample", {counted({1, 1, 2, 2}, 1), grid}, {{"mode", mode}})),
                Each(0.0));
}

TEST(GridSample, SaysWhatIsWrong) {
  const auto error = [](const Dims& x, const Dims& grid, const std::vector<OneOperator::Setting>& settings,
                        const char* text) {
    expect_error([&] { run_operator("GridSample", {Tensor(kFloat, x), Tensor(kFloat, grid)}, settings); },
                 text);
  };
  error({1, 1, 2, 2}, {1, 1, 1, 3}, {}, "have 3 coordinates");
  error({1, 1, 2, 2}, {2, 1, 1, 2}, {}, "the input has 1 images, but the grid is for 2");
  error({1, 1, 0, 2}, {1, 1, 1, 2}, {}, "there is nothing to read");
  error({1, 1, 2, 2}, {1, 1, 1, 2}, {{"mode", "bilinear"}}, "mode is 'bilinear'");
  error({1, 1, 2, 2}, {1, 1, 1, 2}, {{"padding_mode", "wrap"}}, "padding_mode is 'wrap'");
  error(Dims(8, 1), {1, 1, 1, 1, 1, 1, 1, 6}, {}, "values between elements along 6 axes");
}

TEST(AffineGrid, TurnsTheCornersOfAPicture) {
  const Tensor theta = tensor_of(kFloat, {1, 2, 3}, {0, -1, .5, 1, 0, 0});  // x' = .5 - y, y' = x
  const Tensor grid =
      run_operator("AffineGrid", {theta, integers({1, 3, 2, 2})}, {{"align_corners", int64_t{1}}});
  EXPECT_EQ(grid.dims(), (Dims{1, 2, 2, 2}));
  EXPECT_THAT(elements(grid), ElementsAre(1.5, -1, 1.5, 1, -.5, -1, -.5, 1));
  expect_error([&] { run_operator("AffineGrid", {theta, integers({2, 3, 2, 2})}); }, "[2,2,3] is expected");
}

TEST(Resize, NumbersThatAreNone) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(),
                  kInfinity = std::numeric_limits<float>::infinity();
  const auto resize = [](DataType type, const Values& roi,
                         const std::vector<OneOperator::Setting>& settings) {
    std::vector<OneOperator::Setting> all{{"coordinate_transformation_mode", "tf_crop_and_resize"}};
    all.insert(all.end(), settings.begin(), settings.end());
    return elements(run_operator(
        "Resize", {tensor_of(type, {2}, {1, 2}), tensor_of(kFloat, {2}, roi), tensor_of(kFloat, {1}, {2})},
        all));
  };
  for (const char* mode : {"nearest", "linear", "cubic"}) {
    EXPECT_THAT(resize(DataType::kUint8, {0, 2}, {{"mode", mode}, {"extrapolation_value", kNaN}}),
                ElementsAre(1, testing::_, 0, 0));
    expect_error([&] { resize(kFloat, {kNaN, 1}, {{"mode", mode}}); }, "input roi holds nan");
    expect_error([&] { resize(kFloat, {0, kInfinity}, {{"mode", mode}}); }, "input roi holds inf");
  }
  EXPECT_THAT(resize(kFloat, {0, 2}, {{"extrapolation_value", kNaN}}),
              ElementsAre(1, testing::_, testing::IsNan(), testing::IsNan()));
  expect_error([&] { resize(DataType::kInt32, {0, 1}, {{"mode", "cubic"}, {"cubic_coeff_a", kNaN}}); },
               "attribute cubic_coeff_a is nan");
  // Weights that are infinite make no numbers of zeros.
  const std::vector<OneOperator::Setting> steep{{"mode", "cubic"}, {"cubic_coeff_a", 3e38F}};
  EXPECT_EQ(elements(run_operator(
                "Resize", {tensor_of(DataType::kInt32, {2}, {0, 0}), Tensor(), tensor_of(kFloat, {1}, {2})},
                steep)),
            Values(4, 0));
}

TEST(RoiAlign, AveragesOrTakesTheLargest) {
  const auto run = [](const char* coordinates, const char* mode) {
    return elements(run_operator(
        "RoiAlign",
        {counted({1, 1, 4, 5}, 0), tensor_of(kFloat, {2, 4}, {.5, .5, 3.5, 2.5, -3, 1, 9, 2}),
         integers({0, 0})},
        {{"coordinate_transformation_mode", coordinates}, {"mode", mode}, {"output_width", int64_t{2}}}));
  };
  const auto near = [](const Values& values) { return Pointwise(DoubleNear(1e-6), values); };
  EXPECT_THAT(run("half_pixel", "avg"), near({5.75, 7.25, 3.83333325, 4.33333349}));
  EXPECT_THAT(run("half_pixel", "max"), near({4.8125, 5.25, 7, 9}));
  EXPECT_THAT(run("output_half_pixel", "avg"), near({8.75, 10.25, 5.75, 3.75}));
  EXPECT_THAT(run("output_half_pixel", "max"), near({9.625, 11.375, 5, 7}));
}

TEST(RoiAlign, SurvivesHostileRegions) {
  const auto run = [](const Values& box, int64_t image) {
    return elements(run_operator(
        "RoiAlign", {counted({1, 1, 4, 5}, 0), tensor_of(kFloat, {1, 4}, box), integers({image})}));
  };
  EXPECT_THAT(run({-1e9, -1e9, 1e9, 1e9}, 0), Each(DoubleNear(0, 1e-12)));
  EXPECT_THAT(run({3, 3, 1, 1}, 0), Each(0.0));  // inside out: nothing is read
  expect_error([&] { run({0, 0, 1e30, 1}, 0); }, "which lies outside of any feature map");
  expect_error([&] { run({0, 0, NAN, 1}, 0); }, "which lies outside of any feature map");
  expect_error([&] { run({0, 0, 1, 1}, 1); }, "a region lies in image 1, but there are 1");
  expect_error([&] { run({0, 0, 1, 1}, -1); }, "a region lies in image -1");
}

TEST(RoiAlign, TakesNoMoreSamplesThanCanBeCalculated) {
  const auto run = [](const Dims& input, int64_t height, int64_t ratio) {
    return run_operator("RoiAlign",
                        {Tensor(kFloat, input), tensor_of(kFloat, {1, 4}, {0, 0, 1, 1}), integers({0})},
                        {{"output_height", height}, {"sampling_ratio", ratio}});
  };
  EXPECT_EQ(run({1, 0, 8, 8}, 4096, 16).dims(), (Dims{1, 0, 4096, 1}));
  expect_error([&] { run({1, 1, 8, 8}, 4096, 17); }, "4096x1 bins of sampling_ratio 17 were asked for");
}

TEST(MaxRoiPool, PoolsBins) {
  const Tensor boxes = tensor_of(kFloat, {2, 5}, {0, 1, 0, 3, 2, 0, 4, 3, 9, 9});
  const Tensor y =
      run_operator("MaxRoiPool", {counted({1, 1, 4, 5}, 0), boxes}, {{"pooled_shape", List{2, 2}}});
  EXPECT_THAT(elements(y), ElementsAre(7, 8, 12, 13, 19, 0, 0, 0));
}

TEST(NonMaxSuppression, KeepsTheBestOfEachClass) {
  const Tensor boxes = tensor_of(kFloat, {1, 4, 4}, {0, 0, 1, 1, 0, .1, 1, 1.1, 1, 0, 0, -1.2, 5, 5, 6, 6});
  const Tensor scores = tensor_of(kFloat, {1, 2, 4}, {.5, .9, .5, .2, .1, .2, .3, .4});
  const OneOperator all("NonMaxSuppression",
                        {type_of(boxes), type_of(scores), Type::tensor(DataType::kInt64, Shape{}),
                         Type::tensor(kFloat, Shape{1}), Type::tensor(kFloat, Shape{})});
  EXPECT_EQ(all.output_type(), "i64[?,3]");
  const Tensor kept = all.run(
      {boxes, scores, Tensor::scalar(int64_t{2}), tensor_of(kFloat, {1}, {.5}), Tensor::scalar(.15f)});
  EXPECT_THAT(elements(kept), ElementsAre(0, 0, 1, 0, 0, 2, 0, 1, 3, 0, 1, 2));
  // At most none, if nobody says how many.
  const OneOperator none("NonMaxSuppression", {type_of(boxes), type_of(scores)});
  EXPECT_EQ(none.run({boxes, scores}).dims(), (Dims{0, 3}));
  expect_error([&] { none.run({boxes, tensor_of(kFloat, {1, 1, 3}, {1, 2, 3})}); },
               "[batch, classes, count]");
}

// By the definition: takes the best that is left, and away what overlaps it, over and over. Scores that are
// no number come last.
Values suppressed_plainly(std::span<const float> boxes, std::vector<float> scores, size_t most, float limit) {
  const auto area = [](const float* box) { return (box[2] - box[0]) * (box[3] - box[1]); };
  std::vector<bool> left(scores.size(), true);
  Values kept;
  while (kept.size() < most) {
    std::optional<size_t> best;
    for (size_t i = 0; i < scores.size(); ++i)
      if (left[i] &&
          (!best || scores[i] > scores[*best] || (scores[i] == scores[i] && scores[*best] != scores[*best])))
        best = i;
    if (!best) break;
    kept.push_back(static_cast<double>(*best));
    left[*best] = false;
    const float* a = boxes.data() + *best * 4;
    for (size_t i = 0; i < scores.size(); ++i) {
      const float* b = boxes.data() + i * 4;
      const float height = std::min(a[2], b[2]) - std::max(a[0], b[0]);
      const float width = std::min(a[3], b[3]) - std::max(a[1], b[1]);
      const float common = height > 0 && width > 0 ? height * width : 0;
      if (common > 0 && common / (area(a) + area(b) - common) > limit) left[i] = false;
    }
  }
  return kept;
}

TEST(NonMaxSuppression, KeepsWhatTheDefinitionKeeps) {
  std::mt19937 random(8);
  constexpr int64_t kCount = 700;
  Tensor boxes(kFloat, {1, kCount, 4}), scores(kFloat, {1, 1, kCount});
  // Whole numbers, so that some quotients are the limit itself.
  for (size_t i = 0; i < kCount * 4; i += 4)
    for (size_t side : {0u, 1u}) {
      float* box = boxes.data<float>().data() + i;
      box[side] = static_cast<float>(random() % 60);
      box[side + 2] = box[side] + static_cast<float>(random() % 12);
    }
  for (float& score : scores.data<float>()) score = static_cast<float>(static_cast<int>(random() % 90)) - 20;
  for (size_t i : {3u, 99u, 650u}) scores.data<float>()[i] = NAN;
  const OneOperator suppress("NonMaxSuppression",
                             {type_of(boxes), type_of(scores), Type::tensor(DataType::kInt64, Shape{}),
                              Type::tensor(kFloat, Shape{})});
  for (int64_t most : {1, 7, 100, 2000})
    for (float limit : {0.0f, 0.2f, 0.5f, 1.0f / 3.0f, 1.0f}) {
      const Tensor kept = suppress.run({boxes, scores, Tensor::scalar(most), Tensor::scalar(limit)});
      Values places;
      for (int64_t i = 0; i < kept.dim(0); ++i)
        places.push_back(static_cast<double>(kept.data<int64_t>()[static_cast<size_t>(i * 3 + 2)]));
      const auto given = scores.data<float>();
      EXPECT_EQ(places, suppressed_plainly(boxes.data<float>(), {given.begin(), given.end()},
                                           static_cast<size_t>(most), limit))
          << most << " boxes, " << limit;
    }
}

}  // namespace
}  // namespace slipway::ops
