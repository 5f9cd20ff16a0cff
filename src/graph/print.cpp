#include "graph/print.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "graph/validate.hpp"
#include "tensor/tensor_text.hpp"

namespace slipway {
namespace {

constexpr int64_t kMostElements = 8;
constexpr size_t kMostListed = 16;

// Names as exporters make them stand as they are; anything else is quoted, and so is "_", which stands for an
// absent input.
std::string name_text(std::string_view name) {
  constexpr std::string_view kPlain = "_./:-";
  const bool plain = !name.empty() && name != "_" && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPlain.find(c) != std::string_view::npos;
  });
  return plain ? std::string(name) : quoted(name, name.size());
}

// A type may contain names of dimensions, and those anything.
std::string type_text(const Type& type) {
  const std::string text = type.to_string();
  const std::string escaped = quoted(text, text.size());
  return escaped.size() == text.size() + 2 ? text : escaped;
}

std::string typed_name(const Value* value) {
  if (!value) return "_";
  return name_text(value->name()) + (value->type().is_none() ? "" : ": " + type_text(value->type()));
}

template <typename List, typename ToText>
std::string joined(const List& list, ToText&& to_text_of, const char* separator = ", ") {
  std::string text;
  for (const auto& element : list) text.append(text.empty() ? "" : separator).append(to_text_of(element));
  return text;
}

std::string content_text(std::monostate) {
  return "undefined";
}
std::string content_text(float number) {
  return fmt::format("{}", number);
}
std::string content_text(int64_t number) {
  return fmt::format("{}", number);
}
std::string content_text(const std::string& text) {
  return quoted(text);
}
std::string content_text(const Type& type) {
  return type_text(type);
}
std::string content_text(const Tensor& tensor) {
  const std::string elements = elements_text(tensor, kMostElements);
  return tensor.describe() + (elements.empty() ? "" : " " + elements);
}
std::string content_text(const Constant& constant) {
  return content_text(constant.tensor);
}
std::string content_text(const SparseTensor& sparse) {
  return fmt::format("sparse {} of {}", to_string(sparse.dims), sparse.values.tensor.describe());
}
std::string content_text(const std::unique_ptr<Graph>& graph) {
  return "graph " + name_text(graph->name());
}
template <typename T>
std::string content_text(const Boxed<T>& box) {
  return content_text(*box);
}
template <typename T>
std::string content_text(const std::vector<T>& list) {
  std::string text = "[";
  for (size_t i = 0; i < list.size() && i < kMostListed; ++i)
    text.append(i > 0 ? "," : "").append(content_text(list[i]));
  return text + (list.size() > kMostListed ? fmt::format(",…] ({} elements)", list.size()) : "]");
}

std::string attribute_text(const Attribute& attribute) {
  const std::string name = name_text(attribute.name()) + "=";
  if (attribute.is_reference()) return name + "@" + name_text(attribute.parameter());
  return name + std::visit([](const auto& content) { return content_text(content); }, attribute.content());
}

bool holds_graphs(const Attribute& attribute) {
  return attribute.kind() == Attribute::Kind::kGraph || attribute.kind() == Attribute::Kind::kGraphs;
}

class Printer {
 public:
  std::string take() { return std::move(text_); }

  void graph(const Graph& graph, std::string_view heading) {
    line(fmt::format("{}({}) -> ({}) {{", heading, joined(graph.inputs(), typed_name),
                     joined(graph.outputs(), [](const Value* value) { return name_text(value->name()); })));
    ++depth_;
    for (const Value* value : graph.initializers()) initializer(*value);
    for (const Node* one = graph.first_node(); one; one = one->next()) node(*one);
    --depth_;
    line("}");
  }

  void line(std::string_view text) {
    text_.append(2 * static_cast<size_t>(depth_), ' ').append(text).append("\n");
  }

 private:
  void initializer(const Value& value) {
    const std::string elements = elements_text(*value.initializer(), kMostElements);
    line(fmt::format("{} = {}{}{}", typed_name(&value), value.is_graph_input() ? "default" : "initializer",
                     elements.empty() ? "" : " ", elements));
  }

