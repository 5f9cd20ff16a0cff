#include "workbench/compare/walk.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "ops/cast.hpp"
#include "reference/lifetimes.hpp"
#include "workbench/compare/draws.hpp"
#include "workbench/compare/reads.hpp"

namespace slipway::workbench {
namespace {

// Who reads a value: the operators, as many times as they do. Readers of sizes alone come and go when a model
// is simplified.
std::multiset<std::string> readers_of(const Value& value) {
  std::multiset<std::string> readers;
  for (const Use& use : value.uses()) {
    const Node* reader = node_within(value.graph(), use.node);
    if (reader && !reader->is("Shape")) readers.insert(reader->domain() + ":" + reader->op_type());
  }
  if (value.is_graph_output()) readers.insert("output");
  return readers;
}

// A's value as B's nodes expect it: in B's precision.
RuntimeValue in_precision_of(const RuntimeValue& a, const RuntimeValue* b) {
  if (!b || !b->is_tensor() || !a.is_tensor()) return a;
  const DataType from = a.tensor().type(), to = b->tensor().type();
  const bool castable =
      (is_floating_point(from) && is_floating_point(to)) || (is_integer(from) && is_integer(to));
  return from != to && castable ? RuntimeValue(ops::cast_elements(a.tensor(), to)) : a;
}

}  // namespace

Walk::Walk(const OpenedModel& b, Activations& of_a, const Partners& partners, const Ends& ends,
           const Tolerance& tolerance)
    : b_(b), of_a_(of_a), partners_(partners), ends_(ends), tolerance_(tolerance), known_(of_a, tolerance) {
  const auto& inputs = b.graph().inputs();
  for (size_t i = 0; i < inputs.size(); ++i)
    if (b.inputs()[i].has_value() || !inputs[i]->initializer()) current_[inputs[i]] = b.inputs()[i];
}

std::vector<Match> Walk::run(Progress& progress) {
  const auto lifetimes = reference::find_lifetimes(b_.graph());
  for (const Node* node = b_.graph().first_node(); node; node = node->next()) {
    visit(*node);
    if (const auto dying = lifetimes.find(node); dying != lifetimes.end())
      for (const Value* value : dying->second) current_.erase(value);
    progress.advance();
  }
  return std::move(matches_);
}

Walk::Made Walk::run_node(const Node& node) const {
  for (const Value* read : reads_of(node))
    if (const auto missing = missing_.find(read); missing != missing_.end()) return {{}, missing->second};
  try {
    return {b_.run_alone(node,
                         [&](const Value& read) {
                           const auto found = current_.find(&read);
                           return found == current_.end() ? nullptr : &found->second;
                         }),
            ""};
  } catch (const Error& error) {
    return {{}, error.what()};
  }
}

void Walk::visit(const Node& node) {
  const Made made = run_node(node);
  const bool random = draws_random_numbers(node, b_.options().known_operators());
  for (size_t i = 0; i < node.outputs().size(); ++i) {
    const Value* b = node.output(i);
    if (!b) continue;
    const RuntimeValue* output = made.outputs.empty() ? nullptr : &made.outputs[i];
    Match match{counterpart_of(*b, random ? nullptr : output), b, std::nullopt, made.failure};
    if (!match.a) {
      output ? void(current_[b] = *output) : void(missing_[b] = made.failure);
      continue;
    }
    const RuntimeValue of_a = of_a_.at(*match.a);
    if (output && !random) match.own = measure(of_a, *output, tolerance_);
    current_[b] = in_precision_of(of_a, output);
    counterpart_[b] = match.a;
    matches_.push_back(std::move(match));
  }
}

bool Walk::agrees(const Value& a, const RuntimeValue& made) {
  return !measure(of_a_.at(a), made, tolerance_).exceeds;
}

const Value* Walk::counterpart_of(const Value& b, const RuntimeValue* made) {
  const auto& partners = partners_.of(b);
  if (made)
    for (const Partner& partner : partners)
      if (agrees(*partner.value, *made)) return partner.value;
  if (!partners.empty() && partners[0].certain) return partners[0].value;
  if (const Value* output = output_counterpart_of(b)) return output;
  auto alike = made ? known_.find(*made, b.producer()->op_type()) : std::vector<const Value*>();
  // A node that hands on what it reads may be one that does too little.
  const auto handed_on = std::stable_partition(
      alike.begin(), alike.end(), [&](const Value* a) { return !reads_counterpart(*b.producer(), *a); });
  if (handed_on != alike.begin()) return alike[0];
  // It differs from everything. It may be a wrong one, or one that A does not have; if the same operators
  // read it, it is taken for a wrong one.
  const auto readers = readers_of(b);
  for (const Partner& partner : partners)
    if (readers_of(*partner.value) == readers) return partner.value;
  return alike.empty() ? nullptr : alike[0];
}

bool Walk::reads_counterpart(const Node& b, const Value& a) const {
  const auto reads = reads_of(b);
  return std::any_of(reads.begin(), reads.end(), [&](const Value* read) {
    const auto found = counterpart_.find(read);
    return found != counterpart_.end() && found->second == &a;
  });
}

const Value* Walk::output_counterpart_of(const Value& b) const {
  for (const auto& [of_a, of_b] : ends_.outputs)
    if (of_b == &b && of_a->producer()) return of_a;
  return nullptr;
}

}  // namespace slipway::workbench
