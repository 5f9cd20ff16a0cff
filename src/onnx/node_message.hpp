// A NodeProto, taken apart. Views are into the message; attributes are still messages.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/preserved.hpp"

namespace slipway {

struct NodeMessage {
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> attributes;
  std::string name;
  std::string op_type;
  std::string domain;  // "" also where the file says "ai.onnx"
  std::string overload;
  std::vector<std::pair<std::string, std::string>> metadata;
  Preserved preserved;

  // As Node::describe, before there is a Node.
  std::string describe() const;
};

NodeMessage read_node_message(std::string_view message);

}  // namespace slipway
