// What is said of a model without running it, and how fast it is said to run.
#include "workbench/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/error_from.hpp"
#include "base/scratch_folder.hpp"
#include "onnx/write_model.hpp"
#include "workbench/bench.hpp"

namespace slipway::workbench {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::filesystem::path srcnn() {
  return std::filesystem::path(SLIPWAY_SOURCE_DIR) / "models/srcnn/srcnn_x3.onnx";
}

// Multiply-adds of the three convolutions (9x9 to 64, 1x1 to 32, 5x5 to 3), two operations each, on an
// enlarged picture, biases apart.
constexpr double kPerPixel = 2.0 * (81 * 3 * 64 + 64 * 32 + 25 * 32 * 3);

TEST(Inspect, Srcnn) {
  const Report report = inspect(srcnn(), {{"", {1, 3, 10, 20}}});
  EXPECT_EQ(report.file_bytes, std::filesystem::file_size(srcnn()));
  EXPECT_THAT(report.operators, ::testing::Contains(Pair("Conv", 3)));
  ASSERT_EQ(report.inputs.size(), 1U);
  EXPECT_EQ(report.weights.at(DataType::kFloat).elements,
            81 * 3 * 64 + 64 + 64 * 32 + 32 + 25 * 32 * 3 + 3 + 4);
  EXPECT_TRUE(report.pipeline);
  ASSERT_TRUE(report.flops) << report.flops_note;
  // The Resize and the activations are few beside the convolutions.
  EXPECT_GE(*report.flops, kPerPixel * 30 * 60);
  EXPECT_LT(*report.flops, 1.02 * kPerPixel * 30 * 60);
}

TEST(Inspect, WithoutSizesTheNoteSaysWhy) {
  Model model;
  model.opset_imports.set("", kNewestOpset);
  Value* x = model.graph->add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4}));
  Value* w = model.graph->add_initializer("w", Tensor(DataType::kFloat, {4, 5}));
  model.graph->add_output(model.graph->add_node("MatMul", {x, w}, 1, "", "product")->output(0));
  const ScratchFolder folder;
  write_model(model, folder.path() / "m.onnx");
  const Report open = inspect(folder.path() / "m.onnx");
  EXPECT_FALSE(open.flops);
  EXPECT_THAT(open.flops_note, HasSubstr("'product'"));
  const Report known = inspect(folder.path() / "m.onnx", {{"x", {3, 4}}});
  EXPECT_EQ(known.flops, 2.0 * 3 * 4 * 5);
  EXPECT_EQ(known.all_weights.bytes, 80U);
  EXPECT_EQ(known.node_count, 1);
  EXPECT_THAT(known.opsets, ElementsAre(Pair("", kNewestOpset)));
  EXPECT_THAT(error_from([&] { inspect(folder.path() / "m.onnx", {{"x", {3, 5}}}); }),
              AllOf(HasSubstr("m.onnx"), HasSubstr("'x'"), HasSubstr("[3,5]")));
}

TEST(Bench, TimesAreInOrderAndInputsAreNamed) {
  BenchOptions options;
  options.shapes = {{"", {1, 3, 8, 8}}};
  options.runs = 20;
  options.compile.threads = 1;
  const BenchResult result = bench(srcnn(), backends::find_backend("native"), options);
  EXPECT_EQ(result.runs, 20);
  EXPECT_GT(result.min_ms, 0);
  EXPECT_LE(result.min_ms, result.median_ms);
  EXPECT_LE(result.median_ms, result.p99_ms);
  EXPECT_EQ(result.threads, 1);
  ASSERT_EQ(result.inputs.size(), 1U);
  EXPECT_EQ(result.inputs[0].second, "f32[1,3,8,8]");
  EXPECT_GT(result.peak_rss_mb, 1);
}

TEST(Bench, SaysWhatIsMissing) {
  Model model;
  model.opset_imports.set("", kNewestOpset);
  Value* x = model.graph->add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4}));
  model.graph->add_output(model.graph->add_node("Relu", {x})->output(0));
  const ScratchFolder folder;
  write_model(model, folder.path() / "m.onnx");
  const auto error_with = [&](const BenchOptions& options) {
    return error_from([&] { bench(folder.path() / "m.onnx", backends::find_backend("native"), options); });
  };
  EXPECT_THAT(error_with({}), AllOf(HasSubstr("'x'"), HasSubstr("[n,4]"), HasSubstr("--shape x=")));
  BenchOptions unknown;
  unknown.inputs["z"] = Tensor::scalar(1.0f);
  EXPECT_THAT(error_with(unknown), HasSubstr("no input 'z'"));
}

}  // namespace
}  // namespace slipway::workbench
