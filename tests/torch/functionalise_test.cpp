// Views and in-place writes are taken out of programs as PyTorch's own meaning demands: what is expected was
// derived by hand.
#include "torch/ir/functionalise.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "torch/program_builder.hpp"

namespace slipway::torch::ir {
namespace {

constexpr DataType kFloat = DataType::kFloat;

// The tensors that most of the programs are about.
const TensorMeta kRow = meta(kFloat, {3}), kMatrix = meta(kFloat, {2, 3}),
                 kHalves = meta(DataType::kFloat16, {4, 3});

// The block as text, without its lines of inputs.
std::string functional_text(Program& program) {
  functionalise(program);
  const std::string text = to_text(program.block);
  return text.substr(text.find('\n') + 1);
}

std::string refusal(Program& program) {
  try {
    functionalise(program);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << error.what();
    return error.what();
  }
  return "not refused:\n" + to_text(program.block);
}

TEST(Functionalise, LeavesAProgramWithoutWritesAsItIs) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {4, 5}));
  Value* row =
      b.call("aten.select.int", {{"self", arg(x)}, {"dim", arg(0)}, {"index", arg(1)}}, meta(kFloat, {5}));
  Value* flat = b.call("aten.reshape.default", {{"self", arg(x)}, {"shape", ints({20})}}, meta(kFloat, {20}));
  b.output(row);
  b.output(flat);
  const std::string before = to_text(b.program);
  functionalise(b.program);
  EXPECT_EQ(to_text(b.program), before);
}

TEST(Functionalise, PutsAWriteThroughTwoViewsBackAndReadsItElsewhere) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {4, 5}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {4, 5}));
  Value* column = b.call("aten.select.int", {{"self", arg(y)}, {"dim", arg(1)}, {"index", arg(0)}},
                         meta(kFloat, {4}, {5}));
  Value* rows =
      b.call("aten.slice.Tensor", {{"self", arg(y)}, {"dim", arg(0)}, {"start", arg(1)}, {"end", arg(3)}},
             meta(kFloat, {2, 5}));
  Value* row = b.call("aten.select.int", {{"self", arg(rows)}, {"dim", arg(0)}, {"index", arg(-1)}},
                      meta(kFloat, {5}));
  b.call("aten.add_.Tensor", {{"self", arg(row)}, {"other", arg(3)}}, meta(kFloat, {5}));
  b.output(y);
  b.output(column);
  EXPECT_EQ(
      functional_text(b.program),
      "%clone: f32[4,5] = aten.clone.default(self=%x)\n"
      "%slice: f32[2,5] = aten.slice.Tensor(self=%clone, dim=0, start=1, end=3, step=1)\n"
      "%select_1: f32[5] = aten.select.int(self=%slice, dim=0, index=-1)\n"
      "%add: f32[5] = aten.add.Tensor(self=%select_1, other=3)\n"
      "%select_scatter: f32[2,5] = aten.select_scatter.default(self=%slice, src=%add, dim=0, index=-1)\n"
      "%slice_scatter: f32[4,5] = aten.slice_scatter.default(self=%clone, src=%select_scatter, dim=0, "
      "start=1, "
      "end=3, step=1)\n"
      "%select: f32[4] = aten.select.int(self=%slice_scatter, dim=1, index=0)\n"
      "outputs %slice_scatter %select\n");
}

