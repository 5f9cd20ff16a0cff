#include "onnx/write_value_info.hpp"

#include <algorithm>

#include "onnx/read_type.hpp"
#include "onnx/write_type.hpp"

namespace slipway {
namespace {

// Nothing about a value of this name has been found out since the file was read.
bool is_current(std::string_view message, const Graph& graph) {
  const Value* value = graph.find_value(read_value_info(message).name);
  return !value || value->type().is_none() || !value->file_type.empty();
}

std::vector<const Value*> declared_values(const Graph& graph) {
  std::vector<const Value*> values;
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value))
    if (value->declared_order != 0) values.push_back(value);
  std::stable_sort(values.begin(), values.end(),
                   [](const Value* a, const Value* b) { return a->declared_order < b->declared_order; });
  return values;
}

bool is_worth_stating(const Value& value) {
  return value.declared_order == 0 && !value.type().is_none() && value.producer() && !value.is_graph_output();
}

}  // namespace

void write_value_info(const Graph& graph, uint32_t number, Spellings& kept, MessageWriter& writer) {
  const auto take_kept = [&] {
    const auto entry =
        kept.take(length_key(number), [&](std::string_view message) { return is_current(message, graph); });
    if (entry) writer.add_raw(*entry);
    return entry.has_value();
  };
  uint32_t position = 1;
  for (const Value* value : declared_values(graph)) {
    // Places that no value claims were those of the kept entries.
    while (position < value->declared_order && take_kept()) ++position;
    position = value->declared_order + 1;
    writer.add_string(number, encoded_value_info(*value));
  }
  while (take_kept()) {
  }
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value))
    if (is_worth_stating(*value)) writer.add_string(number, encoded_value_info(*value));
}

}  // namespace slipway
