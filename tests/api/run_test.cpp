// Runs: whose memory results are, what fits and what does not.
#include <gmock/gmock.h>

#include <cstring>
#include <map>

#include "golden.hpp"
#include "handles.hpp"

namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;

// The model of two inputs: sum = (a + b) · scale, same = a, constant = a weight.
class ApiRun : public ::testing::Test {
 protected:
  slipway_status run(std::vector<slipway_binding> inputs, std::vector<slipway_binding>& outputs) {
    return slipway_run(model_.get(), inputs.data(), inputs.size(), outputs.data(), outputs.size(), nullptr);
  }
  // The same, for runs that fail: what they say.
  std::string message_of(slipway_status status, std::vector<slipway_binding> inputs,
                         std::vector<slipway_binding> outputs = {{"sum", nullptr}}) {
    const auto before = outputs;
    EXPECT_EQ(run(std::move(inputs), outputs), status);
    for (size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(outputs[i].tensor, before[i].tensor);
    return slipway_last_error();
  }

  Owned<slipway_model> model_ = load(golden_model("ports"));
  std::vector<float> numbers_a_ = {1, 2, 3, 4, 5, 6};
  std::vector<float> numbers_b_ = {10, 20, 30, 40, 50, 60};
  Owned<slipway_tensor> a_ = borrow(SLIPWAY_FLOAT, {2, 3}, numbers_a_);
  Owned<slipway_tensor> b_ = borrow(SLIPWAY_FLOAT, {2, 3}, numbers_b_);
};

TEST_F(ApiRun, MakesTheOutputsThatAreWanted) {
  std::vector<slipway_binding> outputs = {{"constant", nullptr}, {"sum", nullptr}};
  ASSERT_EQ(run({{"b", b_.get()}, {"a", a_.get()}}, outputs), SLIPWAY_OK) << slipway_last_error();
  const Owned<slipway_tensor> constant(outputs[0].tensor), sum(outputs[1].tensor);
  EXPECT_THAT(elements_of<int64_t>(constant.get()), ElementsAre(11, -5));
  EXPECT_THAT(elements_of<float>(sum.get()), ElementsAre(22, 44, 66, 88, 110, 132));
  EXPECT_EQ(dims_of(sum.get()), (std::vector<int64_t>{2, 3}));
}

TEST_F(ApiRun, TakesOptionalInputs) {
  std::vector<float> scale = {-1};
  const auto tensor = borrow(SLIPWAY_FLOAT, {}, scale);
  std::vector<slipway_binding> outputs = {{"sum", nullptr}};
  ASSERT_EQ(run({{"a", a_.get()}, {"b", b_.get()}, {"scale", tensor.get()}}, outputs), SLIPWAY_OK);
  const Owned<slipway_tensor> sum(outputs[0].tensor);
  EXPECT_THAT(elements_of<float>(sum.get()), ElementsAre(-11, -22, -33, -44, -55, -66));
}

TEST_F(ApiRun, WritesToTheCallersMemory) {
  std::vector<float> result(6);
  const auto sum = borrow(SLIPWAY_FLOAT, {2, 3}, result);
  std::vector<slipway_binding> outputs = {{"sum", sum.get()}};
  ASSERT_EQ(run({{"a", a_.get()}, {"b", b_.get()}}, outputs), SLIPWAY_OK) << slipway_last_error();
  EXPECT_EQ(outputs[0].tensor, sum.get());
  EXPECT_THAT(result, ElementsAre(22, 44, 66, 88, 110, 132));
}

TEST_F(ApiRun, AnOutputMayBeAnInput) {
  std::vector<slipway_binding> outputs = {{"same", nullptr}, {"sum", a_.get()}};
  ASSERT_EQ(run({{"a", a_.get()}, {"b", b_.get()}}, outputs), SLIPWAY_OK) << slipway_last_error();
  const Owned<slipway_tensor> same(outputs[0].tensor);
  EXPECT_THAT(elements_of<float>(same.get()), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(numbers_a_, ElementsAre(22, 44, 66, 88, 110, 132));
}

// Writing to a result must reach neither the input that it equals nor the model's weights.
TEST_F(ApiRun, ResultsBelongToTheCallerAlone) {
  for (int round = 0; round < 2; ++round) {
    std::vector<slipway_binding> outputs = {{"same", nullptr}, {"constant", nullptr}};
    ASSERT_EQ(run({{"a", a_.get()}, {"b", b_.get()}}, outputs), SLIPWAY_OK);
    const Owned<slipway_tensor> same(outputs[0].tensor), constant(outputs[1].tensor);
    EXPECT_THAT(elements_of<int64_t>(constant.get()), ElementsAre(11, -5));
    static_cast<float*>(describe(same.get()).data)[0] = 99;
    static_cast<int64_t*>(describe(constant.get()).data)[0] = 99;
    EXPECT_EQ(numbers_a_[0], 1);
  }
}

// The same of a model with a function, where values are passed on without being computed.
TEST(ApiRunFunction, ResultsBelongToTheCallerAlone) {
  const auto model = load(golden_model("function"));
  std::vector<float> numbers = {1, 2, 3};
  const auto a = borrow(SLIPWAY_FLOAT, {3}, numbers);
  for (int round = 0; round < 2; ++round) {
    const slipway_binding in = {"a", a.get()};
    slipway_binding out[] = {
        {"through", nullptr}, {"same", nullptr}, {"fixed", nullptr}, {"constant", nullptr}};
    ASSERT_EQ(slipway_run(model.get(), &in, 1, out, 4, nullptr), SLIPWAY_OK) << slipway_last_error();
    std::vector<Owned<slipway_tensor>> results;
    for (const slipway_binding& binding : out) results.emplace_back(binding.tensor);
    for (size_t i = 0; i < 4; ++i) {
      const auto& info = describe(results[i].get());
      if (i < 2)
        EXPECT_THAT(elements_of<float>(results[i].get()), ElementsAre(1, 2, 3)) << out[i].name;
      else
        EXPECT_THAT(elements_of<int64_t>(results[i].get()), ElementsAre(11, -5)) << out[i].name;
      std::memset(info.data, 0x55, info.size);
    }
    EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
  }
}

TEST_F(ApiRun, ResultsOutliveTheModelAndTheInputs) {
  std::vector<slipway_binding> outputs = {{"same", nullptr}, {"constant", nullptr}};
  ASSERT_EQ(run({{"a", a_.get()}, {"b", b_.get()}}, outputs), SLIPWAY_OK);
  const Owned<slipway_tensor> same(outputs[0].tensor), constant(outputs[1].tensor);
  model_.reset();
  a_.reset();
  numbers_a_ = {};
  EXPECT_THAT(elements_of<float>(same.get()), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(elements_of<int64_t>(constant.get()), ElementsAre(11, -5));
}

TEST_F(ApiRun, NamesThatDoNotFit) {
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}}),
              AllOf(HasSubstr("'b'"), HasSubstr("missing")));
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"c", b_.get()}}),
              AllOf(HasSubstr("no input 'c'"), HasSubstr("'a', 'b', 'scale'")));
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"a", b_.get()}}),
              HasSubstr("input 'a' is given twice"));
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{nullptr, a_.get()}}), HasSubstr("input 0 has no name"));
  const std::vector<slipway_binding> inputs = {{"a", a_.get()}, {"b", b_.get()}};
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, inputs, {{"total", nullptr}}),
              AllOf(HasSubstr("no output 'total'"), HasSubstr("'sum'")));
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, inputs, {{"sum", nullptr}, {"sum", nullptr}}),
              HasSubstr("output 'sum' is given twice"));
}

