// Making tensors and looking at them.
#include <gmock/gmock.h>

#include <cstdint>

#include "handles.hpp"

namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::StrEq;

Owned<slipway_tensor> create(slipway_element_type type, const std::vector<int64_t>& dims) {
  slipway_tensor* tensor = nullptr;
  EXPECT_EQ(slipway_tensor_create(type, dims.data(), dims.size(), &tensor), SLIPWAY_OK)
      << slipway_last_error();
  return Owned<slipway_tensor>(tensor);
}

slipway_status try_create(slipway_element_type type, const std::vector<int64_t>& dims) {
  slipway_tensor* tensor = nullptr;
  const slipway_status status = slipway_tensor_create(type, dims.data(), dims.size(), &tensor);
  EXPECT_EQ(tensor == nullptr, status != SLIPWAY_OK);
  slipway_tensor_free(tensor);
  return status;
}

TEST(ApiTensor, OwnMemoryIsZero) {
  const auto tensor = create(SLIPWAY_INT32, {3, 5});
  const auto& info = describe(tensor.get());
  EXPECT_EQ(info.element_type, SLIPWAY_INT32);
  EXPECT_EQ(dims_of(tensor.get()), (std::vector<int64_t>{3, 5}));
  EXPECT_EQ(info.element_count, 15U);
  EXPECT_EQ(info.size, 60U);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(info.data) % 64, 0U);
  EXPECT_THAT(elements_of<int32_t>(tensor.get()), Each(0));
}

TEST(ApiTensor, ScalarsAndEmptyTensors) {
  slipway_tensor* made = nullptr;
  ASSERT_EQ(slipway_tensor_create(SLIPWAY_DOUBLE, nullptr, 0, &made), SLIPWAY_OK);
  const Owned<slipway_tensor> scalar(made);
  EXPECT_EQ(describe(scalar.get()).element_count, 1U);
  EXPECT_EQ(describe(scalar.get()).rank, 0);
  EXPECT_EQ(describe(create(SLIPWAY_FLOAT, {2, 0}).get()).element_count, 0U);
}

// Bits of an element, by ONNX's number of its type.
TEST(ApiTensor, EveryElementTypeHasItsSize) {
  const std::vector<size_t> bits = {0,  32,  8,  8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64,
                                    64, 128, 16, 8, 8,  8,  8,  4,  4, 4, 8,  2,  2};
  ASSERT_EQ(bits.size(), SLIPWAY_INT2 + 1U);
  for (slipway_element_type type = SLIPWAY_FLOAT; type <= SLIPWAY_INT2; ++type) {
    SCOPED_TRACE(slipway_element_type_name(type));
    EXPECT_EQ(describe(create(type, {9}).get()).size, (9 * bits[static_cast<size_t>(type)] + 7) / 8);
  }
}

TEST(ApiTensor, ElementTypesHaveOnnxNames) {
  EXPECT_THAT(slipway_element_type_name(SLIPWAY_FLOAT), StrEq("float"));
  EXPECT_THAT(slipway_element_type_name(SLIPWAY_BFLOAT16), StrEq("bfloat16"));
  EXPECT_THAT(slipway_element_type_name(SLIPWAY_UINT2), StrEq("uint2"));
  for (const int32_t other : {0, -1, SLIPWAY_INT2 + 1, INT32_MAX, INT32_MIN})
    EXPECT_THAT(slipway_element_type_name(other), StrEq("undefined"));
}

