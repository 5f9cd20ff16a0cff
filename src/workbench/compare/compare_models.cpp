#include "workbench/compare/compare_models.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "workbench/compare/draws.hpp"
#include "workbench/compare/node_differences.hpp"
#include "workbench/compare/segments.hpp"
#include "workbench/compare/walk.hpp"

namespace slipway::workbench {
namespace {

std::vector<RuntimeValue> inputs_of_a(const Side& side, const CompareOptions& options) {
  const Model& model = *side.source.model;
  const auto ports = backends::input_ports(*model.graph);
  const auto given = read_inputs(ports, options.files);
  InputValues named = options.values;
  for (size_t i = 0; i < ports.size(); ++i)
    if (given[i].has_value()) named[ports[i].name] = given[i];
  return make_inputs(model, ports, options.shapes, named, options.seed);
}

size_t place_in(const std::vector<Value*>& values, const Value* value) {
  return static_cast<size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

// The same inputs as B takes them: in its order and precision.
std::vector<RuntimeValue> inputs_of_b(const Graph& a, const Graph& b, const Ends& ends,
                                      const std::vector<RuntimeValue>& of_a) {
  std::vector<RuntimeValue> inputs(b.inputs().size());
  for (const auto& [from, to] : ends.inputs) {
    const RuntimeValue& value = of_a[place_in(a.inputs(), from)];
    const DataType type = to->type().is_tensor() ? to->type().element_type() : DataType::kUndefined;
    const bool cast = value.is_tensor() && is_floating_point(type) && value.tensor().type() != type;
    inputs[place_in(b.inputs(), to)] = cast ? RuntimeValue(ops::cast_elements(value.tensor(), type)) : value;
  }
  return inputs;
}

template <typename Body>
auto on_side(const char* name, const Side& side, Body&& body) {
  return with_context(
      [&] { return fmt::format("model {} ('{}', {})", name, side.name, side.backend->name()); }, body);
}

OpenedModel open(const char* name, const Side& side, std::vector<RuntimeValue> inputs) {
  return on_side(name, side, [&] {
    return OpenedModel(*side.source.model, *side.backend, side.compile, std::move(inputs));
  });
}

std::string describe(const RuntimeValue& value) {
  return value.is_tensor() ? value.tensor().describe() : value.kind_name();
}

// Where nobody stated a tolerance, that of the coarsest type that either model computes in: what went through
// halves once is no better afterwards.
Tolerance resolved(Tolerance tolerance, const OpenedModel& a, const OpenedModel& b) {
  if (tolerance.relative) return tolerance;
  tolerance.relative = default_relative(DataType::kFloat);
  for (const OpenedModel* model : {&a, &b})
    for (const Node* node = model->graph().first_node(); node; node = node->next())
      for (const Value* output : node->outputs())
        if (output && model->type_of(*output).is_tensor())
          tolerance.relative =
              std::max(*tolerance.relative, default_relative(model->type_of(*output).element_type()));
  return tolerance;
}

// How the matches of a walk read: names, and model against model.
class Reporter {
 public:
  Reporter(const OpenedModel& a, const OpenedModel& b, Activations& of_a, size_t memory,
           const Tolerance& tolerance)
      : a_(a), b_(b), of_a_(of_a), of_b_(b, memory), tolerance_(tolerance) {}

  Comparison report(const std::vector<Match>& matches) {
    for (const Match& match : matches) {
      known_a_.insert(match.a);
      known_b_.insert(match.b);
      counterpart_[match.b] = match.a;
    }
    result_.draws = draws_random_numbers(a_.graph(), a_.options().known_operators()) ||
                    draws_random_numbers(b_.graph(), b_.options().known_operators());
    for (const Match& match : matches) add(match);
    result_.nodes_a = a_.graph().node_count();
    result_.nodes_b = b_.graph().node_count();
    result_.matched_a = nodes_of(known_a_);
    result_.matched_b = nodes_of(known_b_);
    return std::move(result_);
  }

 private:
  static size_t nodes_of(const std::unordered_set<const Value*>& values) {
    std::unordered_set<const Node*> nodes;
    for (const Value* value : values) nodes.insert(value->producer());
    return nodes.size();
  }

  void add(const Match& match) {
    const RuntimeValue of_a = of_a_.at(*match.a);
    ComparedValue value{match.a->name(),
                        match.b->name(),
                        match.a->producer()->describe(),
                        match.b->producer()->describe(),
                        describe(of_a),
                        match.b->is_graph_output(),
                        match.own,
                        std::nullopt};
    if (!result_.draws) value.accumulated = accumulated(*match.b, of_a);
    result_.values.push_back(std::move(value));
    if ((match.own && match.own->exceeds) || !match.failure.empty()) blame(match);
  }

  std::optional<Deviation> accumulated(const Value& b, const RuntimeValue& of_a) {
    if (!result_.failure.empty()) return std::nullopt;
    try {
      return measure(of_a, of_b_.at(b), tolerance_);
    } catch (const Error& error) {
      result_.failure = error.what();
      return std::nullopt;
    }
  }

  void blame(const Match& match) {
    Segment in_a = segments_a_.before(*match.a), in_b = segments_b_.before(*match.b);
    const bool added = std::any_of(in_b.from.begin(), in_b.from.end(), [&](const Value* value) {
      const auto found = counterpart_.find(value);
      return found != counterpart_.end() && found->second == match.a;
    });
    if (added) in_a = {{}, {match.a}};  // B does something more to the counterpart
    Fault fault;
    fault.value = result_.values.size() - 1;
    fault.failure = match.failure;
    for (const Value* value : in_a.from) fault.from.push_back(value->name());
    leave_out_equal_ends(in_a.nodes, in_b.nodes);
    if (in_a.nodes.size() == 1 && in_b.nodes.size() == 1) {
      if (!blamed_.insert(in_b.nodes[0]).second) return;  // another output of the same node
      fault.differences = node_differences(*in_a.nodes[0], *in_b.nodes[0]);
      add_other_reads(*in_a.nodes[0], *in_b.nodes[0], fault.differences);
    }
    fault.nodes_a = descriptions(in_a.nodes);
    fault.nodes_b = descriptions(in_b.nodes);
    result_.faults.push_back(std::move(fault));
  }

  // Where one side has more nodes than the other, the last ones may be the same: then it is what they read
  // that differs.
  static void leave_out_equal_ends(std::vector<const Node*>& a, std::vector<const Node*>& b) {
    while (!a.empty() && !b.empty() && a.size() + b.size() > 2 &&
           node_differences(*a.back(), *b.back()).empty()) {
      a.pop_back();
      b.pop_back();
    }
  }

  // Where B's node reads the counterpart of another value than A's.
  void add_other_reads(const Node& a, const Node& b, std::vector<std::string>& differences) const {
    for (size_t i = 0; i < std::min(a.inputs().size(), b.inputs().size()); ++i) {
      const auto found = counterpart_.find(b.input(i));
      if (found == counterpart_.end() || !a.input(i) || found->second == a.input(i)) continue;
      differences.push_back(fmt::format("input {}: '{}' in A, '{}' in B, which is '{}' of A", i,
                                        a.input(i)->name(), b.input(i)->name(), found->second->name()));
    }
  }

  static std::vector<std::string> descriptions(const std::vector<const Node*>& nodes) {
    std::vector<std::string> texts;
    for (const Node* node : nodes) texts.push_back(node->describe());
    return texts;
  }

  const OpenedModel &a_, &b_;
  Activations& of_a_;
  Activations of_b_;
  Tolerance tolerance_;
  std::unordered_set<const Value*> known_a_, known_b_;
  Segments segments_a_{a_.graph(), known_a_}, segments_b_{b_.graph(), known_b_};
  std::unordered_map<const Value*, const Value*> counterpart_;  // of B's values
  std::unordered_set<const Node*> blamed_;
  Comparison result_;
};

// By the value's name.
std::map<std::string, RuntimeValue> optimized_outputs(const Side& side, const OpenedModel& opened) {
  const auto executable = side.backend->compile(side.source, side.compile);
  auto values = executable->run(opened.inputs_for(*executable));
  std::map<std::string, RuntimeValue> outputs;
  for (size_t i = 0; i < values.size(); ++i) outputs[executable->outputs()[i].name] = std::move(values[i]);
  return outputs;
}

void compare_optimized(const Side& a, const Side& b, const OpenedModel& of_a, const OpenedModel& of_b,
                       const Ends& ends, Activations& plain, const Tolerance& tolerance, Comparison& result) {
  const auto outputs_a = optimized_outputs(a, of_a);
  std::map<std::string, RuntimeValue> outputs_b;
  try {
    if (result.failure.empty()) outputs_b = optimized_outputs(b, of_b);
  } catch (const Error& error) {
    result.failure = error.what();
  }
  for (const auto& [value_a, value_b] : ends.outputs) {
    if (!value_a->producer()) continue;
    const RuntimeValue expected = plain.at(*value_a);
    const auto against = [&](const auto& outputs, const Value& value) -> std::optional<Deviation> {
      const auto found = outputs.find(value.name());
      if (found == outputs.end()) return std::nullopt;
      return measure(expected, found->second, tolerance);
    };
    result.optimized.push_back({value_a->name(), against(outputs_a, *value_a), against(outputs_b, *value_b)});
  }
}

}  // namespace

const OptimizedOutput* Comparison::first_optimized_difference() const {
  for (const OptimizedOutput& output : optimized)
    if ((output.a && output.a->exceeds) || (output.b && output.b->exceeds)) return &output;
  return nullptr;
}

const ComparedValue* Comparison::first_difference() const {
  for (const ComparedValue& value : values)
    if (value.differs()) return &value;
  return nullptr;
}

Comparison compare_models(const Side& a, const Side& b, const CompareOptions& options) {
  Progress progress = options.progress;
  progress.begin("preparing the models");
  match_ends(*a.source.model->graph, *b.source.model->graph);
  const OpenedModel of_a = open("A", a, inputs_of_a(a, options));
  const Graph& graph_b = *b.source.model->graph;
  const OpenedModel of_b = open("B", b,
                                inputs_of_b(*a.source.model->graph, graph_b,
                                            match_ends(*a.source.model->graph, graph_b), of_a.inputs()));
  const Ends ends = match_ends(of_a.graph(), of_b.graph());
  const auto type_text = [](const OpenedModel& model) {
    return [&model](const Value& value) { return model.type_of(value).to_string(); };
  };
  const Partners partners(of_a.graph(), of_b.graph(), ends, type_text(of_a), type_text(of_b));
  const Tolerance tolerance = resolved(options.tolerance, of_a, of_b);
  return on_side("A", a, [&] {
    Activations activations(of_a, options.memory);
    progress.begin("comparing nodes", of_b.graph().node_count());
    const auto matches = Walk(of_b, activations, partners, ends, tolerance).run(progress);
    progress.begin("comparing the models as a whole");
    Comparison result = Reporter(of_a, of_b, activations, options.memory, tolerance).report(matches);
    for (size_t i = 0; i < of_a.inputs().size(); ++i)
      if (of_a.inputs()[i].has_value())
        result.inputs.emplace_back(of_a.graph().inputs()[i]->name(), describe(of_a.inputs()[i]));
    result.tolerance = tolerance;
    result.random_inputs = options.files.empty() && options.values.empty();
    progress.begin("running the models optimised");
    if (!result.draws) compare_optimized(a, b, of_a, of_b, ends, activations, tolerance, result);
    return result;
  });
}

}  // namespace slipway::workbench
