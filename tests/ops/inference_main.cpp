// Holds inference against what comes out: runs test cases of the standard's form and compares every
// value that it makes with what was inferred of it, from the inputs' declared types and from symbols.
//
//   slipway_inference DIR…
//
// Prints a line of JSON for each case: what disagrees, and the types that were inferred without looking at
// what the model states of its values.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <list>
#include <nlohmann/json.hpp>

#include "backends/model_source.hpp"
#include "backends/native/native_backend.hpp"
#include "base/error.hpp"
#include "onnx/opset/bring_to_newest.hpp"
#include "ops/graph_inference.hpp"
#include "ops/registry.hpp"
#include "reference/interpreter.hpp"
#include "workbench/run_tests.hpp"
#include "workbench/test_case.hpp"

namespace slipway {
namespace {

using Symbols = std::map<std::string, int64_t, std::less<>>;
using Inputs = std::map<std::string, RuntimeValue, std::less<>>;

// One way to infer: the types of the graph's inputs, and the sizes that their symbols stand for.
class Inference {
 public:
  Inference(std::string name, const Model& model)
      : name_(std::move(name)), walk_(ops::standard_operators(), model.functions) {}

  const std::string& name() const { return name_; }
  const ops::GraphInference& walk() const { return walk_; }

  // Symbols of the file's own are bound by what is fed in.
  void start_declared(const Value& input, const RuntimeValue& fed) {
    if (!fed.is_tensor() || !input.type().shape()) return;
    const Shape& shape = *input.type().shape();
    for (size_t axis = 0; axis < std::min(shape.size(), fed.tensor().rank()); ++axis)
      if (shape[axis].is_symbolic()) symbols_[shape[axis].text()] = fed.tensor().dim(axis);
  }

  // A symbol for each size; one for all equal sizes, or each its own.
  void start_symbolic(const Value& input, const RuntimeValue& fed, bool shared) {
    if (!fed.is_tensor() || !input.type().is_tensor()) return;
    Shape shape;
    for (size_t axis = 0; axis < fed.tensor().rank(); ++axis) {
      const int64_t size = fed.tensor().dim(axis);
      const std::string symbol = shared ? fmt::format("n{}", size) : fmt::format("s{}", symbols_.size());
      symbols_[symbol] = size;
      shape.push_back(Dim::symbol(symbol));
    }
    walk_.replace_type(input, Type::tensor(fed.tensor().type(), std::move(shape)));
  }

  void infer(const Graph& graph) { walk_.infer(graph); }

  // What disagrees between what is known of a value and what it turned out to be; "" where nothing does.
  std::string disagreement(const Value& value, const RuntimeValue& made) const {
    if (!agrees(walk_.type(&value), made)) return "inferred was " + walk_.type(&value).to_string();
    if (!made.is_tensor()) return "";
    const Tensor& tensor = made.tensor();
    const Tensor* constant = walk_.constant(&value);
    if (constant && value.constant() == nullptr && !identical(*constant, tensor))
      return "another constant was inferred";
    return elements_agree(value, tensor) ? "" : "other elements were inferred";
  }

 private:
  bool agrees(const Type& type, const RuntimeValue& made) const {
    switch (type.kind()) {
      case Type::Kind::kNone:
        return true;
      case Type::Kind::kOptional:
        return !made.has_value() || agrees(type.inner(), made);
      case Type::Kind::kSequence:
        if (!made.is_sequence()) return false;
        return std::all_of(made.sequence().begin(), made.sequence().end(),
                           [&](const RuntimeValue& one) { return agrees(type.inner(), one); });
      case Type::Kind::kTensor:
        return made.is_tensor() && agrees(type, made.tensor());
      default:
        return true;
    }
  }

  bool agrees(const Type& type, const Tensor& made) const {
    if (type.element_type() != DataType::kUndefined && type.element_type() != made.type()) return false;
    if (!type.shape()) return true;
    if (type.shape()->size() != made.rank()) return false;
    for (size_t axis = 0; axis < made.rank(); ++axis) {
      const Dim size = (*type.shape())[axis].substitute(symbols_);
      if (size.is_known() && size.value() != made.dim(axis)) return false;
    }
    return true;
  }

  bool elements_agree(const Value& value, const Tensor& made) const {
    const auto elements = walk_.elements(&value);
    if (!elements || (made.type() != DataType::kInt64 && made.type() != DataType::kInt32)) return true;
    const std::vector<int64_t> actual = ops::read_integers(made, "a list");
    if (actual.size() != elements->size()) return false;
    for (size_t i = 0; i < actual.size(); ++i) {
      const Dim element = (*elements)[i].substitute(symbols_);
      if (element.is_known() && element.value() != actual[i]) return false;
    }
    return true;
  }

