// Operators whose work grows faster than their inputs and outputs say beforehand how much is to come, so that
// a run can be stopped in their midst.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/work_scope.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

using Settings = std::vector<OneOperator::Setting>;
using List = std::vector<int64_t>;

Tensor filled(DataType type, const Dims& dims, double value = 1) {
  return tensor_of(type, dims, std::vector<double>(static_cast<size_t>(element_count(dims)), value));
}

// With a tenth of the operations it does not come to an end; with as many it does.
void expect_work(double operations, const std::string& op_type, const std::vector<Tensor>& inputs,
                 const Settings& settings = {}) {
  SCOPED_TRACE(op_type);
  const auto run = [&](double allowed) {
    std::vector<Type> types;
    for (const Tensor& input : inputs) types.push_back(type_of(input));
    const OneOperator operation(op_type, types, settings);
    const WorkScope work(allowed);
    operation.run({inputs.begin(), inputs.end()});
  };
  EXPECT_THAT([&] { run(operations / 10); },
              ThrowsMessage<Error>(HasSubstr("operations that are allowed here")));
  EXPECT_NO_THROW(run(operations));
}

constexpr DataType kDouble = DataType::kDouble;

TEST(Work, OfMatrices) {
  const Tensor square = filled(kDouble, {20, 20});
  expect_work(8000, "MatMul", {square, square});
  expect_work(8000, "Gemm", {square, square});
  expect_work(8000, "MatMulInteger",
              {filled(DataType::kUint8, {20, 20}), filled(DataType::kUint8, {20, 20})});
  expect_work(8000, "com.microsoft:CDist", {square, square});
  expect_work(20 * 400 * 2, "Einsum", {filled(kDouble, {20}), square}, {{"equation", "a,bc->"}});
  Tensor unit = filled(kDouble, {20, 20}, 0);
  for (size_t i = 0; i < 20; ++i) unit.data<double>()[21 * i] = 1;
  expect_work(20 * 21 * 41 / 6.0, "Det", {unit});
  expect_work(2 * 8000, "com.microsoft:Inverse", {unit});
}

TEST(Work, OfWindows) {
  const Tensor image = filled(kDouble, {1, 2, 9, 9});
  const Settings window{{"kernel_shape", List{5, 5}}};
  expect_work(25 * 25 * 2 * 3, "Conv", {image, filled(kDouble, {3, 2, 5, 5})});
  expect_work(401 * 401, "Conv", {filled(kDouble, {1, 1, 1, 1}), filled(kDouble, {1, 1, 1, 1})},
              {{"pads", List{200, 200, 200, 200}}});
  expect_work(25 * 81 * 2 * 3, "ConvTranspose", {image, filled(kDouble, {2, 3, 5, 5})});
  expect_work(25 * 25 * 2, "MaxPool", {image}, window);
  expect_work(25 * 25 * 2, "AveragePool", {image}, window);
  expect_work(25 * 25 * 2, "LpPool", {image}, window);
  expect_work(100 * 100 * 4, "LRN", {filled(kDouble, {1, 100, 2, 2})}, {{"size", int64_t{1} << 62}});
  expect_work(81 * 3 * 16, "GridSample", {image, filled(kDouble, {1, 9, 9, 2}, 0)}, {{"mode", "cubic"}});
  expect_work(81 * 2 * 5, "MaxRoiPool",
              {image, tensor_of(kDouble, {5, 5},
                                [] {
                                  std::vector<double> regions;
                                  for (int i = 0; i < 5; ++i) regions.insert(regions.end(), {0, 0, 0, 8, 8});
                                  return regions;
                                }())},
              {{"pooled_shape", List{1, 1}}});
}

TEST(Work, OfRowsAgainstRows) {
  const Tensor tokens = filled(kFloat, {1, 1, 30, 4});
  expect_work(2 * 30 * 30 * 4, "Attention", {tokens, tokens, tokens});
  Tensor boxes(kFloat, {1, 100, 4});
  for (size_t i = 0; i < 400; ++i) boxes.data<float>()[i] = static_cast<float>(i / 4 + (i % 4 > 1 ? 1 : 0));
  expect_work(1 + 100 * 99 / 2.0, "NonMaxSuppression",
              {boxes, filled(kFloat, {1, 1, 100}), Tensor::scalar<int64_t>(1000), Tensor::scalar(0.5F)});
  expect_work(98 * 2, "com.microsoft:NGramRepeatBlock",
              {filled(DataType::kInt64, {1, 98}), filled(kFloat, {1, 2})}, {{"ngram_size", int64_t{2}}});
  expect_work(64 * 16 + 64 * 12, "DFT", {filled(kDouble, {1, 64, 1})});
}

}  // namespace
}  // namespace slipway::ops