TEST(Functionalise, LooksAgainAtAViewThatWasReadBefore) {
  ProgramBuilder b;
  Value* x = b.input("x", kMatrix);
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, kMatrix);
  Value* t = b.call("aten.t.default", {{"self", arg(y)}}, meta(kFloat, {3, 2}, {1, 3}));
  Value* before = b.call("aten.exp.default", {{"self", arg(t)}}, meta(kFloat, {3, 2}));
  b.call("aten.zero_.default", {{"self", arg(y)}}, kMatrix);
  Value* after = b.call("aten.exp.default", {{"self", arg(t)}}, meta(kFloat, {3, 2}));
  b.output(before);
  b.output(after);
  EXPECT_EQ(functional_text(b.program),
            "%clone: f32[2,3] = aten.clone.default(self=%x)\n"
            "%t: f32[3,2] = aten.permute.default(self=%clone, dims=[1, 0])\n"
            "%exp: f32[3,2] = aten.exp.default(self=%t)\n"
            "%full: f32[2,3] = aten.full.default(size=[2, 3], fill_value=0, dtype=f32)\n"
            "%permute: f32[3,2] = aten.permute.default(self=%full, dims=[1, 0])\n"
            "%exp_1: f32[3,2] = aten.exp.default(self=%permute)\n"
            "outputs %exp %exp_1\n");
}

TEST(Functionalise, KeepsTypeAndSizeOfWhatIsWrittenTo) {
  ProgramBuilder b;
  Value* h = b.input("h", kHalves);
  Value* f = b.input("f", kRow);
  Value* y = b.call("aten.clone.default", {{"self", arg(h)}}, kHalves);
  Value* sum = b.call("aten.add_.Tensor", {{"self", arg(y)}, {"other", arg(f)}}, kHalves);
  Value* copied = b.call("aten.copy_.default", {{"self", arg(sum)}, {"src", arg(f)}}, kHalves);
  b.output(b.call("aten.exp.default", {{"self", arg(sum)}}, kHalves));
  b.output(copied);
  EXPECT_EQ(functional_text(b.program),
            // Nobody reads the sum.
            "%_to_copy_1: f16[3] = aten._to_copy.default(self=%f, dtype=f16)\n"
            "%expand: f16[4,3] = aten.expand.default(self=%_to_copy_1, size=[4, 3])\n"
            "%exp: f16[4,3] = aten.exp.default(self=%expand)\n"
            "outputs %exp %expand\n");
}

TEST(Functionalise, ComputesInTheTypeThatOperandsArePromotedTo) {
  ProgramBuilder b;
  Value* h = b.input("h", kHalves);
  Value* f = b.input("f", kRow);
  Value* y = b.call("aten.clone.default", {{"self", arg(h)}}, kHalves);
  b.call("aten.mul_.Tensor", {{"self", arg(y)}, {"other", arg(f)}}, kHalves);
  b.call("aten.gt_.Scalar", {{"self", arg(y)}, {"other", arg(0.5)}}, kHalves);
  b.output(y);
  EXPECT_EQ(functional_text(b.program),
            "%clone: f16[4,3] = aten.clone.default(self=%h)\n"
            "%mul: f32[4,3] = aten.mul.Tensor(self=%clone, other=%f)\n"
            "%_to_copy: f16[4,3] = aten._to_copy.default(self=%mul, dtype=f16)\n"
            "%gt: bool[4,3] = aten.gt.Scalar(self=%_to_copy, other=0.5)\n"
            "%_to_copy_1: f16[4,3] = aten._to_copy.default(self=%gt, dtype=f16)\n"
            "outputs %_to_copy_1\n");
}

TEST(Functionalise, MakesBuffersAndInputsThatAreWrittenToState) {
  ProgramBuilder b;
  Value* count = b.buffer("count", meta(DataType::kInt64, {}));
  Value* x = b.input("x", kRow);
  b.call("aten.add_.Tensor", {{"self", arg(count)}, {"other", arg(1)}}, meta(DataType::kInt64, {}));
  Value* y = b.call("aten.relu_.default", {{"self", arg(x)}}, kRow);
  b.output(y);
  EXPECT_EQ(functional_text(b.program),
            "%add: i64[] = aten.add.Tensor(self=%count, other=1)\n"
            "%relu: f32[3] = aten.relu.default(self=%x)\n"
            "outputs %relu %add %relu\n");
  ASSERT_EQ(b.program.outputs.size(), 3U);
  EXPECT_EQ(b.program.outputs[1].kind, ProgramOutput::Kind::kBufferMutation);
  EXPECT_EQ(b.program.outputs[1].name, "count");
  EXPECT_EQ(b.program.outputs[2].kind, ProgramOutput::Kind::kInputMutation);
  EXPECT_EQ(b.program.outputs[2].name, "x");
}

