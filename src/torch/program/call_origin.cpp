#include "torch/program/call_origin.hpp"

#include <algorithm>
#include <string_view>

namespace slipway::torch {
namespace {

// Written for calls that belong to no module.
constexpr std::string_view kNoModule = "_empty_nn_module_stack_from_metadata_hook";

// The commas of "key,path,type" that stand outside of brackets: a path may be "layers[(0, 1)]".
std::string_view next_field(std::string_view& rest) {
  int open = 0;
  size_t end = 0;
  for (; end < rest.size() && (rest[end] != ',' || open > 0); ++end) {
    if (rest[end] == '[' || rest[end] == '(') ++open;
    if (rest[end] == ']' || rest[end] == ')') --open;
  }
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

// "<class 'torch.nn.modules.conv.Conv2d'>" in older files.
std::string plain_type(std::string_view type) {
  constexpr std::string_view kBegin = "<class '", kEnd = "'>";
  if (type.starts_with(kBegin) && type.ends_with(kEnd) && type.size() >= kBegin.size() + kEnd.size()) {
    type.remove_prefix(kBegin.size());
    type.remove_suffix(kEnd.size());
  }
  return std::string(type);
}

// "key,path,type;key,path,type": the last one is the innermost.
void read_module_stack(std::string_view stack, ir::Origin& origin) {
  std::string_view innermost = stack.substr(stack.rfind(';') + 1);
  next_field(innermost);
  const std::string_view path = next_field(innermost), type = next_field(innermost);
  if (path == kNoModule) return;
  origin.module_path = plain_path(path);
  origin.module_type = plain_type(type);
}

// A line of a stack trace: File "/home/…/model.py", line 41, in forward
struct Frame {
  std::string_view path, line;
};

bool next_frame(std::string_view& trace, Frame& frame) {
  constexpr std::string_view kFile = "File \"", kLine = "\", line ";
  const size_t begin = trace.find(kFile);
  if (begin == std::string_view::npos) return false;
  trace.remove_prefix(begin + kFile.size());
  const size_t end = trace.find(kLine);
  if (end == std::string_view::npos) return false;
  frame.path = trace.substr(0, end);
  trace.remove_prefix(end + kLine.size());
  frame.line = trace.substr(0, trace.find_first_not_of("0123456789"));
  return true;
}

// Where the path goes on below PyTorch's own folder, "torch/nn/modules/conv.py"; npos for files of others.
size_t begin_in_torch(std::string_view path) {
  constexpr std::string_view kPackages = "-packages/", kTorch = "torch/";
  if (path.starts_with(kTorch)) return 0;
  const size_t packages = path.rfind(kPackages);
  if (packages == std::string_view::npos) return packages;
  const size_t begin = packages + kPackages.size();
  return path.substr(begin).starts_with(kTorch) ? begin : std::string_view::npos;
}

bool is_of_torch(std::string_view path) {
  return begin_in_torch(path) != std::string_view::npos;
}

// "model.py:41"; files of PyTorch's keep their folders: "torch/nn/modules/conv.py:548".
std::string place_of(const Frame& frame) {
  const size_t begin =
      is_of_torch(frame.path) ? begin_in_torch(frame.path) : frame.path.find_last_of("/\\") + 1;
  return std::string(frame.path.substr(begin)).append(":").append(frame.line);
}

// Frames are written from the outermost on.
std::string innermost_line(std::string_view trace) {
  Frame frame, users, any;
  while (next_frame(trace, frame)) {
    if (frame.path.starts_with('<')) continue;  // made at run time: "<eval_with_key>.5"
    any = frame;
    if (!is_of_torch(frame.path)) users = frame;
  }
  if (any.path.empty()) return "";
  return place_of(users.path.empty() ? any : users);
}

}  // namespace

std::string plain_path(std::string_view path) {
  constexpr std::string_view kCall = "getattr(", kBetween = ", '", kEnd = "')";
  // From the outside in: getattr(getattr(L['self'].a, '0'), '1') ends with ".0.1".
  std::string ending;
  while (path.starts_with(kCall) && path.ends_with(kEnd)) {
    const size_t between = path.rfind(kBetween);
    if (between == std::string_view::npos || between + kBetween.size() > path.size() - kEnd.size()) break;
    const std::string_view name = path.substr(between + kBetween.size());
    ending.insert(0, "." + std::string(name.substr(0, name.size() - kEnd.size())));
    path = path.substr(kCall.size(), between - kCall.size());
  }
  for (const std::string_view root : {"L['self']", "L__self__", "self"})
    if (path == root || (path.starts_with(root) && path[root.size()] == '.')) {
      path.remove_prefix(std::min(root.size() + 1, path.size()));
      break;
    }
  std::string plain(path.substr(0, path.find('@')));
  plain += plain.empty() && !ending.empty() ? ending.substr(1) : ending;
  return plain;
}

ir::Origin read_origin(const Json& metadata) {
  ir::Origin origin;
  if (const Json* stack = find_member(metadata, "nn_module_stack"))
    read_module_stack(as_text(*stack, "nn_module_stack"), origin);
  if (const Json* trace = find_member(metadata, "stack_trace"))
    origin.source = innermost_line(as_text(*trace, "stack_trace"));
  return origin;
}

}  // namespace slipway::torch
