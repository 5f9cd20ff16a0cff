// Conv over one to three axes, by the kernels of many and of few channels, against the reference
// kernel: within 3e-6 of the largest value, the same bits for any number of threads.
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using Ints = std::vector<int64_t>;
constexpr double kTolerance = 3e-6;

struct Case {
  Dims input, weights;
  Ints pads;
  int64_t group = 1;
  Ints strides = {}, dilations = {};
};

void check(const Case& test) {
  GraphMaker maker;
  const Tensor tensor = random_tensor(test.input, maker.random);
  Value* x = add_input(maker, tensor);
  Value* y = maker.conv(x, test.weights, test.pads, test.group, test.strides, test.dilations);
  expect_node_like_reference(maker, *y->producer(), {tensor}, kTolerance);
}

TEST(ConvolutionAxes, ManyChannelsOfVolumes) {
  const std::vector<Case> cases = {
      {{1, 3, 5, 19, 21}, {16, 3, 1, 2, 2}, {}, 1, {1, 2, 2}},
      {{2, 16, 3, 7, 7}, {35, 16, 3, 3, 3}, {1, 1, 1, 1, 1, 1}},
      {{1, 40, 3, 9, 5}, {24, 40, 2, 3, 3}, {}},
      {{1, 20, 5, 8, 51}, {19, 20, 1, 1, 1}, {}, 1, {2, 2, 2}},
      {{1, 6, 6, 9, 13}, {48, 2, 3, 2, 3}, {0, 1, 2, 2, 0, 1}, 3, {2, 1, 3}, {1, 2, 3}},
      {{1, 4, 1, 1, 1}, {17, 4, 3, 3, 3}, {1, 1, 1, 1, 1, 1}},
      // Weights for several panels at once, of which there are several.
      {{1, 100, 5, 7, 9}, {64, 100, 3, 3, 3}, {1, 1, 1, 1, 1, 1}},
      // Windows of padding alone.
      {{1, 2, 2, 3, 3}, {16, 2, 2, 2, 2}, {3, 4, 5, 5, 4, 3}}};
  for (const Case& test : cases) check(test);
}

TEST(ConvolutionAxes, FewOutputOrInputChannelsOfVolumes) {
  const Ints one(6, 1);
  const std::vector<Case> cases = {
      {{2, 6, 5, 9, 21}, {6, 1, 3, 3, 3}, one, 6},
      {{1, 6, 5, 9, 70}, {12, 1, 3, 3, 3}, one, 6, {1, 2, 2}},
      {{1, 5, 9, 17, 18}, {5, 1, 3, 3, 3}, one, 5, {2, 4, 8}},
      {{1, 5, 9, 17, 18}, {5, 1, 2, 3, 4}, {1, 0, 2, 0, 1, 3}, 5, {2, 3, 2}, {3, 2, 3}},
      {{1, 4, 7, 12, 33}, {4, 1, 3, 2, 5}, {0, 3, 4, 2, 1, 0}, 4, {3, 1, 6}, {2, 5, 4}},
      {{1, 8, 4, 10, 19}, {3, 8, 3, 3, 3}, one},
      {{3, 12, 4, 6, 17}, {10, 6, 5, 3, 3}, {2, 1, 1, 2, 1, 1}, 2},
      {{1, 24, 3, 40, 60}, {15, 24, 3, 3, 3}, one},
      {{1, 3, 2, 1, 1}, {2, 3, 1, 1, 1}, {}},
      {{1, 3, 3, 9, 230}, {9, 3, 3, 3, 3}, one, 1, {1, 1, 2}},
      {{1, 2, 1, 3, 300}, {2, 1, 1, 1, 70}, {}, 2, {1, 1, 70}},
      {{1, 3, 5, 19, 21}, {35, 3, 3, 7, 7}, {1, 3, 3, 1, 3, 3}, 1, {1, 2, 2}},
      // Strips of one plane, or of one row, and those that would not fit into memory.
      {{1, 10, 3, 40, 200}, {2, 10, 3, 3, 3}, one},
      {{1, 100, 3, 5, 200}, {2, 100, 3, 3, 3}, one},
      {{1, 4, 3, 5, 40}, {4, 4, 2, 2, 2}, {300, 300, 0, 300, 300, 0}, 1, {300, 300, 1}, {300, 300, 1}},
      {{1, 2, 3, 3, 20}, {2, 1, 1, 1, 1}, {0, 0, 0, 1 << 30, 1 << 30, 0}, 2, {1 << 30, 1 << 30, 1}}};
  for (const Case& test : cases) check(test);
}

