#include "workbench/inspect.hpp"

#include <algorithm>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "graph/inline_functions.hpp"
#include "graph/validate.hpp"
#include "passes/make_runnable.hpp"
#include "workbench/count_flops.hpp"

namespace slipway::workbench {
namespace {

class Counter {
 public:
  Counter(Report& report, const ops::Registry& operators) : report_(report), known_(operators) {}

  void count(const Graph& graph) {
    for (const Value* value : graph.initializers()) count(*value->initializer());
    for (const Node* node = graph.first_node(); node; node = node->next()) {
      ++report_.node_count;
      const std::string name =
          node->domain().empty() ? node->op_type() : node->domain() + ":" + node->op_type();
      ++operators_[name];
      const ops::Operator* definition = known_.find(node->domain(), node->op_type());
      if (definition && !definition->library.empty()) custom_[name] = definition->library;
      for (const Attribute& attribute : node->attributes()) count(attribute);
      // Validity bounds the nesting.
      for_each_subgraph(*node, [&](const Graph& body) { count(body); });
    }
  }

  void finish() {
    report_.operators.assign(operators_.begin(), operators_.end());
    report_.custom_operators.assign(custom_.begin(), custom_.end());
    std::stable_sort(report_.operators.begin(), report_.operators.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
  }

 private:
  void count(const Tensor& tensor) {
    for (WeightCount* weights : {&report_.all_weights, &report_.weights[tensor.type()]}) {
      ++weights->tensors;
      weights->elements += tensor.count();
      weights->bytes += tensor.bytes();
    }
  }
  void count(const Attribute& attribute) {
    if (const auto* constant = attribute.as<Constant>()) count(constant->tensor);
    if (const auto* constants = attribute.as<std::vector<Constant>>())
      for (const Constant& constant : *constants) count(constant.tensor);
  }

  Report& report_;
  const ops::Registry& known_;
  std::map<std::string, int64_t> operators_;
  std::map<std::string, std::string> custom_;
};

void describe(const Model& model, Report& report) {
  report.ir_version = model.ir_version;
  report.producer_name = model.producer_name;
  report.producer_version = model.producer_version;
  report.domain = model.domain;
  report.model_version = model.model_version;
  report.graph_name = model.graph->name();
  report.doc_string = model.doc_string;
  report.opsets = model.opset_imports.entries();
  report.inputs = backends::input_ports(*model.graph);
  report.outputs = backends::output_ports(*model.graph);
  report.function_count = static_cast<int64_t>(model.functions.size());
  report.metadata = model.metadata;
  if (const std::string* pipeline = model.find_metadata("slipway.pipeline")) report.pipeline = *pipeline;
}

// Changes the model: it is at the newest opset, without functions, afterwards.
void count_operations(Model& model, const ops::Registry& operators, Report& report) {
  try {
    passes::make_runnable(model, operators);
    inline_functions(model);
    report.flops = count_flops(model, report.shapes, operators);
  } catch (const Error& error) {
    report.flops_note = error.what();
  }
}

}  // namespace

Report inspect(const std::filesystem::path& path, const InputShapes& shapes, const ops::Registry& operators) {
  // Aligning weights would copy those that lie badly.
  Model model = backends::read_model_file(path, {.align_weights = false});
  Report report;
  report.path = path;
  report.file_bytes = std::filesystem::file_size(path);
  with_context([&] { return "file '" + path.string() + "'"; },
               [&] {
                 validate(model);
                 describe(model, report);
                 Counter counter(report, operators);
                 counter.count(*model.graph);
                 for (const Function& function : model.functions) counter.count(*function.body);
                 counter.finish();
                 report.shapes = choose_shapes(model, shapes);
                 count_operations(model, operators, report);
               });
  return report;
}

}  // namespace slipway::workbench
