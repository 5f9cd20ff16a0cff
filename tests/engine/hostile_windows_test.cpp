// Windows, strides, scales and constants of shapes that no network has: the fast kernels leave them to
// others, or the model is refused with an error that names the node.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "engine/depth_first.hpp"
#include "engine/identical_model.hpp"

namespace slipway::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Ints = std::vector<int64_t>;
constexpr int64_t kFar = int64_t{1} << 31;
constexpr double kWindowTolerance = 3e-6;

void expect_refused(GraphMaker& maker, Value* y, const std::vector<RuntimeValue>& inputs, const char* what) {
  maker.graph().add_output(y);
  for (const bool optimize : {true, false}) {
    try {
      run_on_engine(maker, inputs, 2, optimize);
      ADD_FAILURE() << "it ran";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
      EXPECT_THAT(error.what(), AllOf(HasSubstr(what), HasSubstr(y->producer()->op_type())));
    }
  }
}

struct ConvolutionCase {
  Dims input, weights;
  Ints pads, dilations;
};

TEST(HostileWindows, ConvolutionsOfFarDilations) {
  const std::vector<ConvolutionCase> cases = {
      {{1, 8, 1, 1}, {1, 8, 2, 2}, {1000000000, 537000000, 1143000195, 538988223}, {2143000195, 1075988208}},
      {{1, 3, 1, 1}, {1, 3, 2, 2}, {0, 7, 20000, 20008}, {20000, 20000}},
      {{1, 1, 6000, 1}, {1, 1, 2, 1}, {0, 0, 0, 0}, {5000, 1}},
      // As far as the image.
      {{1, 2, 600, 20}, {3, 2, 3, 1}, {300, 0, 300, 0}, {299, 1}}};
  for (const ConvolutionCase& test : cases) {
    GraphMaker maker;
    const Tensor tensor = random_tensor(test.input, maker.random);
    Value* y = maker.conv(add_input(maker, tensor), test.weights, test.pads, 1, {}, test.dilations);
    expect_node_like_reference(maker, *y->producer(), {tensor}, kWindowTolerance);
  }
}

// Rows and columns whose product with the channels does not fit into 64 bits.
class FarReaching : public RegionKernel {
 public:
  FarReaching() {
    input_ = {8, 1, 1};
    output_ = {1, 1, 16};
  }
  Interval input_rows(Interval rows) const override { return {rows.begin, rows.end + 2143000195}; }
  Interval input_columns(Interval columns) const override {
    return {columns.begin, columns.end + 1075988208};
  }
  void run(const PlaneView&, const PlaneView&, Interval, Interval, float*) const override {}
};

TEST(HostileWindows, NoTileReachesFurtherThanMemory) {
  std::vector<std::unique_ptr<RegionKernel>> one, two;
  one.push_back(std::make_unique<FarReaching>());
  EXPECT_EQ(make_depth_first(std::move(one), 1), nullptr);
  for (int i = 0; i < 2; ++i) two.push_back(std::make_unique<FarReaching>());
  EXPECT_EQ(make_depth_first(std::move(two), 1), nullptr);
}

TEST(HostileWindows, BiasOfAnotherSize) {
  for (const Dims& dims : {Dims{1}, Dims{}, Dims{33}, Dims{1, 32}}) {
    GraphMaker maker;
    const Tensor tensor = random_tensor({1, 3, 9, 20}, maker.random);
    Value* x = add_input(maker, tensor);
    Value* bias = maker.graph().add_initializer("b", random_tensor(dims, maker.random));
    Value* y = maker.node("Conv", {x, maker.weights({32, 3, 3, 3}), bias});
    expect_refused(maker, y, {tensor}, "the bias has shape");
  }
}

TEST(HostileWindows, BiasThatTurnsOutToBeOneNumber) {
  GraphMaker maker;
  const Tensor tensor = random_tensor({1, 3, 9, 20}, maker.random);
  Value* x = add_input(maker, tensor);
  Value* bias = maker.graph().add_input("b", Type::tensor(DataType::kFloat));
  Value* y = maker.node("Conv", {x, maker.weights({32, 3, 3, 3}), bias});
  expect_refused(maker, y, {tensor, Tensor::scalar(1.0f)}, "the bias has shape");
}

Value* normalize(GraphMaker& maker, Value* x, const std::vector<std::vector<float>>& of_channels) {
  std::vector<Value*> inputs{x};
  for (const auto& values : of_channels) inputs.push_back(maker.floats(values));
  return maker.node("BatchNormalization", inputs, {{"epsilon", 1e-20f}});
}

