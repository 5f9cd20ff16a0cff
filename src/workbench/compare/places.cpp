#include "workbench/compare/places.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "workbench/compare/reads.hpp"

namespace slipway::workbench {
namespace {

// Of what is captured by the bodies of a node; beyond any index.
constexpr uint64_t kCaptured = 1u << 30;

// SplitMix64's last steps (Steele, Lea, Flood, 2014).
uint64_t mix(uint64_t hash, uint64_t next) {
  uint64_t z = hash + 0x9e3779b97f4a7c15u + next * 0xff51afd7ed558ccdu;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

uint64_t mix(uint64_t hash, std::string_view text) {
  for (const char c : text) hash = mix(hash, static_cast<unsigned char>(c));
  return mix(hash, text.size());
}

uint64_t operator_hash(const Node& node) {
  return mix(mix(1, canonical_domain(node.domain())), node.op_type());
}

void look_from_inputs(const Graph& graph, Places& places) {
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    uint64_t hash = operator_hash(*node);
    const auto add = [&](const Value* read, uint64_t slot) {
      const auto place = places.find(read);
      if (place != places.end()) hash = mix(mix(hash, slot), place->second.from_inputs);
    };
    for (size_t i = 0; i < node->inputs().size(); ++i)
      if (node->input(i)) add(node->input(i), i);
    for (const Value* read : reads_of(*node))
      if (std::find(node->inputs().begin(), node->inputs().end(), read) == node->inputs().end())
        add(read, kCaptured);
    for (size_t i = 0; i < node->outputs().size(); ++i)
      if (node->output(i)) places[node->output(i)].from_inputs = mix(hash, i);
  }
}

// The hash of one reader: the operator, where it reads the value and what is made of its outputs.
uint64_t reader_hash(const Graph& graph, const Use& use, const Places& places) {
  const Node* reader = node_within(graph, use.node);
  if (!reader) return 0;
  uint64_t hash = mix(operator_hash(*reader), reader == use.node ? uint64_t{use.index} : kCaptured);
  for (const Value* output : reader->outputs()) hash = mix(hash, output ? places.at(output).from_outputs : 0);
  return hash;
}

void look_from_outputs(const Graph& graph, const Value& value, Places& places) {
  // On top of what is there: its positions among the outputs.
  std::vector<uint64_t> readers;
  for (const Use& use : value.uses()) readers.push_back(reader_hash(graph, use, places));
  std::sort(readers.begin(), readers.end());
  uint64_t& hash = places.at(&value).from_outputs;
  for (const uint64_t reader : readers) hash = mix(hash, reader);
}

}  // namespace

Places places_of(const Graph& graph, std::span<const Value* const> inputs,
                 std::span<const Value* const> outputs) {
  Places places;
  for (size_t i = 0; i < inputs.size(); ++i) places[inputs[i]].from_inputs = mix(2, i);
  look_from_inputs(graph, places);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (const auto place = places.find(outputs[i]); place != places.end())
      place->second.from_outputs = mix(mix(place->second.from_outputs, 3), i);
  for (const Node* node = graph.last_node(); node; node = node->previous())
    for (const Value* output : node->outputs())
      if (output) look_from_outputs(graph, *output, places);
  for (const Value* input : inputs) look_from_outputs(graph, *input, places);
  return places;
}

}  // namespace slipway::workbench