  std::string name_;
  ops::GraphInference walk_;
  Symbols symbols_;
};

// What a file states of values that nodes make, in all graphs.
void forget_stated_types(Graph& graph) {
  for (Node* node = graph.first_node(); node; node = node->next()) {
    for (Value* output : node->outputs())
      if (output) output->set_type({});
    for_each_subgraph(*node, [](Graph& body) { forget_stated_types(body); });
  }
}

bool has_bodies(const Graph& graph) {
  bool found = false;
  for (const Node* node = graph.first_node(); node; node = node->next())
    for_each_subgraph(*node, [&](const Graph&) { found = true; });
  return found;
}

using Observe = std::function<void(const Value&, const RuntimeValue&)>;

// Every value by the engine, as an output of the model: for networks that the interpreter is too slow for.
void run_on_engine(const Model& model, const std::vector<RuntimeValue>& inputs, const Observe& observe) {
  auto exposed = std::make_shared<Model>(clone(model));
  std::vector<const Value*> values;
  for (const Node* node = model.graph->first_node(); node; node = node->next())
    for (const Value* output : node->outputs())
      if (output) values.push_back(output);
  const size_t shown = model.graph->outputs().size();
  for (const Value* value : values) exposed->graph->add_output(exposed->graph->find_value(value->name()));
  const auto outputs = backends::native_backend().compile({"", exposed}, {})->run(inputs);
  for (size_t i = 0; i < values.size(); ++i) observe(*values[i], outputs[shown + i]);
}

reference::InterpreterOptions options_with(const Observe& observe) {
  reference::InterpreterOptions options;
  options.observe = observe;
  return options;
}

class CaseCheck {
 public:
  explicit CaseCheck(const workbench::TestCase& test) : test_(test) {
    report_ = {{"name", test.name}, {"wrong", nlohmann::json::array()}, {"types", nlohmann::json::object()}};
  }

  nlohmann::json report() {
    const backends::ModelSource source = backends::open_model(test_.model);
    const auto executable = backends::native_backend().compile(source, {});
    Model stated = clone(*source.model);
    bring_to_newest(stated);
    Model bare = clone(stated);
    forget_stated_types(*bare.graph);
    for (const workbench::TestDataSet& data : test_.data_sets) {
      const auto values = workbench::read_test_inputs(test_, data, executable->inputs());
      check(stated, values, {"stated"});
      check(bare, values, {"declared inputs", "symbols", "shared symbols"});
    }
    return std::move(report_);
  }

 private:
  void check(const Model& model, const std::vector<RuntimeValue>& values,
             const std::vector<std::string>& ways) {
    Inputs inputs;
    std::vector<const Value*> fed;
    for (const Value* input : model.graph->inputs())
      if (fed.size() < values.size()) {
        const RuntimeValue& value = values[fed.size()];
        if (value.has_value() || !input->initializer()) inputs[input->name()] = value;
        fed.push_back(input);
      }
    std::list<Inference> inferences;
    for (const std::string& way : ways) {
      Inference& one = inferences.emplace_back(way, model);
      for (size_t i = 0; i < fed.size(); ++i) {
        if (way == "stated" || way == "declared inputs")
          one.start_declared(*fed[i], values[i]);
        else
          one.start_symbolic(*fed[i], values[i], way == "shared symbols");
      }
      try {
        one.infer(*model.graph);
      } catch (const Error& error) {
        complain(way, "", error.what());
        inferences.pop_back();
      }
    }
    const Observe observe = [&](const Value& value, const RuntimeValue& made) {
      for (const Inference& one : inferences)
        if (const std::string found = one.disagreement(value, made); !found.empty())
          complain(one.name(), value.name(),
                   found + ", came out " + (made.is_tensor() ? made.tensor().describe() : "no tensor"));
    };
    if (test_.counts_up && !has_bodies(*model.graph))
      run_on_engine(model, values, observe);
    else
      reference::run(model, inputs, ops::standard_operators(), options_with(observe));
    for (const Inference& one : inferences)
      if (one.name() == "declared inputs") list_types(*model.graph, one.walk());
  }

  void list_types(const Graph& graph, const ops::GraphInference& walk) {
    for (const Node* node = graph.first_node(); node; node = node->next())
      for (const Value* output : node->outputs())
        if (output) report_["types"][output->name()] = describe(*node, walk.type(output));
  }

  static nlohmann::json describe(const Node& node, const Type& type) {
    nlohmann::json entry = {{"operator", node.op_type()},
                            {"kind", static_cast<int>(type.kind())},
                            {"element", static_cast<int>(type.element_type())},
                            {"shape", nullptr}};
    if (!type.shape()) return entry;
    entry["shape"] = nlohmann::json::array();
    for (const Dim& dim : *type.shape()) {
      entry["shape"].push_back(nullptr);
      if (dim.is_known()) entry["shape"].back() = dim.value();
      if (dim.is_symbolic()) entry["shape"].back() = dim.to_string();
    }
    return entry;
  }

  void complain(const std::string& way, const std::string& value, const std::string& what) {
    report_["wrong"].push_back(way + ": '" + value + "': " + what);
  }

  const workbench::TestCase& test_;
  nlohmann::json report_;
};

void check(const workbench::TestCase& test) {
  nlohmann::json report;
  try {
    report = CaseCheck(test).report();
  } catch (const std::exception& error) {
    report = {{"name", test.name}, {"failed", error.what()}};
  }
  fmt::print("{}\n", report.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

}  // namespace
}  // namespace slipway

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    for (const auto& test : slipway::workbench::find_test_cases(argv[i])) slipway::check(test);
  return 0;
}
