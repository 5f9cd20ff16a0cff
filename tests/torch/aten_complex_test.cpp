// What calls of complex numbers become: over pairs of reals, their parts on a last axis. That their numbers
// are PyTorch's is tested in tests/oracles/test_aten_complex.py.
#include <gmock/gmock.h>

#include "torch/one_call.hpp"

namespace slipway::torch {
namespace {

using ir::arg;
using ir::ints;
using ir::meta;

constexpr DataType kComplex = DataType::kComplex64;

TEST(AtenComplex, HasOneMoreAxisInInputsAndOutputs) {
  const Model model = convert_call("aten.neg.default", {}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4}));
  EXPECT_EQ(model.graph->inputs()[0]->type(), Type::tensor(DataType::kFloat, Shape{3, 4, 2}));
  EXPECT_EQ(model.graph->outputs()[0]->type(), Type::tensor(DataType::kFloat, Shape{3, 4, 2}));
}

TEST(AtenComplex, KeepsThePartsBehindAxesThatMove) {
  const Model model = convert_call("aten.permute.default", {{"dims", ints({-1, 0})}}, meta(kComplex, {3, 4}),
                                   meta(kComplex, {4, 3}));
  EXPECT_EQ(only_node(model).ints_attribute("perm", {}), (Ints{1, 0, 2}));
}

TEST(AtenComplex, CountsAxesFromTheEndWithoutTheParts) {
  const Model model = convert_call("aten.sum.dim_IntList", {{"dim", ints({-1})}}, meta(kComplex, {3, 4}),
                                   meta(kComplex, {3}));
  const Tensor* axes = only_node(model).input(1)->constant();
  ASSERT_NE(axes, nullptr);
  EXPECT_EQ(axes->data<int64_t>()[0], 1);
}

TEST(AtenComplex, TransformsRealsByOneNode) {
  const Model model =
      convert_call("aten.fft_rfft.default", {}, meta(DataType::kFloat, {3, 16}), meta(kComplex, {3, 9}));
  EXPECT_EQ(model.graph->node_count(), 2u) << "Unsqueeze and DFT";
  const Node& dft = *model.graph->outputs()[0]->producer();
  EXPECT_EQ(dft.op_type(), "DFT");
  EXPECT_EQ(dft.int_attribute("onesided", 0), 1);
}

TEST(AtenComplex, ShowsPairsAsTheyLie) {
  const Model model =
      convert_call("aten.view_as_real.default", {}, meta(kComplex, {3}), meta(DataType::kFloat, {3, 2}));
  EXPECT_EQ(only_node(model).op_type(), "Identity");
}

TEST(AtenComplex, NamesWhatIsNotConverted) {
  EXPECT_THAT(refusal("aten.tan.default", {}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4})),
              testing::AllOf(testing::HasSubstr("aten.tan.default"), testing::HasSubstr("complex numbers")));
  // Over all elements, real and imaginary parts would be mixed.
  EXPECT_THAT(
      refusal("aten.roll.default", {{"shifts", ints({1})}}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4})),
      testing::HasSubstr("complex numbers"));
}

TEST(AtenComplex, FailsOnCallsThatContradictThemselves) {
  for (const int64_t axis : {-3, 2, 1000})
    EXPECT_THAT(
        refusal("aten.fft_fft.default", {{"dim", arg(axis)}}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4})),
        testing::HasSubstr("no axis"));
  EXPECT_NE(refusal("aten.select.int", {{"dim", arg(-5)}, {"index", arg(0)}}, meta(kComplex, {3, 4}),
                    meta(kComplex, {3})),
            "no error");
  EXPECT_THROW(convert_call("aten.neg.default", {}, meta(kComplex, {3}), meta(DataType::kFloat, {3})), Error);
  EXPECT_THROW(convert_call("aten.neg.default", {}, meta(DataType::kFloat, {3}), meta(kComplex, {3})), Error);
  EXPECT_NE(
      refusal("aten.fft_fft.default", {{"n", ints({})}}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4})),
      "no error");
  EXPECT_THROW(convert_call("aten.istft.default", {{"n_fft", arg(4)}}, meta(kComplex, {3}),
                            meta(DataType::kFloat, {3})),
               Error);
  EXPECT_THROW(
      convert_call("aten.pdist.default", {}, meta(DataType::kFloat, {}), meta(DataType::kFloat, {3})), Error);
  EXPECT_NE(
      refusal("aten.stft.default", {{"n_fft", arg(-4)}}, meta(kComplex, {3, 4}), meta(kComplex, {3, 4})),
      "no error");
}

}  // namespace
}  // namespace slipway::torch
