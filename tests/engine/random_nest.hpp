// Random models of nested If, Loop, Scan and SequenceMap, whose bodies read what is around them. All
// arithmetic is exact or done in one order, so that an engine must give the interpreter's very bits.
#pragma once

#include "engine/random_model.hpp"

namespace slipway::engine {

class NestMaker {
 public:
  explicit NestMaker(unsigned seed) : random_(seed) {
    Graph& graph = maker.graph();
    vectors_ = {graph.add_input("x", Type::tensor(DataType::kFloat, Shape{3})),
                graph.add_input("y", Type::tensor(DataType::kFloat, Shape{3}))};
    count_ = graph.add_input("n", Type::tensor(DataType::kInt64, Shape{}));
    for (int i = 0; i < 3; ++i) vectors_.push_back(statement(graph, vectors_, 3));
    for (int i = 0; i < 2; ++i) graph.add_output(copy_of(graph, vectors_[vectors_.size() - 1 - size_t(i)]));
  }

  GraphMaker maker;

 private:
  using Values = std::vector<Value*>;

  size_t any(size_t count) { return random_() % count; }
  Value* any_of(const Values& values) { return values[any(values.size())]; }

  static Value* node(Graph& graph, const char* op_type, Values inputs) {
    return graph.add_node(op_type, std::move(inputs))->output(0);
  }
  // Graphs inside must not call anything as those around do.
  static Value* parameter(Graph& body, const char* name, Type type) {
    return body.add_input(body.unused_name(name), std::move(type));
  }
  static Value* copy_of(Graph& graph, Value* value) { return node(graph, "Identity", {value}); }
  template <typename T>
  static Value* constant(Graph& graph, Dims dims, std::vector<T> values) {
    return graph.add_initializer(graph.unused_name("c"), Tensor::from<T>(std::move(dims), values));
  }
  static Value* number(Graph& graph, int64_t value) { return constant<int64_t>(graph, {}, {value}); }

  // Something that makes one more vector of the vectors in scope.
  Value* statement(Graph& graph, const Values& scope, int depth) {
    switch (depth == 0 ? 0 : any(7)) {
      case 1:
        return choice(graph, scope, depth);
      case 2:
      case 3:
        return loop(graph, scope, depth);
      case 4:
        return scan(graph, scope, depth);
      case 5:
        return growth(graph, scope, depth);
      case 6:
        return sequence(graph, scope, depth);
      default:
        return arithmetic(graph, scope);
    }
  }

  Value* arithmetic(Graph& graph, const Values& scope) {
    static constexpr const char* kOperators[] = {"Add", "Sub", "Max", "Min", "Neg", "Relu"};
    const char* op_type = kOperators[any(6)];
    Values inputs{any_of(scope)};
    if (any(2) == 0) inputs[0] = node(graph, "Mul", {inputs[0], constant<float>(graph, {}, {0.25f})});
    if (std::string(op_type).size() == 3 && std::string(op_type) != "Neg") inputs.push_back(any_of(scope));
    return node(graph, op_type, inputs);
  }

  Value* condition(Graph& graph, const Values& scope) {
    Value* first = node(graph, "Gather", {any_of(scope), number(graph, int64_t(any(3)))});
    return node(graph, "Less", {first, constant<float>(graph, {}, {0.1f})});
  }

  // Statements of a body; what it may hand on.
  Values statements(Graph& body, Values scope, int depth) {
    const size_t count = 1 + any(3);
    for (size_t i = 0; i < count; ++i) scope.push_back(statement(body, scope, depth - 1));
    return scope;
  }

  std::unique_ptr<Graph> body_of(Node* owner, const char* name) {
    auto body = std::make_unique<Graph>(name, owner);
    return body;
  }

  Value* choice(Graph& graph, const Values& scope, int depth) {
    Node* made = graph.add_node("If", {condition(graph, scope)});
    for (const char* name : {"then_branch", "else_branch"}) {
      auto body = body_of(made, name);
      body->add_output(any_of(statements(*body, scope, depth)));  // perhaps one from outside
      made->set_attribute(name, std::move(body));
    }
    return made->output(0);
  }

  Value* trip_count(Graph& graph) { return any(2) == 0 ? count_ : number(graph, int64_t(any(4))); }

  // Vectors that a loop carries, perhaps handed from one to the other, and rows that it collects.
  Value* loop(Graph& graph, const Values& scope, int depth) {
    const size_t carried = 1 + any(3);
    const bool watched = any(2) == 0, collects = any(2) == 0;
    Values inputs{trip_count(graph),
                  watched ? graph.add_initializer(graph.unused_name("c"), Tensor::scalar(true)) : nullptr};
    for (size_t i = 0; i < carried; ++i) inputs.push_back(any_of(scope));
    Node* made = graph.add_node("Loop", inputs, carried + (collects ? 1 : 0));
    auto body = body_of(made, "body");
    Value* round = parameter(*body, "round", Type::tensor(DataType::kInt64, Shape{}));
    Value* going = parameter(*body, "going", Type::tensor(DataType::kBool, Shape{}));
    Values inside = scope;
    for (size_t i = 0; i < carried; ++i) inside.push_back(parameter(*body, "v", {}));
    inside.push_back(node(*body, "Add", {inside.back(), cast(*body, round)}));
    inside = statements(*body, inside, depth);
    body->add_output(watched && any(2) == 0 ? condition(*body, inside) : copy_of(*body, going));
    for (size_t i = 0; i < carried + (collects ? 1 : 0); ++i) body->add_output(any_of(inside));
    // What the rows are when there is none.
    body->outputs().back()->set_type(Type::tensor(DataType::kFloat, Shape{3}));
    made->set_attribute("body", std::move(body));
    Value* result = made->output(any(carried));
    return collects ? node(graph, "Max", {result, largest_row(graph, made->output(carried), scope)}) : result;
  }

