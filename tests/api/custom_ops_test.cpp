// Libraries of operators in the options of a model.
#include <gmock/gmock.h>

#include <cmath>

#include "golden.hpp"
#include "handles.hpp"
#include "slipway/custom_op.h"
#include "slipway/slipway.hpp"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string library(const std::string& name) {
  return std::string(SLIPWAY_BINARY_DIR) + "/tests/custom/libraries/" + name + ".so";
}

const std::string kModel = std::string(SLIPWAY_SOURCE_DIR) + "/tests/golden/custom_ops/asinh/model.onnx";

slipway_status load_with(const char* const* libraries, size_t count, Owned<slipway_model>& model) {
  slipway_model_options options = {};
  options.struct_size = sizeof options;
  options.custom_ops = libraries;
  options.custom_op_count = count;
  slipway_model* made = nullptr;
  const slipway_status status = slipway_model_load(kModel.c_str(), &options, &made);
  model.reset(made);
  return status;
}

TEST(ApiCustomOps, RunWithALibrary) {
  Owned<slipway_model> model;
  {
    const std::string path = library("asinh");
    const char* const libraries[] = {path.c_str()};
    ASSERT_EQ(load_with(libraries, 1, model), SLIPWAY_OK) << slipway_last_error();
  }
  std::vector<float> elements = {-1, 0, 3};
  const auto x = borrow(SLIPWAY_FLOAT, {1, 3}, elements);
  const slipway_binding input = {"x", x.get()};
  slipway_binding output = {"y", nullptr};
  ASSERT_EQ(slipway_run(model.get(), &input, 1, &output, 1, nullptr), SLIPWAY_OK) << slipway_last_error();
  const Owned<slipway_tensor> y(output.tensor);
  model.reset();
  const auto results = elements_of<float>(y.get());
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(results[i], 2 * std::asinh(elements[i]), 1e-6);
}

TEST(ApiCustomOps, WithoutALibraryTheOperatorIsNamed) {
  Owned<slipway_model> model;
  EXPECT_EQ(load_with(nullptr, 0, model), SLIPWAY_UNSUPPORTED);
  EXPECT_THAT(slipway_last_error(), HasSubstr("com.example:Asinh"));
}

TEST(ApiCustomOps, SaysWhatIsWrongWithALibrary) {
  Owned<slipway_model> model;
  EXPECT_EQ(load_with(nullptr, 1, model), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("'options.custom_ops' is NULL"));
  const char* const absent[] = {nullptr};
  EXPECT_EQ(load_with(absent, 1, model), SLIPWAY_INVALID_ARGUMENT);
  const char* const nowhere[] = {"/nowhere/libops.so"};
  EXPECT_EQ(load_with(nowhere, 1, model), SLIPWAY_NOT_FOUND);
  EXPECT_THAT(slipway_last_error(), HasSubstr("/nowhere/libops.so"));
  const std::string one = library("asinh"), again = library("asinh_again"), newer = library("newer_abi");
  const char* const twice[] = {one.c_str(), again.c_str()};
  EXPECT_EQ(load_with(twice, 2, model), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("asinh.so"), HasSubstr("asinh_again.so")));
  const char* const late[] = {newer.c_str()};
  EXPECT_EQ(load_with(late, 1, model), SLIPWAY_UNSUPPORTED);
  EXPECT_THAT(slipway_last_error(), HasSubstr("version 2 of the interface"));
}

TEST(ApiCustomOps, OldProgramsWithSmallerOptionsGetNone) {
  slipway_model_options options = {};
  options.struct_size = offsetof(slipway_model_options, custom_ops);
  // What lies behind is not the structure's any more.
  options.custom_op_count = 12345;
  slipway_model* model = nullptr;
  EXPECT_EQ(slipway_model_load(golden_model("ports").c_str(), &options, &model), SLIPWAY_OK)
      << slipway_last_error();
  slipway_model_free(model);
}

TEST(ApiCustomOps, TheWrapperTakesThem) {
  slipway::ModelOptions options;
  options.custom_ops = {library("asinh"), library("wrong")};
  const slipway::Model model(kModel, options);
  const auto outputs = model.run({{"x", slipway::Tensor::from<float>({1, 1}, {1})}});
  EXPECT_NEAR(*outputs.at("y").data<float>(), 2 * std::asinh(1.0f), 1e-6);
}

}  // namespace
