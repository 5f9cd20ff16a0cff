// Loading models, and what they say of themselves.
#include <gmock/gmock.h>

#include <cstring>

#include "golden.hpp"
#include "handles.hpp"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StrEq;

slipway_status load_with(const slipway_model_options& options, const std::string& path = kSrcnn) {
  slipway_model* model = nullptr;
  const slipway_status status = slipway_model_load(path.c_str(), &options, &model);
  EXPECT_EQ(model == nullptr, status != SLIPWAY_OK);
  slipway_model_free(model);
  return status;
}

slipway_model_options default_options() {
  slipway_model_options options = {};
  options.struct_size = sizeof options;
  return options;
}

const slipway_port& input(const slipway_model* model, size_t index) {
  const slipway_port* port = nullptr;
  EXPECT_EQ(slipway_model_input(model, index, &port), SLIPWAY_OK) << slipway_last_error();
  return *port;
}

TEST(ApiModel, VersionIsThatOfTheHeader) {
  const std::string header = std::to_string(SLIPWAY_VERSION_MAJOR) + "." +
                             std::to_string(SLIPWAY_VERSION_MINOR) + "." +
                             std::to_string(SLIPWAY_VERSION_PATCH);
  EXPECT_EQ(slipway_version(), header);
}

TEST(ApiModel, SaysItsInputsAndOutputs) {
  const auto model = load(kSrcnn);
  size_t inputs = 0, outputs = 0;
  ASSERT_EQ(slipway_model_input_count(model.get(), &inputs), SLIPWAY_OK);
  ASSERT_EQ(slipway_model_output_count(model.get(), &outputs), SLIPWAY_OK);
  EXPECT_EQ(inputs, 1U);
  EXPECT_EQ(outputs, 1U);

  const slipway_port& in = input(model.get(), 0);
  EXPECT_THAT(in.name, StrEq("input"));
  EXPECT_THAT(in.type, StrEq("f32[batch,3,height,width]"));
  EXPECT_EQ(in.element_type, SLIPWAY_FLOAT);
  EXPECT_EQ(in.optional, 0);
  ASSERT_EQ(in.rank, 4);
  EXPECT_EQ(std::vector<int64_t>(in.dims, in.dims + 4), (std::vector<int64_t>{-1, 3, -1, -1}));
  EXPECT_THAT(in.symbols[0], StrEq("batch"));
  EXPECT_EQ(in.symbols[1], nullptr);
  EXPECT_THAT(in.symbols[3], StrEq("width"));

  const slipway_port* out = nullptr;
  ASSERT_EQ(slipway_model_output(model.get(), 0, &out), SLIPWAY_OK);
  EXPECT_THAT(out->name, StrEq("output"));
  EXPECT_THAT(out->symbols[2], StrEq("3*height"));
}

TEST(ApiModel, SaysWhatIsOptionalAndWhatIsNoTensor) {
  const auto ports = load(golden_model("ports"));
  EXPECT_EQ(input(ports.get(), 1).optional, 0);
  EXPECT_THAT(input(ports.get(), 2).name, StrEq("scale"));
  EXPECT_NE(input(ports.get(), 2).optional, 0);
  EXPECT_EQ(input(ports.get(), 2).rank, 0);

  const auto sequence = load(golden_model("sequence"));
  EXPECT_EQ(input(sequence.get(), 0).element_type, SLIPWAY_UNDEFINED);
  EXPECT_EQ(input(sequence.get(), 0).rank, -1);
  EXPECT_THAT(input(sequence.get(), 0).type, StrEq("seq(f32[n])"));
}

TEST(ApiModel, PortsThatAreNotThere) {
  const auto model = load(kSrcnn);
  const slipway_port* port = nullptr;
  EXPECT_EQ(slipway_model_input(model.get(), 1, &port), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("no input 1"), HasSubstr("has 1")));
  EXPECT_EQ(slipway_model_output(model.get(), SIZE_MAX, &port), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_EQ(port, nullptr);
}

TEST(ApiModel, FilesThatAreNoModels) {
  slipway_model* model = nullptr;
  EXPECT_EQ(slipway_model_load("not/there.onnx", nullptr, &model), SLIPWAY_NOT_FOUND);
  EXPECT_THAT(slipway_last_error(), HasSubstr("not/there.onnx"));
  EXPECT_EQ(slipway_model_load(source_file("README.md").c_str(), nullptr, &model), SLIPWAY_INVALID_MODEL);
  EXPECT_THAT(slipway_last_error(), HasSubstr("README.md"));
  EXPECT_EQ(slipway_model_load(golden_model("unsupported").c_str(), nullptr, &model), SLIPWAY_UNSUPPORTED);
  EXPECT_THAT(slipway_last_error(),
              AllOf(HasSubstr("unsupported.onnx"), HasSubstr("strange"), HasSubstr("Nonsense")));
  EXPECT_EQ(model, nullptr);
}

TEST(ApiModel, OptionsAreChecked) {
  auto options = default_options();
  EXPECT_EQ(load_with(options), SLIPWAY_OK) << slipway_last_error();
  options.threads = 1;
  options.disable_optimization = 1;
  options.backend = "native";
  EXPECT_EQ(load_with(options), SLIPWAY_OK) << slipway_last_error();
  options.threads = -1;
  EXPECT_EQ(load_with(options), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("options.threads"), HasSubstr("-1")));
  options.threads = 0;
  options.backend = "abacus";
  EXPECT_EQ(load_with(options), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("abacus"), HasSubstr("native")));
}

TEST(ApiModel, AForeignEngineThatIsNotThere) {
  auto options = default_options();
  options.backend = "onnxruntime";
  options.library = "/not/there/libonnxruntime.so";
  EXPECT_EQ(load_with(options), SLIPWAY_NOT_FOUND);
  EXPECT_THAT(slipway_last_error(), HasSubstr("/not/there/libonnxruntime.so"));
}

TEST(ApiModel, OptionsOfOtherVersions) {
  auto options = default_options();
  options.struct_size = 0;
  EXPECT_EQ(load_with(options), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("struct_size"));

  // A program of a later version: what it knows more is fine as long as it is zero.
  struct {
    slipway_model_options known;
    int64_t later;
  } longer = {default_options(), 0};
  longer.known.struct_size = sizeof longer;
  EXPECT_EQ(load_with(longer.known), SLIPWAY_OK) << slipway_last_error();
  longer.later = 1;
  EXPECT_EQ(load_with(longer.known), SLIPWAY_UNSUPPORTED);
  EXPECT_THAT(slipway_last_error(), HasSubstr(slipway_version()));
}

}  // namespace
