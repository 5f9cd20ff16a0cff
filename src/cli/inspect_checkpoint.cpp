#include "cli/inspect_checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/output.hpp"
#include "torch/checkpoint.hpp"

namespace slipway::cli {
namespace {

using nlohmann::ordered_json;
using torch::Checkpoint;

int64_t elements_of(const Checkpoint& checkpoint) {
  int64_t elements = 0;
  for (const auto& entry : checkpoint.tensors) elements += entry.tensor.count();
  return elements;
}

// Storages that several tensors share count once.
size_t bytes_of(const Checkpoint& checkpoint) {
  std::set<const void*> seen;
  size_t bytes = 0;
  for (const auto& entry : checkpoint.tensors)
    if (seen.insert(entry.tensor.buffer()->data()).second) bytes += entry.tensor.buffer()->size();
  return bytes;
}

ordered_json to_json(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  ordered_json tensors = ordered_json::array(), others = ordered_json::array();
  for (const auto& [name, tensor] : checkpoint.tensors)
    tensors.push_back(
        {{"name", name}, {"type", std::string(name_of(tensor.type()))}, {"shape", tensor.dims()}});
  for (const auto& [name, what] : checkpoint.others) others.push_back({{"name", name}, {"what", what}});
  return {
      {"path", path.string()},         {"format", checkpoint.format}, {"elements", elements_of(checkpoint)},
      {"bytes", bytes_of(checkpoint)}, {"tensors", tensors},          {"others", others}};
}

std::string to_text(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  std::string text = fmt::format(
      "checkpoint {}\nformat     {}\ntensors    {}, {} elements, {}\n", printable(path.string()),
      checkpoint.format, with_commas(static_cast<int64_t>(checkpoint.tensors.size())),
      with_commas(elements_of(checkpoint)), human_bytes(static_cast<double>(bytes_of(checkpoint))));
  size_t width = 0;
  for (const auto& entry : checkpoint.tensors) width = std::max(width, entry.name.size());
  width = std::min<size_t>(width, 60);
  for (const auto& [name, tensor] : checkpoint.tensors)
    text += fmt::format("  {:<{}}  {}\n", printable(name), width, tensor.describe());
  for (const auto& [name, what] : checkpoint.others)
    text += fmt::format("besides    {}: {}\n", printable(name), printable(what));
  return text;
}

}  // namespace

void inspect_checkpoint(const std::filesystem::path& path, bool json) {
  const Checkpoint checkpoint = torch::read_checkpoint(path);
  json ? print_json(to_json(path, checkpoint)) : print(to_text(path, checkpoint));
}

}  // namespace slipway::cli
