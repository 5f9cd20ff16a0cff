// Control flow in the engine, held against the interpreter bit for bit.
#include <gmock/gmock.h>

#include <thread>

#include "base/error.hpp"
#include "engine/random_nest.hpp"
#include "graph/validate.hpp"
#include "hostile/sanitized.hpp"
#include "workbench/peak_memory.hpp"

namespace slipway::engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<RuntimeValue> interpreted(GraphMaker& maker, const std::vector<RuntimeValue>& inputs) {
  std::map<std::string, RuntimeValue, std::less<>> named;
  for (size_t i = 0; i < inputs.size(); ++i) named[maker.graph().inputs()[i]->name()] = inputs[i];
  return reference::run(*maker.model, named, ops::standard_operators());
}

Context context_of(const GraphMaker& maker, Environment& environment, bool optimize = true) {
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(*maker.model->graph);
  return Context(Model::make(std::move(copy), environment, {optimize}));
}

Tensor vector(std::vector<float> values) {
  return Tensor::from<float>({int64_t(values.size())}, values);
}

TEST(ControlFlow, RandomNestsGiveTheInterpretersBits) {
  Environment environments[] = {Environment(1), Environment(2), Environment(5)};
  // Sanitizers take fifteen times as long.
  for (unsigned seed = 0; seed < (SLIPWAY_SANITIZED ? 100 : 300); ++seed) {
    NestMaker nest(seed);
    validate(*nest.maker.model);
    Context contexts[] = {context_of(nest.maker, environments[0]), context_of(nest.maker, environments[1]),
                          context_of(nest.maker, environments[2], false)};
    // The second and the third run meet the memory of those before.
    for (int64_t count : {2, 0, 3}) {
      const std::vector<RuntimeValue> inputs{vector({1, -2, 0.5f}), vector({0.75f, 3, -1}),
                                             Tensor::scalar(count)};
      SCOPED_TRACE(fmt::format("seed {}, count {}", seed, count));
      const auto expected = interpreted(nest.maker, inputs);
      for (Context& context : contexts) {
        std::vector<RuntimeValue> got;
        try {
          got = context.run(inputs);
        } catch (const Error& error) {
          FAIL() << error.what();
        }
        for (size_t i = 0; i < expected.size(); ++i)
          ASSERT_TRUE(identical(got[i].tensor(), expected[i].tensor()));
      }
    }
  }
}

// A loop over `inputs` whose body is made by `make(body, parameters)`, which returns the body's outputs.
template <typename Make>
Node* loop(Graph& graph, std::vector<Value*> inputs, size_t outputs, Make&& make) {
  Node* made = graph.add_node("Loop", inputs, outputs);
  auto body = std::make_unique<Graph>("body", made);
  std::vector<Value*> parameters{body->add_input("round", {}), body->add_input("going", {})};
  for (size_t i = 2; i < inputs.size(); ++i) parameters.push_back(body->add_input("carried", {}));
  for (Value* output : make(*body, parameters)) body->add_output(output);
  made->set_attribute("body", std::move(body));
  return made;
}

Value* node(Graph& graph, const char* op_type, std::vector<Value*> inputs) {
  return graph.add_node(op_type, std::move(inputs))->output(0);
}

using Values = std::vector<Value*>;

TEST(ControlFlow, AMillionRoundsInConstantMemory) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* trips = graph.add_initializer("trips", Tensor::scalar<int64_t>(1'000'000));
  Value* start = graph.add_input("x", Type::tensor(DataType::kInt64, Shape{}));
  Node* made = loop(graph, {trips, nullptr, start}, 1, [](Graph& body, const Values& in) {
    return Values{in[1], node(body, "Add", {in[2], in[0]})};
  });
  graph.add_output(made->output(0));
  Environment environment(1);
  Context context = context_of(maker, environment);
  const std::vector<RuntimeValue> inputs{Tensor::scalar<int64_t>(5)};
  context.run(inputs);
  const size_t before = workbench::peak_resident_bytes();
  EXPECT_EQ(context.run(inputs)[0].tensor().data<int64_t>()[0], 5 + int64_t{999'999} * 500'000);
  EXPECT_LT(workbench::peak_resident_bytes() - before, size_t{1} << 20);
}

