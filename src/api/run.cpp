// One run: names become positions, results become the caller's.
#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>

#include "api/cancellation.hpp"
#include "api/model.hpp"
#include "api/status.hpp"
#include "api/tensor.hpp"

namespace slipway::api {
namespace {

using Bindings = std::span<const slipway_binding>;
using Ports = std::vector<backends::Port>;

std::string names_of(const Ports& ports) {
  std::string names;
  for (const auto& port : ports) names += (names.empty() ? "'" : ", '") + port.name + "'";
  return names.empty() ? "none" : names;
}

// The port of each binding. Throws kInvalidArgument for names that are not there or there twice.
std::vector<size_t> positions_of(Bindings bindings, const Ports& ports, const char* what) {
  std::vector<size_t> positions;
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (!bindings[i].name) fail(ErrorCode::kInvalidArgument, "{} {} has no name: it is NULL", what, i);
    const std::string_view name = bindings[i].name;
    const auto port =
        std::find_if(ports.begin(), ports.end(), [&](const auto& each) { return each.name == name; });
    if (port == ports.end())
      fail(ErrorCode::kInvalidArgument, "the model has no {} '{}'; it has: {}", what, name, names_of(ports));
    const auto position = static_cast<size_t>(port - ports.begin());
    if (std::find(positions.begin(), positions.end(), position) != positions.end())
      fail(ErrorCode::kInvalidArgument, "{} '{}' is given twice", what, name);
    positions.push_back(position);
  }
  return positions;
}

template <typename Body>
void with_port(const char* what, const char* name, Body&& body) {
  with_context([&] { return std::string(what) + " '" + name + "'"; }, std::forward<Body>(body));
}

// Kernels read bool, for which other bytes have no meaning.
void check_bools(const Tensor& tensor) {
  if (tensor.type() != DataType::kBool) return;
  const auto bytes = tensor.raw_bytes();
  const auto wrong =
      std::find_if(bytes.begin(), bytes.end(), [](std::byte byte) { return byte > std::byte{1}; });
  if (wrong != bytes.end())
    fail(ErrorCode::kInvalidArgument, "element {} is {}, but a bool is 0 or 1", wrong - bytes.begin(),
         static_cast<int>(*wrong));
}

std::vector<RuntimeValue> take_inputs(Bindings bindings, const Ports& ports) {
  const auto positions = positions_of(bindings, ports, "input");
  std::vector<RuntimeValue> values(ports.size());
  for (size_t i = 0; i < bindings.size(); ++i)
    with_port("input", bindings[i].name, [&] {
      const Tensor& tensor = handle(bindings[i].tensor, "tensor").content;
      check_bools(tensor);
      values[positions[i]] = tensor;
    });
  return values;
}

bool overlap(const slipway_tensor_info& a, const slipway_tensor_info& b) {
  const auto* a_begin = static_cast<const std::byte*>(a.data);
  const auto* b_begin = static_cast<const std::byte*>(b.data);
  return a.size > 0 && b.size > 0 && std::less<>()(a_begin, b_begin + b.size) &&
         std::less<>()(b_begin, a_begin + a.size);
}

// What is wrong with the caller's tensors and can be told before the run.
void check_targets(Bindings outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].tensor) continue;
    with_port("output", outputs[i].name, [&] {
      const auto& target = handle(outputs[i].tensor, "tensor");
      for (const slipway_binding& other : outputs.first(i))
        if (other.tensor && (other.tensor == outputs[i].tensor || overlap(other.tensor->info, target.info)))
          fail(ErrorCode::kInvalidArgument, "its memory is also that of output '{}'", other.name);
    });
  }
}

void check_fits(const Tensor& result, const Tensor& target) {
  if (result.type() != target.type() || result.dims() != target.dims())
    fail(ErrorCode::kInvalidArgument, "the result is {}, but the tensor given for it is {}",
         result.describe(), target.describe());
}

void copy_elements(const Tensor& from, Tensor& to) {
  if (from.type() == DataType::kString) {
    const auto strings = from.data<Text>();
    std::copy(strings.begin(), strings.end(), to.data<Text>().begin());
  } else if (from.bytes() > 0) {
    std::memcpy(to.raw(), from.raw(), from.bytes());
  }
}

// The result as a tensor that nobody else reads or writes: not one of the model, of an input or of the
// caller.
Tensor owned(RuntimeValue value) {
  if (!value.is_tensor())
    fail(ErrorCode::kUnsupported, "the result is {}, which this interface has no form for",
         value.kind_name());
  Tensor tensor = std::move(value.tensor());
  const bool is_shared = tensor.buffer().use_count() > 1;
  return is_shared || !tensor.is_contiguous() ? tensor.clone() : tensor;
}

// Everything that may fail comes first, so that either all outputs are handed over or none.
void hand_over(std::vector<Tensor> results, std::span<slipway_binding> outputs) {
  std::vector<std::unique_ptr<slipway_tensor>> made(outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    with_port("output", outputs[i].name, [&] {
      if (outputs[i].tensor)
        check_fits(results[i], outputs[i].tensor->content);
      else
        made[i] = std::make_unique<slipway_tensor>(std::move(results[i]));
    });
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].tensor) copy_elements(results[i], outputs[i].tensor->content);
  for (size_t i = 0; i < outputs.size(); ++i)
    if (made[i]) outputs[i].tensor = made[i].release();
}

void run(const slipway_model& model, Bindings inputs, std::span<slipway_binding> outputs,
         const Cancellation& cancellation) {
  backends::Executable& executable = *model.executable;
  const auto values = take_inputs(inputs, executable.inputs());
  const auto wanted = positions_of(outputs, executable.outputs(), "output");
  check_targets(outputs);
  auto computed = executable.run(values, cancellation);
  std::vector<Tensor> results;
  for (size_t i = 0; i < outputs.size(); ++i)
    with_port("output", outputs[i].name,
              [&] { results.push_back(owned(std::move(computed.at(wanted[i])))); });
  hand_over(std::move(results), outputs);
}

}  // namespace
}  // namespace slipway::api

using namespace slipway::api;

slipway_status slipway_run(const slipway_model* model, const slipway_binding* inputs, size_t input_count,
                           slipway_binding* outputs, size_t output_count,
                           const slipway_cancellation* cancellation) {
  return guarded([&] {
    run(handle(model, "model"), array(inputs, input_count, "inputs"), array(outputs, output_count, "outputs"),
        request_of(cancellation));
  });
}