TEST_F(ApiRun, InputsThatDoNotFit) {
  std::vector<int32_t> integers(6);
  const auto wrong_type = borrow(SLIPWAY_INT32, {2, 3}, integers);
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"b", wrong_type.get()}}),
              AllOf(HasSubstr("input 'b'"), HasSubstr("i32"), HasSubstr("f32")));
  const auto wrong_size = borrow(SLIPWAY_FLOAT, {3, 2}, numbers_b_);
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"b", wrong_size.get()}}),
              AllOf(HasSubstr("input 'b'"), HasSubstr("axis 1 has size 2"), HasSubstr("3")));
  const auto wrong_rank = borrow(SLIPWAY_FLOAT, {6}, numbers_b_);
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"b", wrong_rank.get()}}),
              AllOf(HasSubstr("input 'b'"), HasSubstr("rank 1"), HasSubstr("rank 2")));
  const auto wrong_batch = borrow(SLIPWAY_FLOAT, {1, 3}, numbers_b_);
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, {{"a", a_.get()}, {"b", wrong_batch.get()}}),
              AllOf(HasSubstr("input 'b'"), HasSubstr("'batch'"), HasSubstr("input 'a'")));
}

TEST_F(ApiRun, OutputsThatDoNotFit) {
  const std::vector<slipway_binding> inputs = {{"a", a_.get()}, {"b", b_.get()}};
  std::vector<float> memory(6, 7);
  const auto wrong_size = borrow(SLIPWAY_FLOAT, {3, 2}, memory);
  EXPECT_THAT(message_of(SLIPWAY_INVALID_ARGUMENT, inputs, {{"same", nullptr}, {"sum", wrong_size.get()}}),
              AllOf(HasSubstr("output 'sum'"), HasSubstr("f32[2,3]"), HasSubstr("f32[3,2]")));
  const auto target = borrow(SLIPWAY_FLOAT, {2, 3}, memory);
  const auto same_memory = borrow(SLIPWAY_FLOAT, {2, 3}, memory);
  EXPECT_THAT(
      message_of(SLIPWAY_INVALID_ARGUMENT, inputs, {{"sum", target.get()}, {"same", same_memory.get()}}),
      AllOf(HasSubstr("output 'same'"), HasSubstr("output 'sum'")));
}