TEST(Functionalise, StatesAMutationOnce) {
  ProgramBuilder b;
  Value* count = b.buffer("count", meta(DataType::kInt64, {}));
  b.call("aten.add_.Tensor", {{"self", arg(count)}, {"other", arg(1)}}, meta(DataType::kInt64, {}));
  b.output(count);
  b.program.outputs[0] = {ProgramOutput::Kind::kBufferMutation, "count"};
  EXPECT_EQ(functional_text(b.program),
            "%add: i64[] = aten.add.Tensor(self=%count, other=1)\noutputs %add\n");
}

// reshape is a view of what lies row by row, and a copy of a transposed tensor.
TEST(Functionalise, ReshapesToAViewOrACopyAsTheStridesSay) {
  for (const bool transposed : {false, true}) {
    ProgramBuilder b;
    Value* x = b.input("x", kMatrix);
    Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, kMatrix);
    Value* source =
        transposed ? b.call("aten.t.default", {{"self", arg(y)}}, meta(kFloat, {3, 2}, {1, 3})) : y;
    Value* flat =
        b.call("aten.reshape.default", {{"self", arg(source)}, {"shape", ints({6})}}, meta(kFloat, {6}));
    b.call("aten.neg_.default", {{"self", arg(flat)}}, meta(kFloat, {6}));
    b.output(y);
    EXPECT_EQ(functional_text(b.program),
              transposed ? "%clone: f32[2,3] = aten.clone.default(self=%x)\n"
                           "outputs %clone\n"
                         : "%clone: f32[2,3] = aten.clone.default(self=%x)\n"
                           "%reshape: f32[6] = aten.view.default(self=%clone, size=[6])\n"
                           "%neg: f32[6] = aten.neg.default(self=%reshape)\n"
                           "%view: f32[2,3] = aten.view.default(self=%neg, size=[2, 3])\n"
                           "outputs %view\n");
  }
}

TEST(Functionalise, DecidesOverSymbolicStrides) {
  ProgramBuilder b;
  const Dim n = Dim::symbol("s0");
  b.program.ranges["s0"] = {2, 1000};
  Value* x = b.input("x", meta(kFloat, {n, 3, 4}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {n, 3, 4}));
  Value* flat =
      b.call("aten.flatten.using_ints", {{"self", arg(y)}, {"start_dim", arg(1)}}, meta(kFloat, {n, 12}));
  Value* last = b.call("aten.select.int", {{"self", arg(flat)}, {"dim", arg(1)}, {"index", arg(11)}},
                       meta(kFloat, {n}, {12}));
  b.call("aten.fill_.Scalar", {{"self", arg(last)}, {"value", arg(1.0)}}, meta(kFloat, {n}, {12}));
  b.output(y);
  EXPECT_EQ(
      functional_text(b.program),
      "%clone: f32[s0,3,4] = aten.clone.default(self=%x)\n"
      "%flatten: f32[s0,12] = aten.view.default(self=%clone, size=[-1, 12])\n"
      "%sym_size: int(s0) = aten.sym_size.int(self=%x, dim=0)\n"
      "%full: f32[s0] = aten.full.default(size=[%sym_size], fill_value=1, dtype=f32)\n"
      "%select_scatter: f32[s0,12] = aten.select_scatter.default(self=%flatten, src=%full, dim=1, index=11)\n"
      "%view: f32[s0,3,4] = aten.view.default(self=%select_scatter, size=[-1, 3, 4])\n"
      "outputs %view\n");
}

