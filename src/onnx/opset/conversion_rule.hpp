// A change that one version of an operator brought, as something to do to a node.
#pragma once

#include <string_view>

namespace slipway {

class NodeConversion;

// On the way up it applies to nodes written for an opset before `version`, on the way down to nodes that are
// to be written for one.
struct ConversionRule {
  std::string_view op_type;
  int version;
  void (*apply)(NodeConversion& conversion);
};

}  // namespace slipway
