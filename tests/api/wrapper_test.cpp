// slipway.hpp: the same through objects and exceptions.
#include <gmock/gmock.h>

#include "golden.hpp"
#include "slipway/slipway.hpp"

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

template <typename Body>
slipway::Error error_of(Body&& body) {
  try {
    body();
  } catch (const slipway::Error& error) {
    return error;
  }
  return {SLIPWAY_OK, "nothing was thrown"};
}

TEST(Wrapper, SaysTheInputs) {
  const slipway::Model model(golden_model("ports"));
  const auto inputs = model.inputs();
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0].name, "a");
  EXPECT_EQ(inputs[0].type, "f32[batch,3]");
  EXPECT_EQ(inputs[0].element_type, SLIPWAY_FLOAT);
  EXPECT_EQ(inputs[0].dims, (slipway::Dims{-1, 3}));
  EXPECT_THAT(inputs[0].symbols, ElementsAre("batch", ""));
  EXPECT_FALSE(inputs[0].optional);
  EXPECT_TRUE(inputs[2].optional);
  EXPECT_EQ(inputs[2].dims, slipway::Dims{});
  EXPECT_EQ(model.outputs().size(), 3U);
  EXPECT_EQ(slipway::Model(golden_model("sequence")).inputs()[0].dims, std::nullopt);
}

TEST(Wrapper, RunsAndOwnsTheResults) {
  slipway::NamedTensors outputs;
  {
    slipway::ModelOptions options;
    options.threads = 1;
    options.optimize = false;
    const slipway::Model model(golden_model("ports"), options);
    const auto a = slipway::Tensor::from<float>({1, 3}, {1, 2, 3});
    outputs = model.run({{"a", a}, {"b", a}});
  }
  EXPECT_THAT(outputs, ElementsAre(Key("constant"), Key("same"), Key("sum")));
  const auto& sum = outputs.at("sum");
  EXPECT_EQ(sum.dims(), (slipway::Dims{1, 3}));
  EXPECT_EQ(sum.element_type(), SLIPWAY_FLOAT);
  EXPECT_THAT(std::vector<float>(sum.data<float>(), sum.data<float>() + sum.count()), ElementsAre(4, 8, 12));
}

TEST(Wrapper, RunsIntoMemoryOfTheCaller) {
  const slipway::Model model(golden_model("ports"));
  std::vector<float> a = {1, 2, 3}, result(3);
  const auto tensor = slipway::Tensor::borrow({1, 3}, a.data(), a.size());
  model.run_into({{"a", tensor}, {"b", tensor}},
                 {{"sum", slipway::Tensor::borrow({1, 3}, result.data(), result.size())}});
  EXPECT_THAT(result, ElementsAre(4, 8, 12));
}

TEST(Wrapper, Strings) {
  const slipway::Model model(golden_model("strings"));
  const auto outputs =
      model.run({{"x", slipway::Tensor::from({2}, {std::string("one"), std::string("t\0o", 3)})}});
  EXPECT_EQ(outputs.at("y").string(0), "one");
  EXPECT_EQ(outputs.at("y").string(1), std::string_view("t\0o", 3));
}

TEST(Wrapper, ErrorsCarryStatusAndText) {
  const auto not_found = error_of([] { slipway::Model("not/there.onnx"); });
  EXPECT_EQ(not_found.status(), SLIPWAY_NOT_FOUND);
  EXPECT_THAT(not_found.what(), HasSubstr("not/there.onnx"));
  const slipway::Model model(golden_model("ports"));
  const auto missing = error_of([&] { model.run({}); });
  EXPECT_EQ(missing.status(), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(missing.what(), HasSubstr("'a' is missing"));
  const auto wrong_count = error_of([] { slipway::Tensor::from<float>({2}, {1, 2, 3}); });
  EXPECT_THAT(wrong_count.what(), AllOf(HasSubstr("3 elements"), HasSubstr("2")));
  const slipway::Tensor tensor(SLIPWAY_FLOAT, {1});
  EXPECT_THAT(error_of([&] { tensor.data<int64_t>(); }).what(),
              AllOf(HasSubstr("float"), HasSubstr("int64")));
}

TEST(Wrapper, ACopyIsTheSameTensorAndWhatWasMovedAwayIsNone) {
  slipway::Tensor tensor(SLIPWAY_INT32, {2});
  const slipway::Tensor copy = tensor;
  tensor.data<int32_t>()[1] = 5;
  EXPECT_EQ(copy.data<int32_t>()[1], 5);
  const slipway::Tensor moved = std::move(tensor);
  EXPECT_EQ(error_of([&] { tensor.count(); }).status(), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_EQ(moved.count(), 2U);
}

TEST(Wrapper, Cancels) {
  const slipway::Model model(golden_model("ports"));
  const auto a = slipway::Tensor::from<float>({1, 3}, {1, 2, 3});
  slipway::Cancellation cancellation;
  cancellation.request();
  EXPECT_EQ(error_of([&] { model.run({{"a", a}, {"b", a}}, &cancellation); }).status(), SLIPWAY_CANCELLED);
  cancellation.reset();
  EXPECT_EQ(model.run({{"a", a}, {"b", a}}, &cancellation).size(), 3U);
}

}  // namespace
