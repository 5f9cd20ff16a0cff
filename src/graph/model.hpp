// A whole model: the main graph, the functions that belong to it, the operator sets that it is written in and
// what it says about itself.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "graph/preserved.hpp"

namespace slipway {

inline constexpr int64_t kNewestOpset = 27;  // of the domain ai.onnx, as in onnx 1.22

// Domain ("" is ai.onnx) to version, in the file's order.
class OpsetImports {
 public:
  int64_t version(std::string_view domain) const;  // 0 when the domain is not imported
  void set(std::string_view domain, int64_t version);
  const std::vector<std::pair<std::string, int64_t>>& entries() const { return entries_; }
  std::vector<std::pair<std::string, int64_t>>& entries() { return entries_; }

 private:
  std::vector<std::pair<std::string, int64_t>> entries_;
};

// An operator defined by a graph. The body's inputs have no types; attributes of its nodes may refer to the
// function's.
struct Function {
  std::string domain;
  std::string name;
  std::string overload;
  std::vector<std::string> attributes;        // parameters without default
  std::vector<Attribute> attribute_defaults;  // parameters with one
  OpsetImports opset_imports;
  std::unique_ptr<Graph> body;
  Preserved preserved;
};

struct Model {
  int64_t ir_version = 10;
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  int64_t model_version = 0;
  std::string doc_string;
  OpsetImports opset_imports;
  std::vector<std::pair<std::string, std::string>> metadata;  // metadata_props, in the file's order
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  std::vector<Function> functions;
  Preserved preserved;

  const std::string* find_metadata(std::string_view key) const;
  void set_metadata(std::string_view key, std::string value);
};

// A deep copy, but for the tensors' elements, which both models share.
Model clone(const Model& model);

}  // namespace slipway
