// Libraries that Slipway must not take: one for each FAULT_ that the build defines.
#include <slipway/custom_op.h>

#include <stdexcept>

namespace {

slipway_status run(const slipway_op_api*, slipway_op_call*, const void*) {
  return SLIPWAY_OK;
}

[[maybe_unused]] slipway_status create(const slipway_op_api*, slipway_op_call*, void**) {
  return SLIPWAY_OK;
}

slipway_op describe() {
  slipway_op op = {};
  op.domain = "test";
  op.name = "Op";
  op.version = 1;
  op.inputs = "x: T";
  op.outputs = "y: T";
  op.types = "T: float, double";
  op.run = run;
#if defined FAULT_standard
  op.domain = "";
  op.name = "Relu";
#elif defined FAULT_standard_ml
  op.domain = "ai.onnx.ml";
#elif defined FAULT_rewritten
  op.domain = "com.microsoft";
  op.name = "FusedMatMul";
#elif defined FAULT_no_name
  op.name = nullptr;
#elif defined FAULT_no_run
  op.run = nullptr;
#elif defined FAULT_no_outputs
  op.outputs = nullptr;
#elif defined FAULT_unknown_type
  op.inputs = "x: tensor";
#elif defined FAULT_short_type_name
  op.types = "T: f32";
#elif defined FAULT_unknown_kind
  op.attributes = "body: graph";
#elif defined FAULT_no_colon
  op.inputs = "x T";
#elif defined FAULT_variadic_first
  op.inputs = "x: T...; z: T";
#elif defined FAULT_create_alone
  op.create = create;
#elif defined FAULT_unknown_flag
  op.flags = 0x80;
#elif defined FAULT_version_zero
  op.version = 0;
#endif
  return op;
}

const slipway_op operators[] = {describe(), describe()};

}  // namespace

#if defined FAULT_undefined_symbol
extern "C" int nobody_defines_this();
extern "C" const slipway_op_library* slipway_custom_ops(void) {
  return nobody_defines_this() ? nullptr : nullptr;
}
#elif !defined FAULT_no_entry
extern "C" const slipway_op_library* slipway_custom_ops(void) {
  static slipway_op_library library = {SLIPWAY_CUSTOM_OP_ABI, sizeof(slipway_op_library), sizeof(slipway_op),
                                       1, operators};
#if defined FAULT_null_table
  return nullptr;
#elif defined FAULT_newer_abi
  // What a later version of the header might make of it: nothing but the first field can be relied on.
  library = {SLIPWAY_CUSTOM_OP_ABI + 1, 8, 0, ~size_t{0}, reinterpret_cast<const slipway_op*>(16)};
#elif defined FAULT_older_abi
  library.abi = 0;
#elif defined FAULT_small_table
  library.op_size = 8;
#elif defined FAULT_throws
  throw std::runtime_error("the licence has expired");
#elif defined FAULT_no_operators
  library.count = 0;
#elif defined FAULT_twice
  library.count = 2;
#endif
  return &library;
}
#endif
