// Handles of the C API that free themselves, so that a test that fails leaks nothing.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "slipway/slipway.h"

struct Free {
  void operator()(slipway_model* model) const { slipway_model_free(model); }
  void operator()(slipway_tensor* tensor) const { slipway_tensor_free(tensor); }
  void operator()(slipway_cancellation* cancellation) const { slipway_cancellation_free(cancellation); }
};
template <typename Handle>
using Owned = std::unique_ptr<Handle, Free>;

inline Owned<slipway_model> load(const std::string& path) {
  slipway_model* model = nullptr;
  EXPECT_EQ(slipway_model_load(path.c_str(), nullptr, &model), SLIPWAY_OK) << slipway_last_error();
  return Owned<slipway_model>(model);
}

// A tensor over `elements`, which outlive it.
template <typename T>
Owned<slipway_tensor> borrow(slipway_element_type type, const std::vector<int64_t>& dims,
                             std::vector<T>& elements) {
  slipway_tensor* tensor = nullptr;
  EXPECT_EQ(slipway_tensor_borrow(type, dims.data(), dims.size(), elements.data(),
                                  elements.size() * sizeof(T), nullptr, nullptr, &tensor),
            SLIPWAY_OK)
      << slipway_last_error();
  return Owned<slipway_tensor>(tensor);
}

inline const slipway_tensor_info& describe(const slipway_tensor* tensor) {
  static const slipway_tensor_info kNothing = {};
  const slipway_tensor_info* info = nullptr;
  EXPECT_EQ(slipway_tensor_describe(tensor, &info), SLIPWAY_OK) << slipway_last_error();
  return info ? *info : kNothing;
}

template <typename T>
std::vector<T> elements_of(const slipway_tensor* tensor) {
  const slipway_tensor_info& info = describe(tensor);
  const auto* data = static_cast<const T*>(info.data);
  return std::vector<T>(data, data + info.element_count);
}

inline std::vector<int64_t> dims_of(const slipway_tensor* tensor) {
  const slipway_tensor_info& info = describe(tensor);
  return std::vector<int64_t>(info.dims, info.dims + info.rank);
}
