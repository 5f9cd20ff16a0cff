#include "onnx/opset/ir_version.hpp"

#include <algorithm>

namespace slipway {
namespace {

// After https://github.com/onnx/onnx/blob/main/docs/Versioning.md: the first opset of each version of the
// format.
constexpr std::pair<int64_t, int64_t> kFirstOpsets[] = {{9, 4},  {10, 5},  {11, 6},  {12, 7},  {15, 8},
                                                        {19, 9}, {21, 10}, {23, 11}, {24, 12}, {25, 13}};

int64_t version_of(DataType type) {
  switch (type) {
    case DataType::kFloat8e4m3fn:
    case DataType::kFloat8e4m3fnuz:
    case DataType::kFloat8e5m2:
    case DataType::kFloat8e5m2fnuz:
      return 9;
    case DataType::kUint4:
    case DataType::kInt4:
      return 10;
    case DataType::kFloat4e2m1:
      return 11;
    case DataType::kFloat8e8m0:
      return 12;
    case DataType::kUint2:
    case DataType::kInt2:
      return 13;
    default:
      return 4;  // before it, constants had to be inputs too
  }
}

int64_t version_of(const Graph& graph) {
  int64_t version = 4;
  for (const Value* value = graph.first_value(); value; value = Graph::next_value(value))
    if (const Tensor* tensor = value->initializer()) version = std::max(version, version_of(tensor->type()));
  for (const Value* input : graph.inputs())
    if (input->type().is_tensor()) version = std::max(version, version_of(input->type().element_type()));
  for (const Node* node = graph.first_node(); node; node = node->next()) {
    for (const Attribute& attribute : node->attributes())
      if (const auto* constant = attribute.as<Constant>())
        version = std::max(version, version_of(constant->tensor.type()));
    for_each_subgraph(*node, [&](const Graph& body) { version = std::max(version, version_of(body)); });
  }
  return version;
}

}  // namespace

int64_t ir_version_for(const Model& model, int64_t opset) {
  int64_t version = version_of(*model.graph);
  for (const auto& [first, with] : kFirstOpsets)
    if (opset >= first) version = std::max(version, with);
  for (const Function& function : model.functions)
    version = std::max({version, int64_t{function.overload.empty() ? 8 : 10}, version_of(*function.body)});
  return version;
}

}  // namespace slipway
