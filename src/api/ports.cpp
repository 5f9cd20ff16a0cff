#include "api/ports.hpp"

#include "api/model.hpp"
#include "api/status.hpp"

namespace slipway::api {
namespace {

// The tensor that a value of this type is, be it optional; nullptr for sequences and maps.
const Type* tensor_within(const Type& type) {
  if (type.kind() == Type::Kind::kOptional) return tensor_within(type.inner());
  return type.is_tensor() ? &type : nullptr;
}

const slipway_port& port_at(const CPorts& ports, size_t index, const char* what) {
  if (index >= ports.size())
    fail(ErrorCode::kInvalidArgument, "there is no {} {}; the model has {}", what, index, ports.size());
  return ports[index]->view();
}

}  // namespace

CPort::CPort(const backends::Port& port) : name_(port.name), type_(port.type.to_string()) {
  const Type* tensor = tensor_within(port.type);
  const bool has_shape = tensor && tensor->shape();
  if (has_shape) {
    for (const Dim& dim : *tensor->shape()) {
      dims_.push_back(dim.is_known() ? dim.value() : -1);
      texts_.push_back(dim.is_symbolic() ? dim.text() : "");
    }
    for (const std::string& text : texts_) symbols_.push_back(text.empty() ? nullptr : text.c_str());
  }
  view_.name = name_.c_str();
  view_.type = type_.c_str();
  view_.dims = dims_.data();
  view_.symbols = symbols_.data();
  view_.element_type = tensor ? static_cast<slipway_element_type>(tensor->element_type()) : SLIPWAY_UNDEFINED;
  view_.rank = has_shape ? static_cast<int32_t>(dims_.size()) : -1;
  view_.optional = port.optional || port.type.kind() == Type::Kind::kOptional;
}

CPorts c_ports(const std::vector<backends::Port>& ports) {
  CPorts views;
  for (const backends::Port& port : ports) views.push_back(std::make_unique<const CPort>(port));
  return views;
}

}  // namespace slipway::api

using namespace slipway::api;

slipway_status slipway_model_input_count(const slipway_model* model, size_t* count) {
  return guarded([&] { not_null(count, "count") = handle(model, "model").inputs.size(); });
}

slipway_status slipway_model_output_count(const slipway_model* model, size_t* count) {
  return guarded([&] { not_null(count, "count") = handle(model, "model").outputs.size(); });
}

slipway_status slipway_model_input(const slipway_model* model, size_t index, const slipway_port** port) {
  return guarded([&] { not_null(port, "port") = &port_at(handle(model, "model").inputs, index, "input"); });
}

slipway_status slipway_model_output(const slipway_model* model, size_t index, const slipway_port** port) {
  return guarded([&] { not_null(port, "port") = &port_at(handle(model, "model").outputs, index, "output"); });
}
