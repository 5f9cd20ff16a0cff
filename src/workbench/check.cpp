#include "workbench/check.hpp"

#include <algorithm>
#include <map>

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "engine/kernels/table.hpp"
#include "graph/inline_functions.hpp"
#include "graph/validate.hpp"
#include "ops/infer_types.hpp"
#include "passes/make_runnable.hpp"
#include "passes/passes.hpp"

namespace slipway::workbench {
namespace {

using Kind = Finding::Kind;
using Findings = std::vector<Finding>;

std::string place_of(const Error& error) {
  return error.context().empty() ? "" : error.context().front();
}

// Sizes that the file leaves open.
void find_open_sizes(const Graph& graph, Findings& findings) {
  for (const Value* input : graph.inputs()) {
    const Type& type = input->type();
    if (input->initializer() || !type.is_tensor()) continue;
    if (type.shape() && all_known(*type.shape())) continue;
    findings.push_back({Kind::kDynamic, "input '" + input->name() + "'", "it is " + type.to_string(),
                        "every new shape is planned when it comes; feed few different ones, or export with "
                        "fixed sizes"});
  }
}

// Values whose shape depends on the data, not on the inputs' shapes alone.
void find_data_dependent_sizes(const Graph& graph, Findings& findings) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    const Value* output = node->output(0);
    if (!output || !output->type().is_tensor()) continue;
    const auto& shape = output->type().shape();
    const bool open = !shape || std::any_of(shape->begin(), shape->end(), [](const Dim& dim) {
      return !dim.is_known() && !dim.is_symbolic();
    });
    if (open)
      findings.push_back({Kind::kDynamic, node->describe(), "it makes " + output->type().to_string(),
                          "its sizes are only known when it runs; what follows is not planned ahead"});
  }
}

// Operators for which nobody waits.
bool is_trivial(const Node& node) {
  return engine::is_view(node.op_type()) || node.is("Shape") || node.is("Size") || node.is("Constant");
}

// Operators without a fast kernel, each once.
void find_slow_operators(const Graph& graph, const ops::Registry& operators, Findings& findings) {
  struct Seen {
    const Node* first;
    int count = 0;
  };
  std::map<std::string, Seen> slow;
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    const bool standard = canonical_domain(node->domain()).empty();
    if (engine::has_kernel(*node) || (standard && is_trivial(*node))) continue;
    const ops::Operator* definition = operators.find(node->domain(), node->op_type());
    if (definition && !definition->library.empty()) continue;
    Seen& seen = slow.try_emplace(node->op_type(), Seen{node}).first->second;
    ++seen.count;
  }
  for (const auto& [op_type, seen] : slow)
    findings.push_back({Kind::kSlow, seen.first->describe(),
                        fmt::format("{} runs by its reference kernel ({} node{})", op_type, seen.count,
                                    seen.count == 1 ? "" : "s"),
                        "measure whether it matters: slipway bench"});
}

// Operators that libraries bring, each once, wherever in the model: it needs the library wherever it goes.
class CustomOperators {
 public:
  CustomOperators(const Graph& graph, const ops::Registry& operators) : operators_(operators) {
    collect(graph);
  }

  void report(Findings& findings) const {
    for (const auto& [name, use] : used_)
      findings.push_back({Kind::kCustom, use.first->describe(),
                          fmt::format("{} comes from '{}' ({} node{})", name, use.library, use.count,
                                      use.count == 1 ? "" : "s"),
                          "the library goes where the model goes: --custom-ops, or custom_ops of the C API"});
  }

 private:
  struct Use {
    const Node* first;
    std::string_view library;
    int count = 0;
  };

  void collect(const Graph& graph) {
    for (const Node* node = graph.first_node(); node; node = node->next()) {
      for_each_subgraph(*node, [&](const Graph& body) { collect(body); });
      const ops::Operator* definition = operators_.find(node->domain(), node->op_type());
      if (!definition || definition->library.empty()) continue;
      const std::string name = node->domain() + ":" + node->op_type();
      ++used_.try_emplace(name, Use{node, definition->library}).first->second.count;
    }
  }

  const ops::Registry& operators_;
  std::map<std::string, Use> used_;
};

// As far as a model gets on its way into our own engine.
void check_native(const Model& model, const backends::Backend& backend,
                  const backends::CompileOptions& options, Findings& findings) {
  const ops::Registry& operators = options.known_operators();
  Model newest = clone(model);
  try {
    for (const backends::Obstacle& obstacle : backend.obstacles(model, options))
      findings.push_back(
          {Kind::kMissing, obstacle.node, obstacle.reason,
           "run it with another backend, bring the operator by --custom-ops, or export without it"});
    if (!findings.empty()) return;
    passes::make_runnable(newest, operators);
    inline_functions(newest);
    ops::infer_types(newest, operators);
  } catch (const Error& error) {
    findings.push_back(
        {Kind::kInvalid, place_of(error), error.reason(), "export the model again, or repair the node"});
    return;
  }
  find_data_dependent_sizes(*newest.graph, findings);
  CustomOperators(*newest.graph, operators).report(findings);
  passes::optimize(newest, operators);
  find_slow_operators(*newest.graph, operators, findings);
}

// Another engine says what it does not like when it gets the model.
void check_foreign(const backends::ModelSource& source, const backends::Backend& backend,
                   const backends::CompileOptions& options, Findings& findings) {
  try {
    backend.compile(source, options);
  } catch (const Error& error) {
    findings.push_back({Kind::kMissing, place_of(error), error.reason(), "run it with --backend native"});
  }
}

}  // namespace

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Kind::kInvalid:
      return "invalid";
    case Kind::kMissing:
      return "missing";
    case Kind::kSlow:
      return "slow";
    case Kind::kCustom:
      return "custom";
    case Kind::kDynamic:
      break;
  }
  return "dynamic";
}

bool is_fatal(const Finding& finding) {
  return finding.kind == Kind::kInvalid || finding.kind == Kind::kMissing;
}

std::vector<Finding> check(const std::filesystem::path& path, const backends::Backend& backend,
                           const backends::CompileOptions& options) {
  if (const std::string reason = backend.unavailable_reason(options); !reason.empty())
    fail(ErrorCode::kNotFound, "{}", reason);
  Findings findings;
  backends::ModelSource source;
  try {
    const MemoryScope scope(options.memory);
    source = backends::open_model(path);
    validate(*source.model);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) throw;
    return {{Kind::kInvalid, place_of(error), error.reason(), "export the model again"}};
  }
  if (backend.name() == "native") check_native(*source.model, backend, options, findings);
  if (backend.name() != "native") check_foreign(source, backend, options, findings);
  find_open_sizes(*source.model->graph, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.kind < b.kind; });
  return findings;
}

}  // namespace slipway::workbench