TEST(Functionalise, RefusesWhatStridesLeaveOpenOnlyWhereItMatters) {
  for (const bool matters : {false, true}) {
    ProgramBuilder b;
    Value* x = b.input("x", kMatrix);
    Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, TensorMeta{kFloat, {2, 3}, {}, 0});
    Value* flat = b.call("aten.reshape.default", {{"self", arg(y)}, {"shape", ints({6})}}, meta(kFloat, {6}));
    b.call("aten.neg_.default", {{"self", arg(flat)}}, meta(kFloat, {6}));
    b.output(matters ? y : flat);
    if (matters)
      EXPECT_EQ(refusal(b.program),
                "output: it reads clone: f32[2,3], of which it cannot be told whether aten.neg_.default "
                "(model.py:7) "
                "has written to it");
    else
      EXPECT_EQ(functional_text(b.program),
                "%clone: f32[2,3] = aten.clone.default(self=%x)\n"
                "%reshape: f32[6] = aten.reshape.default(self=%clone, shape=[6])\n"
                "%neg: f32[6] = aten.neg.default(self=%reshape)\n"
                "outputs %neg\n");
  }
}

TEST(Functionalise, WritesToPartsOfASplit) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {5, 2}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {5, 2}));
  const auto parts = b.call("aten.chunk.default", {{"self", arg(y)}, {"chunks", arg(2)}},
                            std::vector{meta(kFloat, {3, 2}), meta(kFloat, {2, 2})});
  b.call("aten.zero_.default", {{"self", arg(parts[1])}}, meta(kFloat, {2, 2}));
  b.output(parts[0]);
  b.output(y);
  EXPECT_EQ(
      functional_text(b.program),
      "%clone: f32[5,2] = aten.clone.default(self=%x)\n"
      "%full: f32[2,2] = aten.full.default(size=[2, 2], fill_value=0, dtype=f32)\n"
      "%slice_scatter: f32[5,2] = aten.slice_scatter.default(self=%clone, src=%full, dim=0, start=3, end=6, "
      "step=1)\n"
      "%chunk: f32[3,2] = aten.slice.Tensor(self=%slice_scatter, dim=0, start=0, end=3, step=1)\n"
      "outputs %chunk %slice_scatter\n");
}

TEST(Functionalise, WritesThroughPlacesInMemory) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {3, 4}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {3, 4}));
  Value* t = b.call("aten.t.default", {{"self", arg(y)}}, meta(kFloat, {4, 3}, {1, 4}));
  Value* places =
      b.call("aten.as_strided.default",
             {{"self", arg(t)}, {"size", ints({3})}, {"stride", ints({5})}, {"storage_offset", arg(1)}},
             meta(kFloat, {3}, {5}));
  b.call("aten.neg_.default", {{"self", arg(places)}}, meta(kFloat, {3}, {5}));
  b.output(y);
  EXPECT_EQ(functional_text(b.program),
            "%clone: f32[3,4] = aten.clone.default(self=%x)\n"
            "%view: f32[12] = aten.view.default(self=%clone, size=[12])\n"
            "%arange: i64[3] = aten.arange.start_step(start=1, end=16, step=5, dtype=i64)\n"
            "%as_strided: f32[3] = aten.index.Tensor(self=%view, indices=[%arange])\n"
            "%neg: f32[3] = aten.neg.default(self=%as_strided)\n"
            "%view_1: f32[12] = aten.view.default(self=%clone, size=[12])\n"
            "%arange_1: i64[3] = aten.arange.start_step(start=1, end=16, step=5, dtype=i64)\n"
            "%index_put: f32[12] = aten.index_put.default(self=%view_1, indices=[%arange_1], values=%neg)\n"
            "%view_2: f32[3,4] = aten.view.default(self=%index_put, size=[3, 4])\n"
            "outputs %view_2\n");
}

