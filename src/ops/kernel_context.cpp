#include "ops/kernel_context.hpp"

#include "base/error.hpp"
#include "base/memory_account.hpp"

namespace slipway::ops {

std::vector<int64_t> read_integers(const Tensor& tensor, const char* what) {
  if (tensor.rank() > 1)
    fail(ErrorCode::kInvalidArgument, "{} is {}, but a list of integers was expected", what,
         tensor.describe());
  // Lists are short. One that is not must fit beside what is there, but is not counted for as long as it
  // lives.
  const MemoryCharge fits(static_cast<size_t>(tensor.count()) * sizeof(int64_t));
  if (tensor.type() == DataType::kInt64) {
    const auto elements = tensor.data<int64_t>();
    return {elements.begin(), elements.end()};
  }
  if (tensor.type() == DataType::kInt32) {
    const auto elements = tensor.data<int32_t>();
    return {elements.begin(), elements.end()};
  }
  fail(ErrorCode::kInvalidArgument, "{} has elements of type {}, but i32 or i64 was expected", what,
       name_of(tensor.type()));
}

}  // namespace slipway::ops
