#include "onnx/read_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.hpp"
#include "graph/print.hpp"
#include "graph/validate.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/write_model.hpp"

namespace slipway {
namespace {

using testing::error_of;
using testing::golden;
using ::testing::HasSubstr;
using testing::initializer;

TEST(ReadModel, Convolution) {
  const Model model = read_model(golden("conv.onnx"));
  validate(model);
  EXPECT_EQ(model.ir_version, 10);
  EXPECT_EQ(model.producer_name, "golden");
  EXPECT_EQ(model.opset_imports.version(""), 20);
  const Graph& graph = *model.graph;
  EXPECT_EQ(graph.name(), "main");
  ASSERT_EQ(graph.node_count(), 2u);
  const Node& conv = *graph.first_node();
  EXPECT_EQ(conv.name(), "conv1");
  EXPECT_TRUE(conv.is("Conv"));
  EXPECT_EQ(conv.ints_attribute("pads", {}), (std::vector<int64_t>{1, 1, 1, 1}));
  EXPECT_EQ(conv.input(0)->type().to_string(), "f32[n,1,h,w_in]");
  EXPECT_EQ(conv.output(0)->type().to_string(), "f32[...]");
  EXPECT_EQ(graph.outputs()[0]->producer(), graph.last_node());
  const auto weights = initializer(model, "w").data<float>();
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i], static_cast<float>(i));
}

TEST(ReadModel, SubgraphsSeeTheValuesAroundThem) {
  const Model model = read_model(golden("nested.onnx"));
  validate(model);
  const Node& loop = *model.graph->last_node();
  EXPECT_EQ(loop.input(1), nullptr);
  const Graph& body = **loop.find_attribute("body")->as<std::unique_ptr<Graph>>();
  const Graph& branch = **body.first_node()->find_attribute("then_branch")->as<std::unique_ptr<Graph>>();
  EXPECT_EQ(branch.parent(), &body);
  EXPECT_EQ(branch.first_node()->input(0), body.find_value("state_in"));
  EXPECT_EQ(branch.first_node()->input(1), model.graph->find_value("outer"));
}

TEST(ReadModel, FunctionsReferToTheCallersAttributes) {
  const Model model = read_model(golden("function.onnx"));
  validate(model);
  ASSERT_EQ(model.functions.size(), 1u);
  const Function& function = model.functions[0];
  EXPECT_EQ(function.domain + "." + function.name + ":" + function.overload, "com.example.Leaky:v1");
  EXPECT_EQ(function.attributes, std::vector<std::string>{"other"});
  EXPECT_EQ(*function.attribute_defaults.at(0).as<float>(), 0.25f);
  EXPECT_EQ(function.opset_imports.version(""), 20);
  const Attribute& alpha = *function.body->first_node()->find_attribute("alpha");
  EXPECT_TRUE(alpha.is_reference());
  EXPECT_EQ(alpha.parameter(), "slope");
  EXPECT_EQ(alpha.kind(), Attribute::Kind::kFloat);
  EXPECT_EQ(function.body->find_value("a")->type().to_string(), "f32[n]");
  EXPECT_EQ(model.graph->first_node()->overload(), "v1");
}

size_t places_beyond_alignment(const Tensor& tensor) {
  return reinterpret_cast<uintptr_t>(tensor.raw()) % (static_cast<size_t>(bits_of(tensor.type())) / 8);
}

TEST(ReadModel, WeightsOfAFileAreAligned) {
  const Model model = read_model(golden("conv.onnx"));
  for (const char* name : {"w", "bias", "o"})
    EXPECT_EQ(places_beyond_alignment(initializer(model, name)), 0u) << name;
}

// A longer name of the graph moves them by a byte each time.
TEST(ReadModel, LargeWeightsAreViewsWhereNobodyReadsThem) {
  const TemporaryFolder folder;
  const int64_t count = kAlwaysAligned / sizeof(float) + 1;
  size_t aligned_views = 0;
  for (size_t shift = 0; shift < 4; ++shift) {
    Model model = read_model(golden("conv.onnx"));
    model.graph->set_name(std::string(1 + shift, 'g'));
    Tensor large(DataType::kFloat, {count});
    for (int64_t i = 0; i < count; ++i) large.data<float>()[static_cast<size_t>(i)] = static_cast<float>(i);
    model.graph->add_initializer("large", large.clone());
    write_model(model, folder / "m.onnx");
    const Model as_is = read_model(folder / "m.onnx", {.align_weights = false}),
                aligned = read_model(folder / "m.onnx");
    const Tensor& view = initializer(as_is, "large");
    aligned_views += places_beyond_alignment(view) == 0;
    EXPECT_EQ(std::memcmp(view.raw(), large.raw(), large.bytes()), 0);
    EXPECT_TRUE(identical(initializer(aligned, "large"), large));
    for (const char* name : {"w", "bias", "o"})
      EXPECT_EQ(places_beyond_alignment(initializer(as_is, name)), 0u) << name;
    EXPECT_EQ(places_beyond_alignment(initializer(aligned, "large")), 0u);
  }
  EXPECT_EQ(aligned_views, 1u);
}

TEST(ReadModel, TensorsOutliveTheModelAndTheBytes) {
  Tensor kept;
  {
    std::string bytes = testing::file_bytes(golden("conv.onnx"));
    kept = initializer(read_model_bytes(testing::as_bytes(bytes)), "w");
    bytes.assign(bytes.size(), 'x');
  }
  EXPECT_EQ(kept.data<float>()[8], 8.0f);
  {
    kept = initializer(read_model(golden("conv.onnx")), "w");
  }
  EXPECT_EQ(kept.data<float>()[8], 8.0f);
}

// Each type stands in the file twice: in its typed field, and as the bytes that it means.
TEST(ReadModel, TypedFieldsAreUnpacked) {
  const Model model = read_model(golden("tensors.onnx"));
  int compared = 0;
  for (const Value* value : model.graph->initializers()) {
    const Value* raw = model.graph->find_value(value->name() + "_raw");
    if (!raw) continue;
    EXPECT_TRUE(identical(*value->initializer(), *raw->initializer())) << value->name();
    ++compared;
  }
  EXPECT_EQ(compared, kDataTypeCount - 2);  // all but undefined and string
  const auto strings = initializer(model, "string").data<Text>();
  EXPECT_THAT(strings, ::testing::ElementsAre("", "a", "\xc3\xbcn\xc3\xaf"));
  EXPECT_EQ(initializer(model, "empty").dims(), (Dims{2, 0}));
}

TEST(ReadModel, SparseInitializersBecomeDense) {
  const Model model = read_model(golden("everything.onnx"));
  const Tensor& dense = initializer(model, "s");
  EXPECT_EQ(dense.describe(), "f32[3,2]");
  EXPECT_THAT(dense.data<float>(), ::testing::ElementsAre(0, 5, 0, 0, 6, 0));
}

TEST(ReadModel, SaysWhatIsMissing) {
  EXPECT_THAT(error_of([] { read_model("/nowhere/model.onnx"); }), HasSubstr("/nowhere/model.onnx"));
  EXPECT_THAT(error_of([] { read_model_bytes({}); }), HasSubstr("no graph"));
  const std::string picture = "\x89PNG\r\n\x1a\n and more";
  EXPECT_NE(error_of([&] { read_model_bytes(testing::as_bytes(picture)); }), "");
}

}  // namespace
}  // namespace slipway
