// One small test for each way in which other programs were brought down: a class of input, and the error that
// names it. Readers have tests of their own (tests/onnx, tests/image, tests/workbench, tests/base).
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <thread>

#include "engine/random_model.hpp"
#include "hostile/run_model.hpp"
#include "hostile/sandbox.hpp"
#include "onnx/proto_text.hpp"
#include "workbench/input_shapes.hpp"

namespace slipway::hostile {
namespace {

using engine::GraphMaker;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::unique_ptr<backends::Executable> compiled(Model& model, int threads = 1) {
  backends::CompileOptions options;
  options.threads = threads;
  return backends::find_backend("native").compile({"", std::make_shared<Model>(clone(model))}, options);
}

Value* with_type(GraphMaker& maker, DataType type, const Shape& shape) {
  return maker.graph().add_input("x", Type::tensor(type, shape));
}

// What running y = op(x, …) says; "no error" when it runs.
std::string error_of(GraphMaker& maker, Value* output, const std::vector<RuntimeValue>& inputs) {
  maker.graph().add_output(output);
  try {
    validate(*maker.model);
    compiled(*maker.model)->run(inputs);
  } catch (const Error& error) {
    EXPECT_NE(error.code(), ErrorCode::kInternal) << error.what();
    return error.what();
  }
  return "no error";
}

Tensor ones(const Dims& dims) {
  Tensor tensor(DataType::kFloat, dims);
  for (float& value : tensor.data<float>()) value = 1;
  return tensor;
}

Value* ints(GraphMaker& maker, const Ints& values) {
  return maker.graph().add_initializer("sizes", Tensor::from<int64_t>({int64_t(values.size())}, values));
}

TEST(DivisionByZeroFromAnAttribute, NamesTheAttribute) {
  const auto error_with = [](const char* op_type, const char* attribute, const auto& value) {
    GraphMaker maker;
    Value* x = maker.input({1, 4, 4, 4});
    std::vector<Value*> inputs = {x};
    if (std::string(op_type) == "Conv") inputs.push_back(maker.weights({4, 4, 1, 1}));
    Value* y = maker.node(op_type, inputs);
    if (std::string(op_type).ends_with("Pool")) y->producer()->set_attribute("kernel_shape", Ints{1, 1});
    y->producer()->set_attribute(attribute, value);
    return error_of(maker, y, {ones({1, 4, 4, 4})});
  };
  for (const char* op_type : {"Conv", "MaxPool", "AveragePool"})
    EXPECT_THAT(error_with(op_type, "strides", Ints{0, 1}), AllOf(HasSubstr(op_type), HasSubstr("strides")));
  for (const char* op_type : {"Conv", "MaxPool"})
    EXPECT_THAT(error_with(op_type, "dilations", Ints{1, 0}),
                AllOf(HasSubstr(op_type), HasSubstr("dilations")));
  EXPECT_THAT(error_with("MaxPool", "kernel_shape", Ints{0, 1}), HasSubstr("kernel_shape"));
  EXPECT_THAT(error_with("Conv", "group", int64_t{0}), HasSubstr("group"));
  EXPECT_THAT(error_with("DepthToSpace", "blocksize", int64_t{0}), HasSubstr("blocksize"));
  EXPECT_THAT(error_with("Softmax", "axis", int64_t{4}), HasSubstr("axis 4 is outside"));
  EXPECT_THAT(error_with("Flatten", "axis", int64_t{-6}), HasSubstr("axis"));
}

// Each asks for far more than there is, in a file of some hundred bytes.
TEST(ATinyFileThatWantsHugeMemory, NamesTheNode) {
  const Report report = run_cases(4, [](size_t index) {
    GraphMaker maker;
    Value* x = maker.input({1, 1, 4, 4});
    Value* y = nullptr;
    if (index == 0) y = maker.node("Resize", {x, nullptr, nullptr, ints(maker, {1, 1, 1'000'000'000, 1000})});
    if (index == 1) y = maker.node("Expand", {x, ints(maker, {100'000, 1'000'000, 4, 4})});
    if (index == 2) y = maker.node("ConstantOfShape", {ints(maker, {1 << 20, 1 << 20})});
    if (index == 3) y = maker.conv(x, {1, 1, 1, 1}, {1 << 30, 1 << 30, 1 << 30, 1 << 30});
    const std::string name = y->producer()->describe();
    const std::string error = error_of(maker, maker.node("Relu", {y}), {ones({1, 1, 4, 4})});
    if (error.find(name) == std::string::npos) throw Finding(name + " is not named by: " + error);
    if (workbench::peak_resident_bytes() > size_t{512} << 20) throw Finding("512 MB were touched");
    return false;
  });
  EXPECT_THAT(report.findings, ::testing::IsEmpty());
}

TEST(ALengthThatIsNotTheDatas, TwoGigabytesInAHundredBytes) {
  const std::string bytes = testing::model_with_initializer(testing::tensor_proto(1, {1 << 29}, "abcd"));
  EXPECT_LT(bytes.size(), 100U);
  EXPECT_THAT(testing::error_of([&] { read_model_bytes(testing::as_bytes(bytes)); }),
              AllOf(HasSubstr("tensor 't'"), HasSubstr("2147483648")));
}

// Kernels read as many scales as there are channels.
TEST(ALengthThatIsNotTheDatas, ScalesThatAreTooFew) {
  GraphMaker maker;
  Value* x = maker.input({1, 4, 5, 6});
  Value* y = maker.node("InstanceNormalization", {x, maker.floats({1, 1}), maker.floats({1, 1})});
  EXPECT_THAT(error_of(maker, y, {ones({1, 4, 5, 6})}), HasSubstr("InstanceNormalization"));
  GraphMaker other;
  x = other.input({1, 4, 5, 6});
  y = other.node("LRN", {x}, {{"size", std::numeric_limits<int64_t>::min()}});
  EXPECT_THAT(error_of(other, y, {ones({1, 4, 5, 6})}), HasSubstr("attribute size"));
}

// Two billion places of a window, of which thirty lie in the image.
TEST(ATinyFileThatWantsHugeMemory, AWindowFarLargerThanTheImage) {
  GraphMaker maker;
  Value* x = maker.input({1, 1, 5, 6});
  const Report report = run_cases(1, [&](size_t) {
    const int64_t huge = int64_t{1} << 31;
    Value* y =
        maker.node("AveragePool", {x}, {{"kernel_shape", Ints{huge, 6}}, {"pads", Ints{1, 0, huge - 2, 0}}});
    maker.graph().add_output(y);
    const std::vector<RuntimeValue> inputs = {ones({1, 1, 5, 6})};
    const auto outputs = compiled(*maker.model)->run(inputs);
    for (const float average : outputs[0].tensor().data<float>())
      if (average != 1.0f) throw Finding("a wrong average");
    return true;
  });
  EXPECT_THAT(report.findings, ::testing::IsEmpty());
  EXPECT_EQ(report.results, 1U);
}

// More than inputs may have that decide how a model is planned.
constexpr int64_t kMany = 100;

// Where x is not 0 it is this tensor, which inference cannot tell from the other branch.
Value* open_tensor(GraphMaker& maker, Value* x, Tensor tensor) {
  Value* largest = maker.node("ReduceMax", {x}, {{"keepdims", int64_t{0}}});
  Node* choice = maker.graph().add_node(
      "If", {maker.node("Cast", {largest}, {{"to", static_cast<int64_t>(DataType::kBool)}})});
  auto taken = std::make_unique<Graph>("taken"), other = std::make_unique<Graph>("other");
  taken->add_output(taken->add_initializer("taken", std::move(tensor)));
  Value* empty = other->add_node("Optional", {})->output(0);
  empty->producer()->set_attribute("type", Boxed<Type>(Type()));
  other->add_output(other->add_node("OptionalGetElement", {empty})->output(0));
  choice->set_attribute("then_branch", std::move(taken));
  choice->set_attribute("else_branch", std::move(other));
  return choice->output(0);
}

Tensor integers() {
  return Tensor::from<int64_t>({kMany}, Ints(kMany, 1));
}

TEST(TypesThatOnlyARunKnows, AreCheckedThen) {
  const auto error_with = [](const Tensor& tensor, const auto& make) {
    GraphMaker maker;
    Value* x = maker.input({kMany});
    Value* open = open_tensor(maker, x, tensor);
    return error_of(maker, make(maker, x, open), {ones({kMany})});
  };
  const auto sum = [](GraphMaker& maker, Value* x, Value* open) { return maker.node("Add", {x, open}); };
  EXPECT_EQ(error_with(ones({kMany}), sum), "no error");
  EXPECT_THAT(
      error_with(integers(), sum),
      AllOf(HasSubstr("(Add)"), HasSubstr("input 'B' (number 1) has elements of type i64, but input 'A'")));
  EXPECT_THAT(error_with(integers(),
                         [&](GraphMaker& maker, Value* x, Value* open) {
                           open->set_type(Type::tensor(DataType::kFloat));
                           return sum(maker, x, open);
                         }),
              HasSubstr("has elements of type i64"));
  EXPECT_THAT(error_with(integers(), [](GraphMaker& maker, Value* x,
                                        Value* open) { return maker.node("Where", {open, x, x}); }),
              HasSubstr("input 'condition' (number 0) has elements of type i64"));
  EXPECT_THAT(
      error_with(
          ones({kMany}),
          [](GraphMaker& maker, Value* x, Value* open) {
            return maker.graph().add_node("ArrayFeatureExtractor", {x, open}, 1, "ai.onnx.ml")->output(0);
          }),
      HasSubstr("has elements of type f32, but the operator expects i64"));
  EXPECT_THAT(error_with(integers(),
                         [](GraphMaker& maker, Value* x, Value* open) {
                           Value* list =
                               maker.node("SequenceInsert", {maker.node("SequenceConstruct", {x}), open});
                           return maker.node("ConcatFromSequence", {list}, {{"axis", int64_t{0}}});
                         }),
              HasSubstr("(SequenceInsert)"));
}

TEST(TypesThatOnlyARunKnows, WhatALoopMakesOfAnEmptyOptional) {
  GraphMaker maker;
  Value* x = maker.input({kMany});
  Value* rounds = maker.graph().add_initializer("rounds", Tensor::scalar<int64_t>(2));
  Value* empty = maker.node("Optional", {});
  empty->producer()->set_attribute("type", Boxed<Type>(Type()));
  Node* loop = maker.graph().add_node("Loop", {rounds, nullptr, empty});
  auto body = std::make_unique<Graph>("body");
  body->add_input("round", {});
  Value* going = body->add_input("going", {});
  body->add_input("carried", {});
  body->add_output(body->add_node("Identity", {going})->output(0));
  Value* numbers = body->add_initializer("numbers", integers());
  body->add_output(body->add_node("Identity", {numbers})->output(0));
  loop->set_attribute("body", std::move(body));
  EXPECT_THAT(error_of(maker, maker.node("Add", {x, loop->output(0)}), {ones({kMany})}),
              HasSubstr("has elements of type i64"));
}

// Functions f0 … f(count - 1), each of which calls the next; the last one calls `last`.
Model calls(size_t count, const std::string& last) {
  Model model;
  model.opset_imports.set("", kNewestOpset);
  model.opset_imports.set("d", 1);
  for (size_t i = 0; i < count; ++i) {
    Function function;
    function.domain = "d";
    function.name = "f" + std::to_string(i);
    function.opset_imports = model.opset_imports;
    function.body = std::make_unique<Graph>();
    Value* x = function.body->add_input("x", {});
    const std::string next = i + 1 < count ? "f" + std::to_string(i + 1) : last;
    function.body->add_output(function.body->add_node(next, {x}, 1, next == "Relu" ? "" : "d")->output(0));
    model.functions.push_back(std::move(function));
  }
  Value* x = model.graph->add_input("x", Type::tensor(DataType::kFloat, Shape{2}));
  model.graph->add_output(model.graph->add_node("f0", {x}, 1, "d")->output(0));
  return model;
}

TEST(Recursion, OfFunctions) {
  EXPECT_EQ(testing::error_of([] { validate(calls(60, "Relu")); }), "");
  EXPECT_THAT(testing::error_of([] { validate(calls(3000, "Relu")); }), HasSubstr("more than 64 deep"));
  EXPECT_THAT(testing::error_of([] { validate(calls(1, "f0")); }), HasSubstr("'d.f0' calls itself"));
  EXPECT_THAT(testing::error_of([] { validate(calls(3000, "f0")); }), HasSubstr("calls itself"));
  // Bodies are run as they are, so what they call must have what it needs.
  Model model = calls(1, "Relu");
  Graph& body = *model.functions[0].body;
  body.resize_inputs(body.first_node(), 0);
  EXPECT_THAT(testing::error_of([&] { compiled(model); }), AllOf(HasSubstr("Relu"), HasSubstr("is missing")));
}

TEST(MemoryThatGrowsWithEachNewShape, StaysFlat) {
  GraphMaker maker;
  const Shape open{1, 3, Dim::symbol("h"), Dim::symbol("w")};
  Value* x = with_type(maker, DataType::kFloat, open);
  maker.graph().add_output(maker.node("Relu", {maker.conv(x, {8, 3, 3, 3}, {1, 1, 1, 1})}));
  const auto executable = compiled(*maker.model);
  const auto run = [&](int64_t size) {
    const std::vector<RuntimeValue> inputs = {ones({1, 3, size, 200 - size})};
    executable->run(inputs);
  };
  for (int64_t size = 60; size < 80; ++size) run(size);
  const size_t before = workbench::peak_resident_bytes();
  for (int64_t size = 60; size < 160; ++size) run(size);
  for (int64_t size = 60; size < 160; ++size) run(size);
  // AddressSanitizer keeps what is freed for a while.
  EXPECT_LT(workbench::peak_resident_bytes() - before, size_t{SLIPWAY_SANITIZED ? 40 : 4} << 20);
}

TEST(ConcurrentRuns, GiveTheNumbersOfSerialOnes) {
  GraphMaker maker;
  const Shape open{1, 3, Dim::symbol("h"), 20};
  Value* x = with_type(maker, DataType::kFloat, open);
  x = maker.node("Relu", {maker.conv(x, {8, 3, 3, 3}, {1, 1, 1, 1})});
  maker.graph().add_output(maker.node("Softmax", {maker.conv(x, {4, 8, 1, 1})}, {{"axis", int64_t{1}}}));
  const auto executable = compiled(*maker.model, 2);
  const auto input_of = [](int64_t size) {
    return std::vector<RuntimeValue>{workbench::random_tensor(DataType::kFloat, {1, 3, 10 + size, 20}, 7)};
  };
  std::vector<Tensor> serial;
  for (int64_t size = 0; size < 4; ++size) serial.push_back(executable->run(input_of(size))[0].tensor());
  std::array<int, 4> equal{};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (size_t round = 0; round < 50; ++round) {
        const size_t size = (t + round) % 4;
        equal[t] +=
            identical(executable->run(input_of(static_cast<int64_t>(size)))[0].tensor(), serial[size]);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(equal, ::testing::Each(50));
}

// What became NaN stays so, on every path that an operator has; 17 elements, so that vectors have a rest.
TEST(DenormalsAndNaN, AreKept) {
  const auto run = [](const char* op_type, const std::vector<float>& values, bool optimize) {
    GraphMaker maker;
    Value* x = maker.input({1, 1, 1, int64_t(values.size())});
    Value* y = nullptr;
    if (op_type == std::string("MaxPool"))
      y = maker.node("MaxPool", {x}, {{"kernel_shape", Ints{1, 1}}});
    else if (op_type == std::string("Clip"))
      y = maker.node("Clip", {x, maker.graph().add_initializer("low", Tensor::scalar(-1.0f)),
                              maker.graph().add_initializer("high", Tensor::scalar(1.0f))});
    else if (op_type == std::string("Add") || op_type == std::string("Max"))
      y = maker.node(op_type, {x, x});
    else
      y = maker.node(op_type, {x});
    maker.graph().add_output(y);
    const Tensor input = Tensor::from<float>({1, 1, 1, int64_t(values.size())}, values);
    return engine::run_on_engine(maker, {input}, 1, optimize)[0].tensor();
  };
  for (const char* op_type : {"MaxPool", "Relu", "Clip", "Add", "Max", "Sigmoid", "Tanh"})
    for (const bool optimize : {true, false}) {
      const Tensor results = run(op_type, std::vector<float>(17, NAN), optimize);
      for (const float result : results.data<float>())
        EXPECT_TRUE(std::isnan(result)) << op_type << (optimize ? ", optimised" : "");
    }
  const std::vector<float> denormals(17, 0x1p-140f);
  for (const bool optimize : {true, false}) {
    const Tensor results = run("Add", denormals, optimize);
    EXPECT_THAT(results.data<float>(), ::testing::Each(0x1p-139f));
  }
}

TEST(SilentChangeOfDevice, AMissingEngineIsAnError) {
  GraphMaker maker;
  maker.graph().add_output(maker.node("Relu", {maker.input({2})}));
  backends::CompileOptions options;
  options.library = "/no/such/libonnxruntime.so";
  const auto compile = [&] {
    backends::find_backend("onnxruntime")
        .compile({"", std::make_shared<Model>(clone(*maker.model))}, options);
  };
  EXPECT_THAT(testing::error_of(compile),
              AllOf(HasSubstr("/no/such/libonnxruntime.so"), HasSubstr("install")));
  EXPECT_THAT(testing::error_of([] { backends::find_backend("cuda"); }), HasSubstr("native"));
}

// A fused activation behind a node that has no kernel of its own: doubles here.
TEST(FusedNodes, RunOneByOneWithoutAKernel) {
  GraphMaker maker;
  Value* x = with_type(maker, DataType::kDouble, {3});
  maker.graph().add_output(maker.node("Relu", {maker.node("Div", {x, x})}));
  const std::vector<RuntimeValue> inputs = {Tensor::from<double>({3}, std::vector<double>{-2, 4, 8})};
  const auto outputs = compiled(*maker.model)->run(inputs);
  EXPECT_THAT(outputs[0].tensor().data<double>(), ::testing::Each(1.0));
}

TEST(WrongInputs, AreNamedWithWhatCameAndWhatWasExpected) {
  GraphMaker maker;
  Value* a = maker.graph().add_input("a", Type::tensor(DataType::kFloat, Shape{1, 3, Dim::symbol("h")}));
  Value* b = maker.graph().add_input("b", Type::tensor(DataType::kFloat, Shape{Dim::symbol("h")}));
  maker.graph().add_output(maker.node("Add", {a, b}));
  const auto executable = compiled(*maker.model);
  const auto error_with = [&](const std::vector<RuntimeValue>& inputs) {
    return testing::error_of([&] { executable->run(inputs); });
  };
  EXPECT_EQ(error_with({ones({1, 3, 5}), ones({5})}), "");
  EXPECT_THAT(error_with({ones({1, 4, 5}), ones({5})}),
              AllOf(HasSubstr("input 'a'"), HasSubstr("axis 1 has size 4"), HasSubstr("takes 3")));
  EXPECT_THAT(
      error_with({ones({1, 3, 5}), ones({6})}),
      AllOf(HasSubstr("input 'b'"), HasSubstr("axis 0 ('h') has size 6"), HasSubstr("5"), HasSubstr("'a'")));
  EXPECT_THAT(error_with({ones({1, 3}), ones({5})}),
              AllOf(HasSubstr("'a'"), HasSubstr("rank 2"), HasSubstr("rank 3")));
  EXPECT_THAT(error_with({Tensor(DataType::kInt64, {1, 3, 5}), ones({5})}),
              AllOf(HasSubstr("'a'"), HasSubstr("i64"), HasSubstr("f32")));
  EXPECT_THAT(error_with({ones({1, 3, 5}), RuntimeValue()}), AllOf(HasSubstr("'b'"), HasSubstr("missing")));
  EXPECT_THAT(error_with({ones({1, 3, 5})}), AllOf(HasSubstr("1 inputs"), HasSubstr("'a', 'b'")));
}

// Sizes that a model's metadata excludes.
TEST(WrongInputs, AreHeldAgainstWhatTheModelSaysOfItsSizes) {
  GraphMaker maker;
  Value* a = maker.graph().add_input(
      "a", Type::tensor(DataType::kFloat, Shape{Dim::symbol("batch"), Dim::symbol("8*s"), Dim::symbol("w")}));
  maker.graph().add_output(maker.node("Relu", {a}));
  maker.model->set_metadata("slipway.sizes", "batch >= 2; 2 <= s <= 4; s*8 != w; unknown >= 7");
  const auto executable = compiled(*maker.model);
  const auto error_with = [&](const Dims& dims) {
    return testing::error_of([&] { executable->run(std::vector<RuntimeValue>{ones(dims)}); });
  };
  EXPECT_EQ(error_with({2, 16, 3}), "");
  EXPECT_THAT(error_with({1, 16, 3}), AllOf(HasSubstr("input 'a'"), HasSubstr("axis 0 ('batch') has size 1"),
                                            HasSubstr("'batch >= 2'")));
  EXPECT_THAT(error_with({2, 20, 3}), AllOf(HasSubstr("input 'a'"), HasSubstr("axis 1 has size 20"),
                                            HasSubstr("'8*s', a multiple of 8")));
  EXPECT_THAT(error_with({2, 40, 3}),
              AllOf(HasSubstr("axis 1 ('8*s') has size 40"), HasSubstr("'2 <= s <= 4'")));
  EXPECT_THAT(error_with({2, 24, 24}), AllOf(HasSubstr("axis 1 ('8*s') has size 24"), HasSubstr("'s*8 != w'"),
                                             HasSubstr("axis 2 of input 'a' ('w') has size 24")));
}

TEST(WrongInputs, ConditionsThatAreNoneAreRefused) {
  GraphMaker maker;
  maker.graph().add_output(maker.node("Relu", {with_type(maker, DataType::kFloat, {3})}));
  const auto error_of_text = [&](const std::string& text) {
    maker.model->set_metadata("slipway.sizes", text);
    return testing::error_of([&] { compiled(*maker.model); });
  };
  EXPECT_THAT(error_of_text("batch >= 2; import os"),
              AllOf(HasSubstr("slipway.sizes"), HasSubstr("'import os' is no condition")));
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "a >= 1;";
  EXPECT_THAT(error_of_text(many), HasSubstr("more than 10000 conditions"));
}

}  // namespace
}  // namespace slipway::hostile