TEST(ApiRunStrings, PassThrough) {
  const auto model = load(golden_model("strings"));
  const char* texts[] = {"first", "", "third"};
  const int64_t dims[] = {3};
  slipway_tensor* made = nullptr;
  ASSERT_EQ(slipway_tensor_create_strings(dims, 1, texts, nullptr, 3, &made), SLIPWAY_OK);
  const Owned<slipway_tensor> input(made);
  ASSERT_EQ(slipway_tensor_create(SLIPWAY_STRING, dims, 1, &made), SLIPWAY_OK);
  const Owned<slipway_tensor> target(made);
  for (const bool is_own : {false, true}) {
    const slipway_binding in = {"x", input.get()};
    slipway_binding out = {"y", is_own ? target.get() : nullptr};
    ASSERT_EQ(slipway_run(model.get(), &in, 1, &out, 1, nullptr), SLIPWAY_OK) << slipway_last_error();
    for (size_t i = 0; i < 3; ++i) {
      const char* text = nullptr;
      ASSERT_EQ(slipway_tensor_string(out.tensor, i, &text, nullptr), SLIPWAY_OK);
      EXPECT_STREQ(text, texts[i]);
    }
    if (!is_own) slipway_tensor_free(out.tensor);
  }
}

TEST(ApiRunBool, OnlyZeroAndOne) {
  const auto model = load(golden_model("bool"));
  std::vector<uint8_t> bytes = {0, 1, 1};
  const auto input = borrow(SLIPWAY_BOOL, {3}, bytes);
  const slipway_binding in = {"x", input.get()};
  slipway_binding out = {"y", nullptr};
  ASSERT_EQ(slipway_run(model.get(), &in, 1, &out, 1, nullptr), SLIPWAY_OK) << slipway_last_error();
  const Owned<slipway_tensor> result(out.tensor);
  EXPECT_THAT(elements_of<uint8_t>(result.get()), ElementsAre(1, 0, 0));
  bytes[1] = 2;
  EXPECT_EQ(slipway_run(model.get(), &in, 1, &out, 1, nullptr), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("input 'x'"), HasSubstr("element 1 is 2")));
}

TEST(ApiRunSequence, IsAskedForInVain) {
  const auto model = load(golden_model("sequence"));
  std::vector<float> numbers = {1};
  const auto tensor = borrow(SLIPWAY_FLOAT, {1}, numbers);
  const slipway_binding in = {"x", tensor.get()};
  slipway_binding out = {"y", nullptr};
  EXPECT_EQ(slipway_run(model.get(), &in, 1, &out, 1, nullptr), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("input 'x'"), HasSubstr("seq(f32[n])")));
}

// PyTorch's numbers, computed in double precision (tests/golden/make_srcnn.py).
TEST(ApiRunSrcnn, EqualsPyTorch) {
  const auto model = load(kSrcnn);
  for (const auto& [height, width] : std::map<int64_t, int64_t>{{1, 1}, {17, 5}, {24, 31}}) {
    const std::string name =
        source_file("tests/golden/srcnn/" + std::to_string(height) + "x" + std::to_string(width));
    auto picture = npy_floats(name + "_input.npy");
    const auto expected = npy_floats(name + "_output.npy");
    ASSERT_EQ(expected.size(), static_cast<size_t>(27 * height * width));
    const auto input = borrow(SLIPWAY_FLOAT, {1, 3, height, width}, picture);
    const slipway_binding in = {"input", input.get()};
    slipway_binding out = {"output", nullptr};
    ASSERT_EQ(slipway_run(model.get(), &in, 1, &out, 1, nullptr), SLIPWAY_OK) << slipway_last_error();
    const Owned<slipway_tensor> output(out.tensor);
    EXPECT_EQ(dims_of(output.get()), (std::vector<int64_t>{1, 3, 3 * height, 3 * width}));
    EXPECT_THAT(elements_of<float>(output.get()), Pointwise(::testing::FloatNear(1e-5f), expected));
  }
}

}  // namespace
