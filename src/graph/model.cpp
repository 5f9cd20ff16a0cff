#include "graph/model.hpp"

namespace slipway {
namespace {

bool same_domain(std::string_view a, std::string_view b) {
  if (a == "ai.onnx") a = "";
  if (b == "ai.onnx") b = "";
  return a == b;
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

}  // namespace slipway
