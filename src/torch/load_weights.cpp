#include "torch/load_weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "ops/cast.hpp"

namespace slipway::torch {
namespace {

using Names = std::unordered_map<std::string, const Tensor*>;

// Longer lists of names are cut.
constexpr size_t kMostListed = 40;

bool is_loaded(const ir::ProgramInput& input) {
  return input.kind == ir::ProgramInput::Kind::kParameter || input.kind == ir::ProgramInput::Kind::kBuffer;
}

std::string renamed(std::string name, const WeightNames& names) {
  for (const auto& [from, to] : names.renames)
    if (name.starts_with(from)) return to + name.substr(from.size());
  return name;
}

// How many of the checkpoint's names are one of the program's behind each prefix that ends at a dot.
std::map<std::string, size_t> count_prefixes(const Checkpoint& checkpoint,
                                             const std::unordered_set<std::string>& wanted,
                                             const WeightNames& names) {
  std::map<std::string, size_t> counts;
  for (const Checkpoint::Entry& entry : checkpoint.tensors) {
    for (size_t begin = 0; begin != std::string::npos;) {
      if (wanted.contains(renamed(entry.name.substr(begin), names))) ++counts[entry.name.substr(0, begin)];
      const size_t dot = entry.name.find('.', begin);
      begin = dot == std::string::npos ? dot : dot + 1;
    }
  }
  return counts;
}

bool is_average(std::string_view prefix) {
  return prefix.find("ema") != std::string_view::npos;
}

// The prefix below which most names fit.
std::string find_prefix(const Checkpoint& checkpoint, const std::unordered_set<std::string>& wanted,
                        const WeightNames& names) {
  const std::string* best = nullptr;
  size_t most = 0;
  const auto counts = count_prefixes(checkpoint, wanted, names);
  for (const auto& [prefix, count] : counts) {
    if (!prefix.ends_with(names.strip_prefix)) continue;
    const bool is_better = count > most || (count == most && is_average(prefix) && !is_average(*best));
    if (is_better) best = &prefix, most = count;
  }
  if (!best)
    fail(
        ErrorCode::kInvalidArgument,
        "none of the checkpoint's {} tensors has the name of one of the program's{}; `slipway inspect` shows "
        "both; --strip-prefix and --rename adapt the names",
        checkpoint.tensors.size(),
        names.strip_prefix.empty() ? "" : fmt::format(" behind the prefix '{}'", names.strip_prefix));
  return *best;
}

Names names_below(const std::string& prefix, const Checkpoint& checkpoint, const WeightNames& names) {
  Names found;
  for (const Checkpoint::Entry& entry : checkpoint.tensors)
    if (entry.name.starts_with(prefix))
      found.emplace(renamed(entry.name.substr(prefix.size()), names), &entry.tensor);
  return found;
}

bool share_elements(const Tensor& a, const Tensor& b) {
  return a.raw() == b.raw() && a.dims() == b.dims() && a.strides() == b.strides();
}

// The tensor of the checkpoint for another name of the same parameter; nullptr when there is none.
const Tensor* find_tied(const ir::ProgramInput& input, const ir::Program& program, const Names& found) {
  for (const ir::ProgramInput& other : program.inputs) {
    if (!is_loaded(other) || &other == &input || !share_elements(other.tensor, input.tensor)) continue;
    if (const auto tensor = found.find(other.name); tensor != found.end()) return tensor->second;
  }
  return nullptr;
}

// Buffers that are not saved are not in a checkpoint, and old files count no batches.
bool may_be_missing(const ir::ProgramInput& input) {
  return !input.persistent || input.name.ends_with("num_batches_tracked");
}

Tensor as_type(const Tensor& tensor, DataType type) {
  if (tensor.type() == type) return tensor;
  return ops::cast_elements(tensor.is_contiguous() ? tensor : tensor.clone(), type);
}

std::string listed(std::string_view what, std::vector<std::string> names) {
  if (names.empty()) return "";
  std::sort(names.begin(), names.end());
  const size_t count = names.size();
  names.resize(std::min(count, kMostListed));
  return fmt::format("\n  {} ({}): {}{}", what, count, fmt::join(names, ", "),
                     count > kMostListed ? ", …" : "");
}

}  // namespace

void load_weights(ir::Program& program, const Checkpoint& checkpoint, const WeightNames& names) {
  std::unordered_set<std::string> wanted;
  for (const ir::ProgramInput& input : program.inputs)
    if (is_loaded(input)) wanted.insert(input.name);
  const std::string prefix = find_prefix(checkpoint, wanted, names);
  const Names found = names_below(prefix, checkpoint, names);

  std::vector<std::string> missing, unexpected, misshaped;
  std::vector<std::pair<ir::ProgramInput*, const Tensor*>> loads;
  for (ir::ProgramInput& input : program.inputs) {
    if (!is_loaded(input)) continue;
    const auto named = found.find(input.name);
    const Tensor* tensor = named != found.end() ? named->second : find_tied(input, program, found);
    if (!tensor) {
      if (!may_be_missing(input)) missing.push_back(input.name);
    } else if (tensor->dims() != input.tensor.dims()) {
      misshaped.push_back(fmt::format("{} is {}, the program has {}", input.name, to_string(tensor->dims()),
                                      to_string(input.tensor.dims())));
    } else {
      loads.emplace_back(&input, tensor);
    }
  }
  for (const auto& [name, tensor] : found)
    if (!wanted.contains(name)) unexpected.push_back(name);

  const std::string differences = listed("missing in the checkpoint", std::move(missing)) +
                                  listed("not in the program", std::move(unexpected)) +
                                  listed("of other sizes", std::move(misshaped));
  if (!differences.empty())
    fail(ErrorCode::kInvalidArgument, "the checkpoint{} does not fit the program:{}",
         prefix.empty() ? "" : fmt::format("'s part '{}'", prefix), differences);
  for (auto& [input, tensor] : loads) input->tensor = as_type(*tensor, input->tensor.type());
}

}  // namespace slipway::torch
