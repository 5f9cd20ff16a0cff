#include "custom/call.hpp"

#include <algorithm>

namespace slipway::custom {

constexpr size_t kLeastDims = 64;
// What an empty tensor points to: a pointer that is not NULL needs no question.
alignas(64) constexpr std::byte kNoElements[64] = {};

std::vector<int64_t> padded_dims(std::vector<int64_t> dims) {
  dims.resize(std::max(dims.size(), kLeastDims), SLIPWAY_OP_UNKNOWN);
  return dims;
}

TensorView::TensorView(const Tensor& viewed)
    : slipway_op_tensor{}, tensor(&viewed), padded(padded_dims(viewed.dims())) {
  data = viewed.raw() ? viewed.raw() : kNoElements;
  dims = padded.data();
  rank = viewed.rank();
  count = static_cast<size_t>(viewed.count());
  bytes = viewed.type() == DataType::kString ? 0 : viewed.bytes();
  element_type = static_cast<slipway_element_type>(viewed.type());
}

static_assert(SLIPWAY_INVALID_ARGUMENT == static_cast<int>(ErrorCode::kInvalidArgument) + 1);
static_assert(SLIPWAY_INVALID_MODEL == static_cast<int>(ErrorCode::kInvalidModel) + 1);
static_assert(SLIPWAY_INVALID_PICTURE == static_cast<int>(ErrorCode::kInvalidPicture) + 1);
static_assert(SLIPWAY_UNSUPPORTED == static_cast<int>(ErrorCode::kUnsupported) + 1);
static_assert(SLIPWAY_NOT_FOUND == static_cast<int>(ErrorCode::kNotFound) + 1);
static_assert(SLIPWAY_IO == static_cast<int>(ErrorCode::kIo) + 1);
static_assert(SLIPWAY_OUT_OF_MEMORY == static_cast<int>(ErrorCode::kOutOfMemory) + 1);
static_assert(SLIPWAY_CANCELLED == static_cast<int>(ErrorCode::kCancelled) + 1);
static_assert(SLIPWAY_INTERNAL == static_cast<int>(ErrorCode::kInternal) + 1);

ErrorCode code_of(slipway_status status) {
  const bool known = status >= SLIPWAY_INVALID_ARGUMENT && status <= SLIPWAY_INTERNAL;
  return known ? static_cast<ErrorCode>(status - 1) : ErrorCode::kInternal;
}

slipway_status status_of(ErrorCode code) {
  return static_cast<slipway_status>(code) + 1;
}

}  // namespace slipway::custom

using namespace slipway;

void slipway_op_call::keep(Error error) {
  if (!error_) error_ = std::move(error);
}

void slipway_op_call::check(slipway_status returned) const {
  if (error_) throw *error_;
  if (returned != SLIPWAY_OK)
    fail(custom::code_of(returned), "its function {} returned status {} without a text", function_, returned);
}

const Node& slipway_op_call::seen_node(const char* function) const {
  if (!is_of_one_node()) misplaced(function);
  return node_;
}

const Attribute* slipway_op_call::find_attribute(const char* name,
                                                 std::optional<Attribute::Kind> kind) const {
  if (!name)
    fail(ErrorCode::kInternal, "its function {} asks for an attribute whose name is NULL", function_);
  const auto& specs = schema_.attributes;
  const auto spec =
      std::find_if(specs.begin(), specs.end(), [&](const auto& each) { return each.name == name; });
  if (spec == specs.end())
    fail(ErrorCode::kInternal, "its function {} asks for an attribute '{}', which its schema does not have",
         function_, name);
  if (kind && *kind != spec->kind)
    fail(ErrorCode::kInternal,
         "its function {} asks for the attribute '{}' as {}, but its schema has it as {}", function_, name,
         name_of(*kind), name_of(spec->kind));
  return node_.find_attribute(name);
}

bool slipway_op_call::has_attribute(const char* name) {
  return find_attribute(name, std::nullopt) != nullptr;
}

const slipway_op_tensor* slipway_op_call::attribute_tensor(const char* name) {
  const auto* constant = attribute<Constant>(name, Attribute::Kind::kTensor);
  return constant ? view(constant->tensor) : nullptr;
}

const slipway::Text& slipway_op_call::string(const slipway_op_tensor* tensor, size_t index) const {
  const auto found =
      std::find_if(views_.begin(), views_.end(), [&](const auto& each) { return &each == tensor; });
  if (found == views_.end())
    fail(ErrorCode::kInternal, "its function {} asks for a string of a tensor that it was not given",
         function_);
  if (found->tensor->type() != DataType::kString || index >= found->count)
    fail(ErrorCode::kInternal, "its function {} asks for string {} of {}", function_, index,
         found->tensor->describe());
  return found->tensor->data<Text>()[index];
}

namespace {

void check_index(size_t index, size_t given, const std::vector<ops::Parameter>& parameters,
                 const char* function, const char* what) {
  if (index < given || index < parameters.size()) return;
  fail(ErrorCode::kInternal, "its function {} asks for {} {}, but there are {}", function, what, index,
       std::max(given, parameters.size()));
}

}  // namespace

void slipway_op_call::check_input(size_t index) const {
  check_index(index, node_.inputs().size(), schema_.inputs, function_, "input");
}

void slipway_op_call::check_output(size_t index) const {
  check_index(index, node_.outputs().size(), schema_.outputs, function_, "output");
}

void slipway_op_call::misplaced(const char* function) const {
  fail(ErrorCode::kInternal, "its function {} calls {}, which is not for {}", function_, function, function_);
}

const slipway_op_type* slipway_op_call::input_type(size_t) {
  misplaced("input_type");
}
const slipway_op_type* slipway_op_call::output_type(size_t) {
  misplaced("output_type");
}
const slipway_op_tensor* slipway_op_call::input_constant(size_t) {
  misplaced("input_constant");
}
void slipway_op_call::set_shape(size_t, const int64_t*, int32_t) {
  misplaced("set_shape");
}
void slipway_op_call::set_shape_like(size_t, size_t) {
  misplaced("set_shape_like");
}
void slipway_op_call::set_element_type(size_t, slipway_element_type) {
  misplaced("set_element_type");
}
const slipway_op_tensor* slipway_op_call::input(size_t) {
  misplaced("input");
}
void* slipway_op_call::output(size_t) {
  misplaced("output");
}
void* slipway_op_call::output_of_shape(size_t, const int64_t*, size_t) {
  misplaced("output_of_shape");
}
void slipway_op_call::set_string(size_t, size_t, const char*, size_t) {
  misplaced("set_string");
}