  static Value* cast(Graph& graph, Value* value) {
    Node* made = graph.add_node("Cast", {value});
    made->set_attribute("to", int64_t{1});
    return made->output(0);
  }

  // The largest of rows [?, 3] and one more, so that there is one.
  Value* largest_row(Graph& graph, Value* rows, const Values& scope) {
    Value* one = node(graph, "Unsqueeze", {any_of(scope), constant<int64_t>(graph, {1}, {0})});
    Node* all = graph.add_node("Concat", {one, rows});
    all->set_attribute("axis", int64_t{0});
    Node* largest = graph.add_node("ReduceMax", {all->output(0), constant<int64_t>(graph, {1}, {0})});
    largest->set_attribute("keepdims", int64_t{0});
    return largest->output(0);
  }

  Value* scan(Graph& graph, const Values& scope, int depth) {
    Value* table =
        node(graph, "Expand", {any_of(scope), constant<int64_t>(graph, {2}, {int64_t(1 + any(4)), 3})});
    Node* made = graph.add_node("Scan", {any_of(scope), table}, 2);
    made->set_attribute("num_scan_inputs", int64_t{1});
    if (any(2) == 0) made->set_attribute("scan_input_directions", std::vector<int64_t>{1});
    if (any(2) == 0) made->set_attribute("scan_output_directions", std::vector<int64_t>{1});
    const int64_t axis = int64_t(any(2));
    made->set_attribute("scan_output_axes", std::vector<int64_t>{axis});
    auto body = body_of(made, "body");
    Values inside = scope;
    inside.push_back(parameter(*body, "state", {}));
    inside.push_back(parameter(*body, "position", {}));
    inside.push_back(node(*body, "Add", {inside[inside.size() - 2], inside.back()}));
    inside = statements(*body, inside, depth);
    for (int i = 0; i < 2; ++i) body->add_output(any_of(inside));
    made->set_attribute("body", std::move(body));
    Value* rows = made->output(1);
    if (axis == 1) rows = node(graph, "Transpose", {rows});
    return node(graph, "Add", {made->output(0), largest_row(graph, rows, scope)});
  }

  // A value that is longer after each round.
  Value* growth(Graph& graph, const Values& scope, int depth) {
    Value* start = node(graph, "Unsqueeze", {any_of(scope), constant<int64_t>(graph, {1}, {0})});
    Node* made = graph.add_node("Loop", {trip_count(graph), nullptr, start});
    auto body = body_of(made, "body");
    parameter(*body, "round", {});
    Value* going = parameter(*body, "going", {});
    Value* rows = parameter(*body, "rows", {});
    Values inside = scope;
    inside.push_back(largest_row(*body, rows, scope));
    inside = statements(*body, inside, depth);
    Value* next = node(*body, "Unsqueeze", {any_of(inside), constant<int64_t>(*body, {1}, {0})});
    Node* longer = body->add_node("Concat", {rows, next});
    longer->set_attribute("axis", int64_t{0});
    body->add_output(copy_of(*body, going));
    body->add_output(longer->output(0));
    made->set_attribute("body", std::move(body));
    return largest_row(graph, made->output(0), scope);
  }

  // A sequence that a loop fills, and a map over it.
  Value* sequence(Graph& graph, const Values& scope, int depth) {
    Node* made = graph.add_node(
        "Loop", {trip_count(graph), nullptr, node(graph, "SequenceConstruct", {any_of(scope)})});
    auto body = body_of(made, "body");
    parameter(*body, "round", {});
    Value* going = parameter(*body, "going", {});
    Value* list = parameter(*body, "list", {});
    const Values inside = statements(*body, scope, depth);
    Values insertion{list, any_of(inside)};
    if (any(2) == 0) insertion.push_back(number(*body, 0));
    body->add_output(copy_of(*body, going));
    body->add_output(node(*body, "SequenceInsert", insertion));
    made->set_attribute("body", std::move(body));
    Value* filled = made->output(0);
    if (any(2) == 0) {
      Node* map = graph.add_node("SequenceMap", {filled, any_of(scope)});
      auto mapped = body_of(map, "body");
      Values parameters = scope;
      for (const char* name : {"element", "other"}) parameters.push_back(parameter(*mapped, name, {}));
      mapped->add_output(any_of(statements(*mapped, parameters, depth)));
      map->set_attribute("body", std::move(mapped));
      filled = map->output(0);
    }
    Node* joined = graph.add_node("ConcatFromSequence", {filled});
    joined->set_attribute("axis", int64_t{0});
    joined->set_attribute("new_axis", int64_t{1});
    return largest_row(graph, joined->output(0), scope);
  }

  std::mt19937 random_;
  Values vectors_;
  Value* count_ = nullptr;
};

}  // namespace slipway::engine
