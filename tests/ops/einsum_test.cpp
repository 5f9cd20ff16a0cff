// The expected values are those of NumPy 2's einsum.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "base/error.hpp"
#include "ops/one_operator.hpp"

namespace slipway::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// 0 or `first`, and on.
template <typename T>
Tensor counting(const Dims& dims, T first = 0) {
  Tensor tensor(data_type_of<T>, dims);
  std::iota(tensor.data<T>().begin(), tensor.data<T>().end(), first);
  return tensor;
}

OneOperator einsum(const std::string& equation, const std::vector<Tensor>& operands) {
  std::vector<Type> types;
  for (const Tensor& operand : operands)
    types.push_back(Type::tensor(operand.type(), Shape(operand.dims().begin(), operand.dims().end())));
  return OneOperator("Einsum", types, {{"equation", equation}});
}

template <typename T>
std::vector<T> result(const std::string& equation, const std::vector<Tensor>& operands) {
  const OneOperator operation = einsum(equation, operands);
  const Tensor tensor = operation.run({operands.begin(), operands.end()});
  EXPECT_EQ(operation.output_type(),
            Type::tensor(tensor.type(), Shape(tensor.dims().begin(), tensor.dims().end())).to_string());
  return {tensor.data<T>().begin(), tensor.data<T>().end()};
}

TEST(Einsum, MultipliesMatrices) {
  const Tensor a = counting<int32_t>({2, 3}, 1), b = counting<int32_t>({3, 4}, 1);
  EXPECT_THAT(result<int32_t>("ij,jk->ik", {a, b}), ElementsAre(38, 44, 50, 56, 83, 98, 113, 128));
  EXPECT_THAT(result<int32_t>(" ij , jk ", {a, b}), ElementsAre(38, 44, 50, 56, 83, 98, 113, 128));
  EXPECT_THAT(result<int32_t>("ij->j", {a}), ElementsAre(5, 7, 9));
}

TEST(Einsum, WalksAlongDiagonals) {
  const Tensor square = counting<uint8_t>({3, 3});
  EXPECT_THAT(result<uint8_t>("ii", {square}), ElementsAre(12));
  EXPECT_THAT(result<uint8_t>("ii->i", {square}), ElementsAre(0, 4, 8));
}

TEST(Einsum, BroadcastsWhatTheEllipsisStandsFor) {
  const Tensor a = counting<double>({2, 2, 3});
  const Tensor b = Tensor::from<double>({3, 2}, std::vector<double>{1, 0, 0, 2, 3, 1});
  EXPECT_THAT(result<double>("...ij,jk->...ki", {a, b}), ElementsAre(6, 18, 4, 13, 30, 42, 22, 31));
  EXPECT_THAT(result<int64_t>("...a,...b->...", {counting<int64_t>({2, 3}), counting<int64_t>({2})}),
              ElementsAre(3, 12));
}

TEST(Einsum, TakesManyOperandsAndNone) {
  const std::vector<Tensor> lists{integers({1, 2}), integers({3, 4}), integers({5, 6, 7})};
  EXPECT_THAT(result<int64_t>("a,b,c->cb", lists), ElementsAre(45, 60, 54, 72, 63, 84));
  EXPECT_THAT(result<float>("ij->i", {Tensor(DataType::kFloat, {2, 0})}), ElementsAre(0, 0));
  EXPECT_THAT(result<float>(",->", {Tensor::scalar(3.0F), Tensor::scalar(4.0F)}), ElementsAre(12));
}

TEST(Einsum, SortsCapitalsFirst) {
  const Tensor a = Tensor::from<int64_t>({2, 2}, std::vector<int64_t>{1, 2, 4, 5});
  EXPECT_THAT(result<int64_t>("bA,b", {a, integers({1, 10})}), ElementsAre(41, 52));
}

TEST(Einsum, InfersWithSymbols) {
  const OneOperator operation("Einsum",
                              {Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 2, Dim::symbol("d")}),
                               Type::tensor(DataType::kFloat, Shape{Dim::symbol("d"), Dim::symbol("m")})},
                              {{"equation", "bij,jk->bik"}});
  EXPECT_EQ(operation.output_type(), "f32[n,2,m]");
}

TEST(Einsum, SaysWhatIsWrong) {
  const Tensor a = counting<float>({2, 3}), b = counting<float>({3, 4});
  const auto error = [&](const std::string& equation, const std::vector<Tensor>& operands, const char* text) {
    EXPECT_THAT([&] { einsum(equation, operands).output_type(); }, ThrowsMessage<Error>(HasSubstr(text)));
    EXPECT_THAT([&] { einsum(equation, operands).run({operands.begin(), operands.end()}); },
                ThrowsMessage<Error>(HasSubstr(text)));
  };
  error("ij,jk->il", {a, b}, "the result names an axis that no operand has");
  error("ij,jk->ii", {a, b}, "the result names an axis twice");
  error("ijk,jk->i", {a, b}, "'ijk' does not name the axes of a tensor of rank 2");
  error("ij->i", {a, b}, "it has 1 operands, but 2 inputs were given");
  error("i1,jk->i", {a, b}, "does not name the axes of a tensor of rank 2");
  error("ij1->i", {a}, "is no list of letters");
  error("......ij->i", {a}, "is no list of letters");
  error("ij..->i", {a}, "is no list of letters");
  error("ij->i->j", {a}, "is no list of letters");
  error("", {a}, "does not name the axes");
  EXPECT_THAT([&] { einsum("ij,ik->jk", {a, b}).run({a, b}); },
              ThrowsMessage<Error>(HasSubstr("has size 3, but another of that name has 2")));
}

}  // namespace
}  // namespace slipway::ops
