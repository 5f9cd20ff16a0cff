// Inputs and outputs as C sees them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "slipway/slipway.h"

namespace slipway::api {

// Owns what a slipway_port points to. It stays where it is made.
class CPort {
 public:
  explicit CPort(const backends::Port& port);
  CPort(const CPort&) = delete;
  CPort& operator=(const CPort&) = delete;
  const slipway_port& view() const { return view_; }

 private:
  std::string name_;
  std::string type_;
  std::vector<int64_t> dims_;
  std::vector<std::string> texts_;
  std::vector<const char*> symbols_;
  slipway_port view_;
};

using CPorts = std::vector<std::unique_ptr<const CPort>>;
CPorts c_ports(const std::vector<backends::Port>& ports);

}  // namespace slipway::api