// Each of 100,000 elements is copied when the sequence is: 40 GB of elements, were it copied in each round.
TEST(ControlFlow, ASequenceGrowsInPlace) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* trips = graph.add_input("n", Type::tensor(DataType::kInt64, Shape{}));
  Value* empty = graph.add_node("SequenceEmpty", {})->output(0);
  empty->producer()->set_attribute("dtype", int64_t{7});
  Node* made = loop(graph, {trips, nullptr, empty}, 1, [](Graph& body, const Values& in) {
    return Values{in[1], node(body, "SequenceInsert", {in[2], in[0]})};
  });
  graph.add_output(made->output(0));
  Environment environment(1);
  Context context = context_of(maker, environment);
  const auto outputs = context.run(std::vector<RuntimeValue>{Tensor::scalar<int64_t>(100'000)});
  const Sequence& sequence = outputs[0].sequence();
  ASSERT_EQ(sequence.size(), 100'000U);
  for (size_t i = 0; i < sequence.size(); ++i)
    ASSERT_EQ(sequence[i].tensor().data<int64_t>()[0], static_cast<int64_t>(i));
}

TEST(ControlFlow, OutputsAreNobodyElses) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{3}));
  Value* relu = node(graph, "Relu", {x});
  graph.add_output(node(graph, "SequenceConstruct", {x, relu, relu}));
  graph.add_output(node(graph, "Neg", {relu}));
  Environment environment(1);
  Context context = context_of(maker, environment);
  Tensor input = vector({1, -2, 3});
  const auto first = context.run(std::vector<RuntimeValue>{input});
  input.data<float>()[0] = 7;
  const auto second = context.run(std::vector<RuntimeValue>{input});
  const Sequence& kept = first[0].sequence();
  EXPECT_TRUE(identical(kept[0].tensor(), vector({1, -2, 3})));
  EXPECT_TRUE(identical(kept[1].tensor(), vector({1, 0, 3})));
  EXPECT_NE(kept[1].tensor().raw(), kept[2].tensor().raw());
  EXPECT_TRUE(identical(second[0].sequence()[2].tensor(), vector({7, 0, 3})));
}

TEST(ControlFlow, ErrorsSayWhichBodyTheyComeFrom) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n")}));
  Value* trips = graph.add_initializer("trips", Tensor::scalar<int64_t>(3));
  Node* made = loop(graph, {trips, nullptr, x}, 1, [](Graph& body, const Values& in) {
    Node* longer = body.add_node("Concat", {in[2], in[2]});
    longer->set_attribute("axis", int64_t{0});
    Value* two = body.add_initializer("two", Tensor::from<int64_t>({1}, std::vector<int64_t>{2}));
    Node* flat = body.add_node("Reshape", {longer->output(0), two}, 1, "", "flat");
    return Values{in[1], flat->output(0)};
  });
  made->set_name("outer");
  graph.add_output(made->output(0));
  Environment environment(1);
  Context context = context_of(maker, environment);
  const auto error_of = [&](int64_t size) -> std::string {
    try {
      context.run(std::vector<RuntimeValue>{Tensor(DataType::kFloat, {size})});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error_of(1), AllOf(HasSubstr("node 'outer' (Loop): graph 'body': node 'flat' (Reshape)")));
}

