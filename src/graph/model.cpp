#include "graph/model.hpp"

namespace slipway {
namespace {

bool same_domain(std::string_view a, std::string_view b) {
  if (a == "ai.onnx") a = "";
  if (b == "ai.onnx") b = "";
  return a == b;
}

Function clone(const Function& function) {
  Function copy;
  copy.domain = function.domain;
  copy.name = function.name;
  copy.overload = function.overload;
  copy.attributes = function.attributes;
  for (const Attribute& attribute : function.attribute_defaults)
    copy.attribute_defaults.push_back(attribute.clone());
  copy.opset_imports = function.opset_imports;
  copy.body = clone(*function.body);
  copy.preserved = function.preserved;
  return copy;
}

}  // namespace

int64_t OpsetImports::version(std::string_view domain) const {
  for (const auto& [name, version] : entries_)
    if (same_domain(name, domain)) return version;
  return 0;
}

void OpsetImports::set(std::string_view domain, int64_t version) {
  for (auto& [name, present] : entries_)
    if (same_domain(name, domain)) {
      present = version;
      return;
    }
  entries_.emplace_back(domain, version);
}

const std::string* Model::find_metadata(std::string_view key) const {
  for (const auto& [name, value] : metadata)
    if (name == key) return &value;
  return nullptr;
}

void Model::set_metadata(std::string_view key, std::string value) {
  for (auto& [name, present] : metadata)
    if (name == key) {
      present = std::move(value);
      return;
    }
  metadata.emplace_back(key, std::move(value));
}

Model clone(const Model& model) {
  Model copy;
  copy.ir_version = model.ir_version;
  copy.producer_name = model.producer_name;
  copy.producer_version = model.producer_version;
  copy.domain = model.domain;
  copy.model_version = model.model_version;
  copy.doc_string = model.doc_string;
  copy.opset_imports = model.opset_imports;
  copy.metadata = model.metadata;
  copy.graph = clone(*model.graph);
  for (const Function& function : model.functions) copy.functions.push_back(clone(function));
  copy.preserved = model.preserved;
  return copy;
}

}  // namespace slipway
