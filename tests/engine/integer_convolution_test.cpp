// ConvInteger and QLinearConv: every bit as the reference kernels have it, for every sign, stride, dilation,
// padding and group, with and without zero points.
#include "engine/quantised_inputs.hpp"

namespace slipway::engine {
namespace {

struct IntegerConvolutionCase {
  Dims image, weights;
  std::vector<int64_t> pads, strides, dilations;
  int64_t group = 1;
};

const std::vector<IntegerConvolutionCase>& cases() {
  static const std::vector<IntegerConvolutionCase> all{
      {{1, 1, 1, 1}, {1, 1, 1, 1}, {}, {}, {}},
      {{1, 16, 9, 11}, {24, 16, 1, 1}, {}, {}, {}},
      {{2, 16, 9, 11}, {24, 16, 1, 1}, {}, {2, 2}, {}},
      {{1, 5, 14, 14}, {9, 5, 3, 3}, {1, 1, 1, 1}, {}, {}},
      {{1, 30, 7, 7}, {67, 30, 3, 3}, {1, 1, 1, 1}, {}, {}},
      {{2, 3, 37, 41}, {16, 3, 7, 7}, {3, 3, 3, 3}, {2, 2}, {}},
      {{1, 8, 19, 60}, {8, 1, 3, 3}, {1, 1, 1, 1}, {}, {}, 8},
      {{1, 8, 19, 23}, {8, 1, 3, 3}, {1, 1, 1, 1}, {2, 2}, {}, 8},
      {{1, 6, 19, 23}, {12, 1, 5, 5}, {2, 1, 0, 2}, {3, 2}, {}, 6},
      {{1, 6, 12, 13}, {6, 1, 3, 3}, {2, 2, 2, 2}, {}, {2, 2}, 6},
      {{1, 12, 9, 17}, {24, 4, 3, 3}, {0, 1, 1, 0}, {1, 2}, {}, 3},
      {{1, 4, 20, 21}, {5, 4, 3, 2}, {3, 0, 0, 1}, {3, 1}, {2, 3}},
      {{1, 4, 20, 21}, {5, 4, 3, 2}, {0, 5, 4, 0}, {2, 4}, {1, 1}},
      {{1, 5, 1, 1}, {6, 5, 3, 3}, {1, 1, 1, 1}, {}, {}},
      {{2, 6, 50}, {8, 6, 5}, {2, 2}, {2}, {}},
      {{1, 300, 30, 32}, {2, 300, 3, 3}, {1, 1, 1, 1}, {}, {}},  // more than a strip
      {{1, 64, 7, 7}, {70, 64, 3, 3}, {1, 1, 1, 1}, {}, {}},     // few columns more than whole vectors
      {{2, 40, 14, 14}, {72, 40, 3, 3}, {1, 1, 1, 1}, {}, {}},
      {{1, 512, 5, 5}, {21, 512, 1, 1}, {}, {}, {}},              // as many quads as are widened at a time
      {{1, 1100, 7, 8}, {32, 1100, 3, 3}, {1, 1, 1, 1}, {}, {}},  // more than a panel
      {{1, 3, 71, 75}, {6, 1, 7, 6}, {3, 2, 3, 3}, {}, {}, 3},    // several strips
      {{2, 4, 20, 90}, {4, 1, 3, 5}, {1, 2, 1, 2}, {1, 3}, {2, 1}, 4},
      {{1, 4, 9, 40}, {4, 1, 2, 3}, {0, 1, 0, 0}, {1, 4}, {}, 4},
      {{1, 4, 9, 70}, {4, 1, 2, 3}, {0, 3, 1, 4}, {1, 1}, {1, 4}, 4},
      {{1, 4, 9, 70}, {4, 1, 3, 3}, {}, {2, 5}, {}, 4},
      {{2, 5, 3}, {5, 1, 9}, {7, 8}, {1}, {}, 5},
  };
  return all;
}

void set_window(Node* node, const IntegerConvolutionCase& of) {
  node->set_attribute("group", of.group);
  if (!of.pads.empty()) node->set_attribute("pads", of.pads);
  if (!of.strides.empty()) node->set_attribute("strides", of.strides);
  if (!of.dilations.empty()) node->set_attribute("dilations", of.dilations);
}

class IntegerConvolutions : public testing::TestWithParam<std::tuple<DataType, DataType>> {};

TEST_P(IntegerConvolutions, ConvInteger) {
  const auto [x_type, w_type] = GetParam();
  for (const IntegerConvolutionCase& of : cases())
    for (const Dims& w_zeros : {Dims{0}, Dims{}, Dims{of.weights[0]}}) {
      GraphMaker maker;
      const auto constant = [&](const Tensor& tensor) { return maker.graph().add_initializer("c", tensor); };
      const Tensor x = random_bits(x_type, of.image, maker.random);
      std::vector<Value*> values{add_input(maker, x),
                                 constant(random_bits(w_type, of.weights, maker.random))};
      if (w_zeros != Dims{0}) {
        values.push_back(constant(random_bits(x_type, {}, maker.random)));
        values.push_back(constant(random_bits(w_type, w_zeros, maker.random)));
      }
      Node* node = maker.node("ConvInteger", values)->producer();
      set_window(node, of);
      expect_identical(maker, *node, {x});
    }
}

// Where nothing else makes up for them, too narrow sums would saturate or wrap.
TEST_P(IntegerConvolutions, OfTheEndsAlone) {
  const auto [x_type, w_type] = GetParam();
  for (int64_t channels : {1, 3, 4, 30})
    for (uint8_t x : kEnds)
      for (uint8_t w : kEnds) {
        GraphMaker maker;
        const Tensor image = filled_with(x_type, {1, 40, 7, 8}, x);
        std::vector<Value*> values{add_input(maker, image)};
        values.push_back(maker.graph().add_initializer("w", filled_with(w_type, {channels, 40, 3, 3}, w)));
        expect_identical(maker, *maker.node("ConvInteger", values)->producer(), {image});
      }
}

TEST_P(IntegerConvolutions, QLinearConv) {
  const auto [x_type, w_type] = GetParam();
  int turn = 0;
  for (const IntegerConvolutionCase& of : cases())
    for (DataType type : kBytes) {
      GraphMaker maker;
      const auto constant = [&](const Tensor& tensor) { return maker.graph().add_initializer("c", tensor); };
      const int64_t channels = of.weights[0];
      const bool per_channel = ++turn % 2 == 0;
      const Dims each = per_channel ? Dims{channels} : Dims{};
      const Tensor x = random_bits(x_type, of.image, maker.random);
      Value* image = add_input(maker, x);
      // Powers of two make exact halves.
      std::vector<Value*> values{image,
                                 constant(per_channel ? scales({}, maker.random) : Tensor::scalar(0.125f)),
                                 constant(random_bits(x_type, {}, maker.random)),
                                 constant(random_bits(w_type, of.weights, maker.random)),
                                 constant(per_channel ? scales(each, maker.random) : Tensor::scalar(0.5f)),
                                 constant(random_bits(w_type, each, maker.random)),
                                 constant(Tensor::scalar(per_channel ? 0.0371f : 32.0f)),
                                 constant(random_bits(type, {}, maker.random))};
      if (turn % 3) {
        Tensor bias = random_bits(DataType::kInt32, {channels}, maker.random);
        for (int32_t& value : bias.data<int32_t>())
          if (value % 4) value %= 9999;
        values.push_back(constant(bias));
      }
      Node* node = maker.node("QLinearConv", values)->producer();
      set_window(node, of);
      expect_identical(maker, *node, {x});
    }
}

// Their kernels know two axes.
TEST(IntegerConvolution, VolumesAreLeftToTheReference) {
  GraphMaker maker;
  const Tensor x = random_bits(DataType::kUint8, {1, 2, 3, 5, 7}, maker.random);
  Value* weights =
      maker.graph().add_initializer("w", random_bits(DataType::kInt8, {3, 2, 2, 3, 3}, maker.random));
  Node* node = maker.node("ConvInteger", {add_input(maker, x), weights})->producer();
  expect_identical(maker, *node, {x}, false);
}

INSTANTIATE_TEST_SUITE_P(Signs, IntegerConvolutions,
                         testing::Combine(testing::ValuesIn(kBytes), testing::ValuesIn(kBytes)));

}  // namespace
}  // namespace slipway::engine