  void node(const Node& node) {
    const auto name_of = [](const Value* value) { return value ? name_text(value->name()) : "_"; };
    std::string text = node.outputs().empty() ? "" : joined(node.outputs(), typed_name) + " = ";
    if (!node.domain().empty()) text += name_text(node.domain()) + ".";
    text += name_text(node.op_type());
    if (!node.overload().empty()) text += ":" + name_text(node.overload());
    text += "(" + joined(node.inputs(), name_of) + ")";
    const auto attributes = sorted_attributes(node);
    const std::string plain = joined(attributes, [](const Attribute* a) { return attribute_text(*a); });
    if (!plain.empty()) text += " {" + plain + "}";
    if (!node.name().empty()) text += "  # " + name_text(node.name());
    line(text);
    for (const Attribute* attribute : attributes) graphs_of(*attribute);
  }

  // By name: the order in which attributes were set says nothing.
  static std::vector<const Attribute*> sorted_attributes(const Node& node) {
    std::vector<const Attribute*> sorted;
    for (const Attribute& attribute : node.attributes()) sorted.push_back(&attribute);
    std::sort(sorted.begin(), sorted.end(), [](const Attribute* a, const Attribute* b) {
      // All are elements of one array: equal names keep their order.
      return a->name() == b->name() ? a < b : a->name() < b->name();
    });
    return sorted;
  }

  void graphs_of(const Attribute& attribute) {
    if (!holds_graphs(attribute)) return;
    // The limit of valid models; beyond it the heading in the node's line has to do.
    if (depth_ >= kMaxGraphNesting) return;
    ++depth_;
    const auto print = [&](const std::unique_ptr<Graph>& inner) {
      graph(*inner, fmt::format("{}: graph {}", name_text(attribute.name()), name_text(inner->name())));
    };
    if (auto* inner = attribute.as<std::unique_ptr<Graph>>()) print(*inner);
    if (auto* inner = attribute.as<Attribute::Graphs>()) std::for_each(inner->begin(), inner->end(), print);
    --depth_;
  }

  std::string text_;
  int depth_ = 0;
};

std::string opsets_text(const OpsetImports& imports) {
  return joined(imports.entries(), [](const auto& entry) {
    return fmt::format("{} {}", entry.first.empty() ? "ai.onnx" : name_text(entry.first), entry.second);
  });
}

std::string function_heading(const Function& function) {
  std::string text = "function ";
  if (!function.domain.empty()) text += name_text(function.domain) + ".";
  text += name_text(function.name);
  if (!function.overload.empty()) text += ":" + name_text(function.overload);
  std::string parameters =
      joined(function.attributes, [](const std::string& name) { return name_text(name); });
  for (const Attribute& attribute : function.attribute_defaults)
    parameters.append(parameters.empty() ? "" : ", ").append(attribute_text(attribute));
  return parameters.empty() ? text : text + " {" + parameters + "} ";
}

}  // namespace

std::string to_text(const Graph& graph) {
  Printer printer;
  printer.graph(graph, "graph " + name_text(graph.name()));
  return printer.take();
}

std::string to_text(const Model& model) {
  Printer printer;
  printer.line(fmt::format("model ir {}, opset {}", model.ir_version, opsets_text(model.opset_imports)));
  if (!model.producer_name.empty())
    printer.line(fmt::format("producer {} {}", quoted(model.producer_name), quoted(model.producer_version)));
  for (const auto& [key, value] : model.metadata)
    printer.line(fmt::format("metadata {} = {}", name_text(key), quoted(value)));
  printer.graph(*model.graph, "graph " + name_text(model.graph->name()));
  for (const Function& function : model.functions) {
    printer.line("");
    printer.line("opset " + opsets_text(function.opset_imports));
    printer.graph(*function.body, function_heading(function));
  }
  return printer.take();
}

}  // namespace slipway