TEST(ControlFlow, AnEndlessLoopCanBeCancelled) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* going = graph.add_initializer("going", Tensor::scalar<bool>(true));
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{}));
  Node* made = loop(graph, {nullptr, going, x}, 1, [](Graph& body, const Values& in) {
    return Values{node(body, "GreaterOrEqual", {node(body, "Abs", {in[2]}), in[2]}), in[2]};
  });
  graph.add_output(made->output(0));
  Environment environment(1);
  Context context = context_of(maker, environment);
  Cancellation cancellation;
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    cancellation.request();
  });
  try {
    context.run(std::vector<RuntimeValue>{Tensor::scalar(1.0f)}, cancellation);
    ADD_FAILURE() << "it ended";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCancelled);
  }
  stop.join();
}

// One plan serves all sizes of a value that grows from run to run; a number that varies is no reason for a
// new one either.
TEST(Plans, AreNotMadeForEachSizeThatVaries) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* past = graph.add_input("past", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4}));
  Value* other = graph.add_input("other", Type::tensor(DataType::kFloat, Shape{Dim::symbol("n"), 4}));
  Value* row = graph.add_input("row", Type::tensor(DataType::kFloat, Shape{1, 4}));
  Value* trips = graph.add_input("trips", Type::tensor(DataType::kInt64, Shape{}));
  Value* twice = loop(graph, {trips, nullptr, row}, 1, [](Graph& body, const Values& in) {
                   return Values{in[1], node(body, "Add", {in[2], in[2]})};
                 })->output(0);
  Node* longer = graph.add_node("Concat", {node(graph, "Sub", {past, other}), twice});
  longer->set_attribute("axis", int64_t{0});
  graph.add_output(node(graph, "Max", {longer->output(0), node(graph, "Neg", {row})}));
  Environment environment(2);
  auto copy = std::make_unique<slipway::Model>();
  copy->opset_imports = maker.model->opset_imports;
  copy->graph = clone(graph);
  const auto model = Model::make(std::move(copy), environment, {});
  Context context(model);
  std::vector<std::shared_ptr<const Plan>> plans;
  for (int64_t size = 0; size < 40; ++size) {
    std::vector<RuntimeValue> inputs;
    for (const Dims& dims : {Dims{size, 4}, Dims{size, 4}, Dims{1, 4}})
      inputs.emplace_back(random_tensor(dims, maker.random));
    inputs.emplace_back(Tensor::scalar(size % 7));
    ASSERT_TRUE(identical(context.run(inputs)[0].tensor(), interpreted(maker, inputs)[0].tensor())) << size;
    plans.push_back(model->plan_for(inputs));
  }
  for (size_t i = 20; i < plans.size(); ++i) EXPECT_EQ(plans[i], plans[19]);
}

// Nothing that a file states of a body is taken on trust by a kernel.
TEST(ControlFlow, AStatedShapeThatIsNotTrueIsAnError) {
  GraphMaker maker;
  Graph& graph = maker.graph();
  Value* x = graph.add_input("x", Type::tensor(DataType::kFloat, Shape{2}));
  Value* n = graph.add_input("n", Type::tensor(DataType::kInt64, Shape{}));
  Node* made = loop(graph, {n, nullptr, x}, 1, [](Graph& body, const Values& in) {
    Node* longer = body.add_node("Concat", {in[2], in[2]});
    longer->set_attribute("axis", int64_t{0});
    return Values{in[1], longer->output(0)};
  });
  made->output(0)->set_type(Type::tensor(DataType::kFloat, Shape{8}));
  graph.add_output(node(graph, "Neg", {made->output(0)}));
  Environment environment(1);
  Context context = context_of(maker, environment);
  const auto run = [&](int64_t count) {
    return context.run(std::vector<RuntimeValue>{vector({1, 2}), Tensor::scalar(count)});
  };
  EXPECT_TRUE(identical(run(2)[0].tensor(), vector({-1, -2, -1, -2, -1, -2, -1, -2})));
  try {
    run(1);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidModel);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("f32[4]"), HasSubstr("f32[8]")));
  }
}

}  // namespace
}  // namespace slipway::engine