// as_strided() takes places of the storage, of which its argument shows a part only.
TEST(Functionalise, NamesPlacesInMemoryThatNobodyWritesTo) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {3, 4}));
  TensorMeta last = meta(kFloat, {4});
  last.offset = 8;
  Value* row = b.call("aten.select.int", {{"self", arg(x)}, {"dim", arg(0)}, {"index", arg(2)}}, last);
  b.output(
      b.call("aten.as_strided.default",
             {{"self", arg(row)}, {"size", ints({2})}, {"stride", ints({4})}, {"storage_offset", arg(1)}},
             meta(kFloat, {2}, {4})));
  EXPECT_EQ(functional_text(b.program),
            "%view: f32[12] = aten.view.default(self=%x, size=[12])\n"
            "%arange: i64[2] = aten.arange.start_step(start=1, end=9, step=4, dtype=i64)\n"
            "%as_strided: f32[2] = aten.index.Tensor(self=%view, indices=[%arange])\n"
            "outputs %as_strided\n");
  EXPECT_EQ(b.program.outputs.size(), 1U);
}

TEST(Functionalise, ScattersToPlacesInMemory) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {2, 3}, {1, 2}));
  Value* two = b.input("two", meta(kFloat, {2}));
  b.output(b.call("aten.as_strided_scatter.default",
                  {{"self", arg(x)}, {"src", arg(two)}, {"size", ints({2})}, {"stride", ints({3})}},
                  meta(kFloat, {2, 3}, {1, 2})));
  EXPECT_EQ(functional_text(b.program),
            "%permute: f32[3,2] = aten.permute.default(self=%x, dims=[1, 0])\n"
            "%view: f32[6] = aten.view.default(self=%permute, size=[6])\n"
            "%arange: i64[2] = aten.arange.start_step(start=0, end=6, step=3, dtype=i64)\n"
            "%index_put: f32[6] = aten.index_put.default(self=%view, indices=[%arange], values=%two)\n"
            "%view_1: f32[3,2] = aten.view.default(self=%index_put, size=[3, 2])\n"
            "%permute_1: f32[2,3] = aten.permute.default(self=%view_1, dims=[1, 0])\n"
            "outputs %permute_1\n");
}

TEST(Functionalise, RefusesToWriteToElementsThatAreOne) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {1, 3}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {1, 3}));
  Value* rows =
      b.call("aten.expand.default", {{"self", arg(y)}, {"size", ints({4, 3})}}, meta(kFloat, {4, 3}, {0, 1}));
  b.call("aten.add_.Tensor", {{"self", arg(rows)}, {"other", arg(1)}}, meta(kFloat, {4, 3}, {0, 1}));
  b.output(y);
  EXPECT_EQ(refusal(b.program),
            "aten.add_.Tensor (model.py:7): writes to expand: f32[4,3], of strides [0,1]: several of its "
            "elements are "
            "one");
}

TEST(Functionalise, RefusesToReadPartlyWhatIsWritten) {
  ProgramBuilder b;
  Value* x = b.input("x", meta(kFloat, {4, 4}));
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, meta(kFloat, {4, 4}));
  Value* left =
      b.call("aten.slice.Tensor", {{"self", arg(y)}, {"dim", arg(1)}, {"start", arg(0)}, {"end", arg(3)}},
             meta(kFloat, {4, 3}, {4, 1}));
  TensorMeta shifted = meta(kFloat, {4, 3}, {4, 1});
  shifted.offset = 1;
  Value* right = b.call("aten.slice.Tensor",
                        {{"self", arg(y)}, {"dim", arg(1)}, {"start", arg(1)}, {"end", arg(4)}}, shifted);
  b.call("aten.copy_.default", {{"self", arg(right)}, {"src", arg(left)}}, shifted);
  b.output(y);
  EXPECT_EQ(refusal(b.program),
            "aten.copy_.default (model.py:7): it writes to slice_1: f32[4,3] and reads slice: f32[4,3] while "
            "it does, "
            "which lies partly in the same memory: what it reads depends on the order; clone what is read");
}