TEST(HostileWindows, BatchNormalizationOfOtherChannels) {
  const char* const names[] = {"scale", "B", "input_mean", "input_var"};
  for (size_t wrong = 0; wrong < 4; ++wrong) {
    GraphMaker maker;
    const Tensor tensor = random_tensor({1, 8, 2, 2}, maker.random);
    std::vector<std::vector<float>> of_channels(4, std::vector<float>(8, 1.0f));
    of_channels[wrong] = {1.0f};
    expect_refused(maker, normalize(maker, add_input(maker, tensor), of_channels), {tensor}, names[wrong]);
  }
}

TEST(HostileWindows, BatchNormalizationBeyondFloat) {
  GraphMaker maker;
  const Tensor tensor = random_tensor({1, 2, 3, 3}, maker.random, 1e-15f);
  Value* y = normalize(maker, add_input(maker, tensor), {{1e30f, 1}, {1, 2}, {0, 0}, {0, 0}});
  expect_node_like_reference(maker, *y->producer(), {tensor}, kWindowTolerance, false);
}

Value* resize(GraphMaker& maker, const Tensor& tensor, const std::vector<float>& scales, const char* mode,
              const char* transformation) {
  return maker.node(
      "Resize", {add_input(maker, tensor), nullptr, maker.floats(scales)},
      {{"mode", std::string(mode)}, {"coordinate_transformation_mode", std::string(transformation)}});
}

TEST(HostileWindows, ResizeOfChannelsToAsMany) {
  for (const char* mode : {"linear", "nearest"}) {
    GraphMaker maker;
    const Tensor tensor = random_tensor({1, 3, 8, 8}, maker.random);
    Value* y = resize(maker, tensor, {1, 1.2f, 2, 2}, mode, "half_pixel");
    expect_node_like_reference(maker, *y->producer(), {tensor}, kWindowTolerance, false);
  }
}

TEST(HostileWindows, ResizeNextToInfinity) {
  for (const char* mode : {"linear", "cubic"})
    for (const char* transformation : {"asymmetric", "align_corners", "half_pixel"}) {
      GraphMaker maker;
      Tensor tensor = random_tensor({1, 2, 12, 37}, maker.random);
      for (size_t place : {1, 40, 300, 36, 443, 500}) tensor.data<float>()[place] = HUGE_VALF;
      Value* y = resize(maker, tensor, {1, 1, 2, 2}, mode, transformation);
      expect_one_node(maker, *y->producer(), {tensor}, true, [](const Tensor& got, const Tensor& expected) {
        for (size_t i = 0; i < got.data<float>().size(); ++i) {
          const float a = got.data<float>()[i], b = expected.data<float>()[i];
          EXPECT_TRUE(a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= kWindowTolerance)
              << a << " against " << b << " at " << i;
        }
      });
    }
}

struct PoolingCase {
  Dims dims;
  Ints kernel, strides, dilations, pads;
  bool fast = false;
};

TEST(HostileWindows, Pooling) {
  const std::vector<PoolingCase> cases = {
      {{1, 1, 4, 4}, {1, 1}, {1, kFar}, {1, 1}, {0, 0, 0, 0}},
      {{1, 1, 1, 1, 40}, {1024, 1, 1}, {1, kFar, 1}, {1, 1, 1}, {512, 0, 0, 511, 0, 0}},
      {{1, 3, 1, 1}, {4096, 4096}, {1, 1}, {1, 1}, {4095, 4095, 0, 0}},
      // A window of the whole image, and long ones.
      {{1, 1, 10, 1200}, {10, 1200}, {1, 1}, {1, 1}, {0, 0, 0, 0}, true},
      {{1, 2, 1, 3000}, {1, 1500}, {1, 7}, {1, 1}, {0, 9, 0, 1492}, true},
      {{1, 2, 1, 3000}, {1, 1500}, {1, 7}, {1, 2}, {0, 9, 0, 1492}, true}};
  for (const PoolingCase& test : cases)
    for (const char* kind : {"MaxPool", "AveragePool"})
      for (const int64_t count_padding : {0, 1}) {
        GraphMaker maker;
        const Tensor tensor = random_tensor(test.dims, maker.random);
        Value* y = maker.node(kind, {add_input(maker, tensor)},
                              {{"kernel_shape", test.kernel},
                               {"strides", test.strides},
                               {"dilations", test.dilations},
                               {"pads", test.pads}});
        if (std::string(kind) == "AveragePool")
          y->producer()->set_attribute("count_include_pad", count_padding);
        else if (count_padding != 0)
          continue;
        expect_node_like_reference(maker, *y->producer(), {tensor}, kWindowTolerance, test.fast);
      }
}

}  // namespace
}  // namespace slipway::engine
