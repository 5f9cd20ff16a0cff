#include "custom/run_call.hpp"

#include <algorithm>
#include <cstring>

namespace slipway::custom {
namespace {

constexpr auto kFault = ErrorCode::kInternal;

// Before and behind each output: what lies there is told from what was put there.
constexpr size_t kGuardBytes = 64;
constexpr int kGuard = 0xA5;
constexpr size_t kMostRank = 64;

bool is_untouched(const std::byte* guard) {
  return std::all_of(guard, guard + kGuardBytes, [](std::byte byte) { return byte == std::byte{kGuard}; });
}

}  // namespace

RunCall::RunCall(const ops::Operator& schema, ops::KernelContext& context, std::vector<Type> inferred)
    : slipway_op_call(schema, context.node(), "run"),
      context_(context),
      inferred_(std::move(inferred)),
      outputs_(std::max(schema.outputs.size(), context.output_count())) {
  for (size_t i = 0; i < context.input_count(); ++i)
    inputs_.push_back(context.has_input(i) ? view(context.input(i)) : nullptr);
}

const slipway_op_tensor* RunCall::input(size_t index) {
  check_input(index);
  return index < inputs_.size() ? inputs_[index] : nullptr;
}

std::string RunCall::name_of_output(size_t index) const {
  const auto& parameters = schema().outputs;
  return fmt::format("output {} ('{}')", index, parameters[std::min(index, parameters.size() - 1)].name);
}

RunCall::Output& RunCall::place_of(size_t index) {
  check_output(index);
  if (outputs_[index].made) fail(kFault, "its function run makes {} twice", name_of_output(index));
  if (inferred_[index].is_none())
    fail(kFault,
         "the element type of {} follows neither from the schema nor from infer: call set_element_type there",
         name_of_output(index));
  return outputs_[index];
}

void* RunCall::output(size_t index) {
  place_of(index);
  const Type& type = inferred_[index];
  if (!type.shape() || !all_known(*type.shape()))
    fail(kFault,
         "its function run makes {} by output(), but infer left it open ({}): state its shape by "
         "output_of_shape()",
         name_of_output(index), type.to_string());
  return make(index, known_dims(*type.shape()));
}

void* RunCall::output_of_shape(size_t index, const int64_t* dims, size_t rank) {
  place_of(index);
  if (rank > kMostRank || (rank > 0 && !dims))
    fail(kFault, "its function run makes {} with rank {}{}; ranks go from 0 to {}", name_of_output(index),
         rank, dims ? "" : " and sizes that are NULL", kMostRank);
  Dims wanted(dims, dims + rank);
  const Type& type = inferred_[index];
  const auto fits = [&] {
    if (!type.shape()) return true;
    return std::equal(wanted.begin(), wanted.end(), type.shape()->begin(), type.shape()->end(),
                      [](int64_t size, const Dim& dim) { return !dim.is_known() || dim.value() == size; });
  };
  if (!fits())
    fail(kFault, "its function run makes {} with the shape {}, but infer stated {}", name_of_output(index),
         to_string(wanted), type.to_string());
  return make(index, std::move(wanted));
}

void* RunCall::make(size_t index, Dims dims) {
  const DataType type = inferred_[index].element_type();
  Output& output = outputs_[index];
  if (type == DataType::kString) {
    output.tensor = context_.allocate(type, std::move(dims));
    output.made = true;
    // Not to be touched, but not NULL.
    return &output;
  }
  const size_t bytes = bytes_for(type, element_count(dims));
  output.block = context_.allocate(DataType::kUint8, {static_cast<int64_t>(bytes + 2 * kGuardBytes)});
  auto* begin = static_cast<std::byte*>(output.block.raw());
  std::memset(begin, kGuard, kGuardBytes);
  std::memset(begin + kGuardBytes + bytes, kGuard, kGuardBytes);
  const auto offset = static_cast<size_t>(begin - static_cast<std::byte*>(output.block.buffer()->data()));
  output.tensor = Tensor(type, std::move(dims), output.block.buffer(), offset + kGuardBytes);
  output.made = true;
  return begin + kGuardBytes;
}

void RunCall::set_string(size_t output, size_t index, const char* text, size_t length) {
  check_output(output);
  Tensor& tensor = outputs_[output].tensor;
  if (!outputs_[output].made || tensor.type() != DataType::kString)
    fail(kFault, "its function run sets a string of {}, which {}", name_of_output(output),
         outputs_[output].made ? "is " + tensor.describe() : "was not made");
  if (index >= static_cast<size_t>(tensor.count()) || (length > 0 && !text))
    fail(kFault, "its function run sets string {} of {}, which is {}{}", index, name_of_output(output),
         tensor.describe(), text ? "" : ", to NULL");
  tensor.data<Text>()[index].assign(text ? text : "", length);
}

void RunCall::check_guards(size_t index) const {
  const Output& output = outputs_[index];
  if (!output.block.defined()) return;
  const auto* begin = static_cast<const std::byte*>(output.block.raw());
  const bool before = !is_untouched(begin);
  if (before || !is_untouched(begin + kGuardBytes + output.tensor.bytes()))
    fail(kFault, "its function run wrote {} {}, which is {}",
         before ? "before the beginning of" : "beyond the end of", name_of_output(index),
         output.tensor.describe());
}

void RunCall::hand_over() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (!output.made) {
      if (context_.wants_output(i)) fail(kFault, "its function run did not make {}", name_of_output(i));
      continue;
    }
    check_guards(i);
    if (output.tensor.type() == DataType::kBool) {
      const auto bytes = output.tensor.raw_bytes();
      if (std::any_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte > std::byte{1}; }))
        fail(kFault, "its function run wrote a bool that is neither 0 nor 1 to {}", name_of_output(i));
    }
    if (context_.wants_output(i)) context_.set_output(i, std::move(output.tensor));
  }
}

}  // namespace slipway::custom
