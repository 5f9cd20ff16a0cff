// Operators that use what the examples do not: constraints, optional and variadic parameters, every kind of
// attribute, constants in inference, packed types, the number of states and runs.
#include <slipway/custom_op.h>

#include <atomic>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Api = const slipway_op_api*;
using Call = slipway_op_call*;

std::atomic<int> states{0};
std::atomic<int> made{0};

struct Scale {
  int64_t factor;
};

// Scaled(x: T) = factor * x, and how many states there have been and are.
slipway_op scaled() {
  slipway_op op = {};
  op.domain = "test";
  op.name = "Scaled";
  op.version = 2;
  op.flags = SLIPWAY_OP_NONDETERMINISTIC;
  op.inputs = "x: T";
  op.outputs = "y: T; counts: int64?";
  op.attributes = "factor: int";
  op.types = "T: int32, int64";
  op.create = [](Api api, Call call, void** state) -> slipway_status {
    *state = new Scale{api->attribute_int(call, "factor", 0)};
    ++states;
    ++made;
    return SLIPWAY_OK;
  };
  op.destroy = [](void* state) {
    delete static_cast<Scale*>(state);
    --states;
  };
  op.infer = [](Api api, Call call, const void*) {
    const int64_t two = 2;
    api->set_shape(call, 1, &two, 1);
    return api->set_shape_like(call, 0, 0);
  };
  op.run = [](Api api, Call call, const void* state) -> slipway_status {
    const slipway_op_tensor* x = api->input(call, 0);
    const int64_t factor = static_cast<const Scale*>(state)->factor;
    void* y = api->output(call, 0);
    auto* counts = static_cast<int64_t*>(api->output(call, 1));
    if (!y || !counts) return api->status(call);
    for (size_t i = 0; i < x->count; ++i)
      if (x->element_type == SLIPWAY_INT32)
        static_cast<int32_t*>(y)[i] = static_cast<int32_t>(static_cast<const int32_t*>(x->data)[i] * factor);
      else
        static_cast<int64_t*>(y)[i] = static_cast<const int64_t*>(x->data)[i] * factor;
    counts[0] = states;
    counts[1] = made;
    return SLIPWAY_OK;
  };
  op.flops = [](Api api, Call call, const void*) {
    const slipway_op_type* y = api->output_type(call, 0);
    double count = 1;
    for (int32_t axis = 0; axis < y->rank; ++axis) count *= static_cast<double>(y->dims[axis]);
    return count;
  };
  return op;
}

// Describe(rest: T...) = one string that says everything that the node has.
slipway_op describe() {
  slipway_op op = {};
  op.domain = "test";
  op.name = "Describe";
  op.version = 1;
  op.inputs = "first: any; second: I?; rest: any...";
  op.types = "any: any; I: int64";
  op.outputs = "y: string";
  op.attributes = "i: int?; f: float?; s: string?; is: ints?; fs: floats?; ss: strings?; t: tensor?";
  op.infer = [](Api api, Call call, const void*) { return api->set_shape(call, 0, nullptr, 0); };
  op.run = [](Api api, Call call, const void*) -> slipway_status {
    std::string text;
    for (size_t i = 0; i < api->input_count(call); ++i) {
      const slipway_op_tensor* input = api->input(call, i);
      if (!input) {
        text += "none;";
        continue;
      }
      text += std::to_string(input->element_type) + ":" + std::to_string(input->rank) + ":" +
              std::to_string(input->count) + ":" + std::to_string(input->bytes) + ";";
    }
    size_t count = 0;
    text += " i=" + std::to_string(api->attribute_int(call, "i", -1));
    text += " f=" + std::to_string(api->attribute_float(call, "f", -1));
    const char* s = api->attribute_string(call, "s", "none", &count);
    text += " s=" + std::string(s, count);
    const int64_t* is = api->attribute_ints(call, "is", &count);
    text += is ? " is=" : " no is";
    for (size_t i = 0; i < count; ++i) text += std::to_string(is[i]) + ",";
    const float* fs = api->attribute_floats(call, "fs", &count);
    text += fs ? " fs=" : " no fs";
    for (size_t i = 0; i < count; ++i) text += std::to_string(fs[i]) + ",";
    text += api->has_attribute(call, "ss") ? " ss=" : " no ss";
    for (size_t i = 0; i < api->attribute_strings(call, "ss"); ++i)
      text += std::string(api->attribute_string_at(call, "ss", i, nullptr)) + ",";
    const slipway_op_tensor* t = api->attribute_tensor(call, "t");
    text += t ? " t=" + std::to_string(t->count) : " no t";
    if (!api->output(call, 0)) return api->status(call);
    return api->set_string(call, 0, 0, text.data(), text.size());
  };
  return op;
}