TEST(ConvolutionAxes, FewOutputOrInputChannelsOfImagesAndLines) {
  const std::vector<Case> cases = {{{1, 8, 50}, {8, 1, 5}, {2, 2}, 8},
                                   {{2, 6, 50}, {8, 6, 5}, {4, 0}, 1, {3}, {2}},
                                   {{1, 8, 19, 23}, {8, 1, 3, 3}, {1, 1, 1, 1}, 8, {2, 2}},
                                   {{1, 8, 19, 53}, {8, 1, 3, 5}, {1, 2, 1, 2}, 8, {2, 3}, {1, 2}},
                                   {{2, 8, 7, 7}, {8, 1, 3, 3}, {1, 1, 1, 1}, 8},
                                   {{1, 3, 30, 45}, {33, 3, 7, 7}, {3, 3, 3, 3}, 1, {2, 2}},
                                   {{1, 16, 80, 90}, {4, 16, 3, 3}, {1, 1, 1, 1}, 1, {2, 1}}};
  for (const Case& test : cases) check(test);
}

// A copy with padding serves all of them: in one strip or several, as long rows or short ones, with weights
// that a cache holds and with more. The last image has too few rows for it.
TEST(ConvolutionAxes, ManyChannelsWhoseWindowsOverlap) {
  const Ints one(4, 1);
  const std::vector<Case> cases = {{{1, 64, 20, 30}, {64, 64, 3, 3}, one},
                                   {{2, 24, 12, 129}, {17, 24, 5, 5}, {2, 2, 2, 2}},
                                   {{1, 160, 14, 14}, {160, 160, 3, 3}, one},
                                   {{1, 160, 10, 130}, {100, 160, 3, 3}, {0, 1, 2, 0}},
                                   {{1, 48, 9, 21}, {96, 12, 3, 3}, one, 4},
                                   {{1, 20, 19, 33}, {32, 20, 2, 3}, {2, 2, 2, 2}, 1, {}, {3, 2}},
                                   {{1, 24, 7, 9}, {32, 24, 3, 3}, one}};
  for (const Case& test : cases) check(test);
}

// Panels of few products are several tiles wide. In the last two an axis of the output is longer.
TEST(ConvolutionAxes, Pointwise) {
  const std::vector<Case> cases = {{{1, 8, 61, 73}, {24, 8, 1, 1}, {}},
                                   {{3, 6, 33, 47}, {40, 3, 1, 1}, {}, 2},
                                   {{1, 300, 9, 11}, {70, 300, 1, 1}, {}},
                                   {{1, 18, 3, 20, 30}, {16, 18, 1, 1, 1}, {}},
                                   {{1, 20, 9, 40}, {16, 20, 1, 1}, {0, 0, 1, 0}},
                                   {{1, 20, 9, 40}, {16, 20, 1, 1}, {0, 0, 0, 2}}};
  for (const Case& test : cases) check(test);
}

TEST(ConvolutionAxes, PadsAutomatically) {
  for (const char* pad : {"SAME_UPPER", "SAME_LOWER", "VALID"})
    for (const int64_t outputs : {4, 20}) {
      GraphMaker maker;
      const Tensor tensor = random_tensor({1, 4, 6, 9, 18}, maker.random);
      Value* y = maker.conv(add_input(maker, tensor), {outputs, 4, 2, 4, 3}, {}, 1, {1, 2, 2});
      y->producer()->set_attribute("auto_pad", std::string(pad));
      expect_node_like_reference(maker, *y->producer(), {tensor}, kTolerance);
    }
}

// Sums of more products than are added up at once among them.
TEST(ConvolutionAxes, FusesAdditionAndActivation) {
  for (const auto& [group, width] : {std::pair<int64_t, int64_t>{1, 18}, {2, 18}, {2, 100}, {20, 18}}) {
    GraphMaker maker;
    const Tensor tensor = random_tensor({2, 20, 3, 5, width}, maker.random);
    Value* x = add_input(maker, tensor);
    Value* sum = maker.node("Add", {x, maker.conv(x, {20, 20 / group, 3, 3, 3}, Ints(6, 1), group)});
    expect_like_reference(maker, maker.node("Relu", {sum}), {tensor}, kTolerance);
  }
}

TEST(ConvolutionAxes, FoldsBatchNormalizationOfVolumes) {
  GraphMaker maker;
  const Tensor tensor = random_tensor({1, 4, 3, 5, 19}, maker.random);
  Value* x = maker.conv(add_input(maker, tensor), {3, 4, 3, 3, 3}, Ints(6, 1));
  Value* y = maker.node("BatchNormalization", {x, maker.floats({1, 2, .5}), maker.floats({0, .1f, .2f}),
                                               maker.floats({.1f, .2f, .3f}), maker.floats({1, 2, 3})});
  expect_like_reference(maker, maker.node("Relu", {y}), {tensor}, kTolerance);
}

}  // namespace
}  // namespace slipway::engine