TEST(Functionalise, UpdatesRunningStatistics) {
  ProgramBuilder b;
  Value* mean = b.buffer("mean", kRow);
  Value* var = b.buffer("var", kRow);
  Value* x = b.input("x", meta(kFloat, {8, 3}));
  b.output(b.call("aten.batch_norm.default",
                  {{"input", arg(x)},
                   {"weight", {}},
                   {"bias", {}},
                   {"running_mean", arg(mean)},
                   {"running_var", arg(var)},
                   {"training", arg(true)},
                   {"momentum", arg(0.1)},
                   {"eps", arg(1e-5)},
                   {"cudnn_enabled", arg(false)}},
                  meta(kFloat, {8, 3})));
  EXPECT_EQ(functional_text(b.program),
            "%batch_norm: f32[8,3], _, _, %running_mean: f32[3], %running_var: f32[3] = "
            "aten._native_batch_norm_legit_functional.default(input=%x, weight=None, bias=None, "
            "running_mean=%mean, "
            "running_var=%var, training=true, momentum=0.1, eps=1e-05)\n"
            "outputs %batch_norm %running_mean %running_var\n");
}

TEST(Functionalise, RunsBlocksThatRunOnceInPlace) {
  ProgramBuilder b;
  Value* x = b.input("x", kRow);
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, kRow);
  const auto body = std::make_shared<Block>();
  BlockBuilder inner(*body);
  Value* a = inner.input("a", kRow);
  inner.output(inner.call("aten.mul_.Tensor", {{"self", arg(a)}, {"other", arg(2)}}, kRow));
  Value* doubled =
      b.call("higher_order.wrap_with_set_grad_enabled", {{"", arg(false)}, {"", {body}}, {"", arg(y)}}, kRow);
  b.output(y);
  b.output(doubled);
  EXPECT_EQ(functional_text(b.program),
            "%clone: f32[3] = aten.clone.default(self=%x)\n"
            "%mul: f32[3] = aten.mul.Tensor(self=%clone, other=2)\n"
            "outputs %mul %mul\n");
}

TEST(Functionalise, FunctionalisesBodiesAndRefusesThemTheirInputs) {
  for (const bool clones : {true, false}) {
    ProgramBuilder b;
    Value* x = b.input("x", kRow);
    Value* p = b.input("p", meta(DataType::kBool, {}));
    const auto body = std::make_shared<Block>();
    BlockBuilder inner(*body);
    Value* a = inner.input("a", kRow);
    if (clones) a = inner.call("aten.clone.default", {{"self", arg(a)}}, kRow);
    inner.call("aten.zero_.default", {{"self", arg(a)}}, kRow);
    inner.output(a);
    b.output(b.call("higher_order.cond", {{"", arg(p)}, {"", {body}}, {"", {Tensors{x}}}}, kRow));
    if (clones)
      EXPECT_EQ(functional_text(b.program),
                "%cond: f32[3] = higher_order.cond(%p, {…}, [%x])\n"
                "  inputs %a: f32[3]\n"
                "  %full: f32[3] = aten.full.default(size=[3], fill_value=0, dtype=f32)\n"
                "  outputs %full\n"
                "outputs %cond\n");
    else
      EXPECT_EQ(refusal(b.program),
                "higher_order.cond (model.py:7): aten.zero_.default (model.py:7): it writes to an input of a "
                "block of "
                "control flow; write to a clone of it");
  }
}