TEST(ApiTensor, WhatCannotBeMade) {
  EXPECT_EQ(try_create(SLIPWAY_UNDEFINED, {1}), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_EQ(try_create(SLIPWAY_INT2 + 1, {1}), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("27"));
  EXPECT_EQ(try_create(SLIPWAY_FLOAT, {2, -1}), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("-1"));
  EXPECT_EQ(try_create(SLIPWAY_FLOAT, std::vector<int64_t>(SLIPWAY_MAX_RANK, 1)), SLIPWAY_OK);
  EXPECT_EQ(try_create(SLIPWAY_FLOAT, std::vector<int64_t>(SLIPWAY_MAX_RANK + 1, 1)),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_EQ(try_create(SLIPWAY_FLOAT, {INT64_MAX, 2}), SLIPWAY_OUT_OF_MEMORY);
#ifndef __SANITIZE_ADDRESS__  // AddressSanitizer ends the program where others throw bad_alloc.
  EXPECT_EQ(try_create(SLIPWAY_STRING, {INT64_MAX / 64}), SLIPWAY_OUT_OF_MEMORY);
#endif
}

struct Counter {
  int calls = 0;
  void* data = nullptr;
};

void count_call(void* data, void* context) {
  auto* counter = static_cast<Counter*>(context);
  ++counter->calls;
  counter->data = data;
}

TEST(ApiTensor, BorrowedMemoryGoesBackOnce) {
  std::vector<float> memory(6, 1.5f);
  Counter counter;
  const std::vector<int64_t> dims = {2, 3};
  slipway_tensor* tensor = nullptr;
  ASSERT_EQ(
      slipway_tensor_borrow(SLIPWAY_FLOAT, dims.data(), 2, memory.data(), 24, count_call, &counter, &tensor),
      SLIPWAY_OK);
  EXPECT_EQ(describe(tensor).data, memory.data());
  EXPECT_EQ(counter.calls, 0);
  slipway_tensor_free(tensor);
  EXPECT_EQ(counter.calls, 1);
  EXPECT_EQ(counter.data, memory.data());
}

TEST(ApiTensor, WhatCannotBeBorrowed) {
  std::vector<float> memory(6);
  Counter counter;
  const auto borrow_floats = [&](slipway_element_type type, int64_t count, void* data, size_t size) {
    slipway_tensor* tensor = nullptr;
    const auto status = slipway_tensor_borrow(type, &count, 1, data, size, count_call, &counter, &tensor);
    EXPECT_EQ(tensor, nullptr);
    return status;
  };
  EXPECT_EQ(borrow_floats(SLIPWAY_FLOAT, 6, memory.data(), 23), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("24"), HasSubstr("23")));
  EXPECT_EQ(borrow_floats(SLIPWAY_FLOAT, 6, nullptr, 24), SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("'data' is NULL"));
  EXPECT_EQ(borrow_floats(SLIPWAY_FLOAT, 2, reinterpret_cast<char*>(memory.data()) + 1, 8),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("multiple of 4"));
  EXPECT_EQ(borrow_floats(SLIPWAY_STRING, 1, memory.data(), 24), SLIPWAY_UNSUPPORTED);
  EXPECT_EQ(counter.calls, 0) << "the memory stays the caller's";
}

TEST(ApiTensor, Strings) {
  const std::vector<const char*> texts = {"Grüße", "", "a\0b"};
  const std::vector<size_t> lengths = {7, 0, 3};
  const int64_t dims[] = {3};
  slipway_tensor* made = nullptr;
  ASSERT_EQ(slipway_tensor_create_strings(dims, 1, texts.data(), lengths.data(), 3, &made), SLIPWAY_OK);
  const Owned<slipway_tensor> tensor(made);
  EXPECT_EQ(describe(tensor.get()).data, nullptr);
  EXPECT_EQ(describe(tensor.get()).element_count, 3U);
  const char* text = nullptr;
  size_t length = 0;
  ASSERT_EQ(slipway_tensor_string(tensor.get(), 2, &text, &length), SLIPWAY_OK);
  EXPECT_EQ(std::string(text, length), std::string("a\0b", 3));
  ASSERT_EQ(slipway_tensor_string(tensor.get(), 0, &text, nullptr), SLIPWAY_OK);
  EXPECT_THAT(text, StrEq("Grüße"));
  EXPECT_EQ(slipway_tensor_string(tensor.get(), 3, &text, nullptr), SLIPWAY_INVALID_ARGUMENT);
}

TEST(ApiTensor, StringsThatAreWrong) {
  std::vector<const char*> texts = {"a", nullptr};
  const int64_t dims[] = {2};
  slipway_tensor* tensor = nullptr;
  EXPECT_EQ(slipway_tensor_create_strings(dims, 1, texts.data(), nullptr, 2, &tensor),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_EQ(slipway_tensor_create_strings(dims, 1, texts.data(), nullptr, 1, &tensor),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), AllOf(HasSubstr("1 strings"), HasSubstr("2 elements")));
  const char* text = nullptr;
  EXPECT_EQ(slipway_tensor_string(create(SLIPWAY_FLOAT, {1}).get(), 0, &text, nullptr),
            SLIPWAY_INVALID_ARGUMENT);
  EXPECT_THAT(slipway_last_error(), HasSubstr("f32[1]"));
}

}  // namespace
