// NULL, handles of another kind, and the texts of errors.
#include <gmock/gmock.h>

#include <thread>

#include "golden.hpp"
#include "handles.hpp"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StrEq;

TEST(ApiMisuse, FreeingNothing) {
  slipway_model_free(nullptr);
  slipway_tensor_free(nullptr);
  slipway_cancellation_free(nullptr);
}

// Each call with exactly one argument NULL says which.
TEST(ApiMisuse, NullIsNamed) {
  const auto model = load(golden_model("ports"));
  std::vector<float> number = {1};
  const auto tensor = borrow(SLIPWAY_FLOAT, {1}, number);
  const int64_t dims[] = {1};
  slipway_model* new_model = nullptr;
  slipway_tensor* new_tensor = nullptr;
  const slipway_port* port = nullptr;
  const slipway_tensor_info* info = nullptr;
  const char* text = nullptr;
  size_t count = 0;
  slipway_binding binding = {"a", nullptr};
  const auto expect = [](slipway_status status, const char* argument) {
    EXPECT_EQ(status, SLIPWAY_INVALID_ARGUMENT);
    EXPECT_EQ(slipway_last_error(), "argument '" + std::string(argument) + "' is NULL");
  };
  expect(slipway_model_load(nullptr, nullptr, &new_model), "path");
  expect(slipway_model_load(kSrcnn.c_str(), nullptr, nullptr), "model");
  expect(slipway_model_input_count(nullptr, &count), "model");
  expect(slipway_model_input_count(model.get(), nullptr), "count");
  expect(slipway_model_output_count(nullptr, &count), "model");
  expect(slipway_model_output_count(model.get(), nullptr), "count");
  expect(slipway_model_input(nullptr, 0, &port), "model");
  expect(slipway_model_input(model.get(), 0, nullptr), "port");
  expect(slipway_model_output(nullptr, 0, &port), "model");
  expect(slipway_model_output(model.get(), 0, nullptr), "port");
  expect(slipway_tensor_create(SLIPWAY_FLOAT, nullptr, 1, &new_tensor), "dims");
  expect(slipway_tensor_create(SLIPWAY_FLOAT, dims, 1, nullptr), "tensor");
  expect(slipway_tensor_borrow(SLIPWAY_FLOAT, dims, 1, &number, 4, nullptr, nullptr, nullptr), "tensor");
  expect(slipway_tensor_create_strings(dims, 1, nullptr, nullptr, 1, &new_tensor), "strings");
  expect(slipway_tensor_describe(nullptr, &info), "tensor");
  expect(slipway_tensor_describe(tensor.get(), nullptr), "info");
  expect(slipway_tensor_string(nullptr, 0, &text, nullptr), "tensor");
  expect(slipway_tensor_string(tensor.get(), 0, nullptr, nullptr), "text");
  expect(slipway_cancellation_create(nullptr), "cancellation");
  expect(slipway_cancel(nullptr), "cancellation");
  expect(slipway_cancellation_reset(nullptr), "cancellation");
  expect(slipway_run(nullptr, nullptr, 0, nullptr, 0, nullptr), "model");
  expect(slipway_run(model.get(), nullptr, 1, nullptr, 0, nullptr), "inputs");
  expect(slipway_run(model.get(), nullptr, 0, nullptr, 1, nullptr), "outputs");
  expect(slipway_run_picture(nullptr, "a.png", "b.png", nullptr), "model");
  const auto srcnn = load(kSrcnn);
  expect(slipway_run_picture(srcnn.get(), nullptr, "b.png", nullptr), "input_path");
  expect(slipway_run_picture(srcnn.get(), "a.png", nullptr, nullptr), "output_path");
  EXPECT_EQ(slipway_run(model.get(), &binding, 1, nullptr, 0, nullptr), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("input 'a'"), HasSubstr("'tensor' is NULL")));
}

TEST(ApiMisuse, HandlesOfAnotherKind) {
  const auto model = load(golden_model("ports"));
  std::vector<float> number = {1};
  const auto tensor = borrow(SLIPWAY_FLOAT, {1}, number);
  size_t count = 0;
  EXPECT_EQ(slipway_model_input_count(reinterpret_cast<slipway_model*>(tensor.get()), &count),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("'model'"), HasSubstr("not a slipway_model")));
  slipway_binding binding = {"a", reinterpret_cast<slipway_tensor*>(model.get())};
  EXPECT_EQ(slipway_run(model.get(), &binding, 1, nullptr, 0, nullptr), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("not a slipway_tensor"));
  EXPECT_EQ(slipway_cancel(reinterpret_cast<slipway_cancellation*>(model.get())), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("not a slipway_cancellation"));
}

TEST(ApiMisuse, StatusesHaveNames) {
  EXPECT_THAT(slipway_status_name(SLIPWAY_OK), StrEq("ok"));
  EXPECT_THAT(slipway_status_name(SLIPWAY_INVALID_ARGUMENT), StrEq("invalid argument"));
  EXPECT_THAT(slipway_status_name(SLIPWAY_CANCELLED), StrEq("cancelled"));
  EXPECT_THAT(slipway_status_name(SLIPWAY_INTERNAL), StrEq("internal"));
  for (const int32_t other : {-1, SLIPWAY_INTERNAL + 1, INT32_MAX, INT32_MIN})
    EXPECT_THAT(slipway_status_name(other), StrEq("unknown"));
}

TEST(ApiMisuse, TheTextStaysAndIsTheThreadsOwn) {
  EXPECT_NE(slipway_cancel(nullptr), SLIPWAY_OK);
  const std::string text = slipway_last_error();
  EXPECT_THAT(text, HasSubstr("cancellation"));
  load(golden_model("ports"));
  EXPECT_EQ(slipway_last_error(), text) << "a call that succeeds leaves it";
  std::string at_first, later;
  std::thread([&] {
    at_first = slipway_last_error();
    slipway_model_load("elsewhere.onnx", nullptr, nullptr);
    later = slipway_last_error();
  }).join();
  EXPECT_EQ(at_first, "");
  EXPECT_THAT(later, HasSubstr("'model'"));
  EXPECT_EQ(slipway_last_error(), text);
}

}  // namespace