TEST(Functionalise, SeesAWriteToATiedWeightThroughTheOther) {
  ProgramBuilder b;
  const Tensor whole(kFloat, {4, 3});
  Value* w = b.input("w", meta(kFloat, {4, 3}), ProgramInput::Kind::kParameter);
  Value* tied = b.input("tied", meta(kFloat, {4, 3}), ProgramInput::Kind::kParameter);
  Value* row = b.input("row", kRow, ProgramInput::Kind::kBuffer);
  b.program.inputs[0].tensor = whole;
  b.program.inputs[1].tensor = whole;
  b.program.inputs[2].tensor = Tensor(kFloat, {3}, whole.buffer(), 3 * sizeof(float));
  b.call("aten.neg_.default", {{"self", arg(tied)}}, meta(kFloat, {4, 3}));
  b.output(w);
  b.output(row);
  EXPECT_EQ(functional_text(b.program),
            "%neg: f32[4,3] = aten.neg.default(self=%tied)\n"
            "%view: f32[12] = aten.view.default(self=%neg, size=[12])\n"
            "%slice: f32[3] = aten.slice.Tensor(self=%view, dim=0, start=3, end=6, step=1)\n"
            "outputs %neg %slice %neg %neg %slice\n");
}

TEST(Functionalise, WritesResultsToOut) {
  ProgramBuilder b;
  Value* x = b.input("x", kRow);
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, kRow);
  Value* sum = b.call("aten.add.out", {{"self", arg(x)}, {"other", arg(x)}, {"out", arg(y)}}, kRow);
  b.output(y);
  b.output(sum);
  EXPECT_EQ(functional_text(b.program),
            "%add_1: f32[3] = aten.add.Tensor(self=%x, other=%x)\n"
            "outputs %add_1 %add_1\n");
}

TEST(Functionalise, RefusesCallsOfWhichOnlyTheUnderscoreIsKnown) {
  ProgramBuilder b;
  Value* x = b.input("x", kRow);
  b.call("mylib.scale_.default", {{"self", arg(x)}}, kRow);
  b.output(x);
  EXPECT_EQ(
      refusal(b.program),
      "mylib.scale_.default (model.py:7): an operator that is not PyTorch's own and seems to write to its "
      "arguments");
}

TEST(Functionalise, TakesShapesThatChangeInPlaceAsViews) {
  ProgramBuilder b;
  Value* x = b.input("x", kMatrix);
  Value* y = b.call("aten.clone.default", {{"self", arg(x)}}, kMatrix);
  Value* row = b.call("aten.select.int", {{"self", arg(y)}, {"dim", arg(0)}, {"index", arg(0)}}, kRow);
  Value* t = b.call("aten.t_.default", {{"self", arg(y)}}, meta(kFloat, {3, 2}, {1, 3}));
  b.call("aten.neg_.default", {{"self", arg(row)}}, kRow);
  b.output(t);
  EXPECT_EQ(functional_text(b.program),
            "%clone: f32[2,3] = aten.clone.default(self=%x)\n"
            "%select: f32[3] = aten.select.int(self=%clone, dim=0, index=0)\n"
            "%neg: f32[3] = aten.neg.default(self=%select)\n"
            "%select_scatter: f32[2,3] = aten.select_scatter.default(self=%clone, src=%neg, dim=0, index=0)\n"
            "%t_: f32[3,2] = aten.permute.default(self=%select_scatter, dims=[1, 0])\n"
            "outputs %t_\n");
}

TEST(Functionalise, RemovesWhatNobodyUsesButNotAssertions) {
  ProgramBuilder b;
  Value* x = b.input("x", kRow);
  b.call("aten.exp.default", {{"self", arg(x)}}, kRow);
  Value* any = b.call("aten.any.default", {{"self", arg(x)}}, meta(DataType::kBool, {}));
  b.call("aten._assert_async.msg", {{"self", arg(any)}}, std::vector<TensorMeta>{});
  const auto largest = b.call("aten.max.dim", {{"self", arg(x)}, {"dim", arg(0)}},
                              std::vector{meta(kFloat, {}), meta(DataType::kInt64, {})});
  b.output(largest[0]);
  EXPECT_EQ(functional_text(b.program),
            "%any: bool[] = aten.any.default(self=%x)\n"
            " = aten._assert_async.msg(self=%any)\n"
            "%max: f32[], _ = aten.max.dim(self=%x, dim=0)\n"
            "outputs %max\n");
}

}  // namespace
}  // namespace slipway::torch::ir