// Fill(shape: int64, x: T): x over and over, of the shape that an input says, which may be a constant. Any
// type; x fills whole bytes.
slipway_op fill() {
  slipway_op op = {};
  op.domain = "test";
  op.name = "Fill";
  op.version = 1;
  op.inputs = "shape: int64; x: T";
  op.outputs = "y: T";
  op.types = "T: any";
  op.infer = [](Api api, Call call, const void*) -> slipway_status {
    const slipway_op_tensor* shape = api->input_constant(call, 0);
    if (!shape) return SLIPWAY_OK;
    return api->set_shape(call, 0, static_cast<const int64_t*>(shape->data),
                          static_cast<int32_t>(shape->count));
  };
  op.run = [](Api api, Call call, const void*) -> slipway_status {
    const slipway_op_tensor *shape = api->input(call, 0), *x = api->input(call, 1);
    void* y = api->output_of_shape(call, 0, static_cast<const int64_t*>(shape->data), shape->count);
    size_t count = 1;
    for (size_t i = 0; i < shape->count; ++i)
      count *= static_cast<size_t>(static_cast<const int64_t*>(shape->data)[i]);
    count /= x->count;
    for (size_t i = 0; y && i < count; ++i) {
      if (x->element_type == SLIPWAY_STRING) {
        size_t length = 0;
        const char* text = api->string(call, x, 0, &length);
        api->set_string(call, 0, i, text, length);
      } else {
        std::memcpy(static_cast<char*>(y) + i * x->bytes, x->data, x->bytes);
      }
    }
    return api->status(call);
  };
  return op;
}

// Twice the rows, the same columns: sizes that are not known stay so, and a symbol stays that symbol.
slipway_op stack() {
  slipway_op op = {};
  op.domain = "test";
  op.name = "Stack";
  op.version = 1;
  op.inputs = "x: float";
  op.outputs = "y: float";
  op.infer = [](Api api, Call call, const void*) -> slipway_status {
    const slipway_op_type* x = api->input_type(call, 0);
    if (x->rank < 0) return SLIPWAY_OK;
    if (x->rank != 2) return api->fail(call, SLIPWAY_INVALID_ARGUMENT, "x is of rank %d, not 2", x->rank);
    const int64_t dims[] = {x->dims[0] < 0 ? SLIPWAY_OP_UNKNOWN : 2 * x->dims[0], x->dims[1]};
    return api->set_shape(call, 0, dims, 2);
  };
  op.run = [](Api api, Call call, const void*) -> slipway_status {
    const slipway_op_tensor* x = api->input(call, 0);
    auto* y = static_cast<char*>(api->output(call, 0));
    if (!y) return api->status(call);
    std::memcpy(y, x->data, x->bytes);
    std::memcpy(y + x->bytes, x->data, x->bytes);
    return SLIPWAY_OK;
  };
  return op;
}

const slipway_op operators[] = {scaled(), describe(), fill(), stack()};

}  // namespace

SLIPWAY_CUSTOM_OPS(operators)
