// Operators that do wrong when they are called. Each takes x: float and makes y: float, if it gets so far.
#include <slipway/custom_op.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

using Api = const slipway_op_api*;
using Call = slipway_op_call*;

slipway_status same_shape(Api api, Call call, const void*) {
  return api->set_shape_like(call, 0, 0);
}

float* make(Api api, Call call) {
  return static_cast<float*>(api->output(call, 0));
}

void destroy(void*) {}

std::vector<slipway_op> make_all() {
  std::vector<slipway_op> all;
  const auto add = [&](const char* name, slipway_op_run run) -> slipway_op& {
    slipway_op op = {};
    op.domain = "wrong";
    op.name = name;
    op.version = 1;
    op.inputs = "x: float";
    op.outputs = "y: float";
    op.attributes = "n: int?; s: string?";
    op.infer = same_shape;
    op.run = run;
    all.push_back(op);
    return all.back();
  };

  add("Throws", [](Api, Call, const void*) -> slipway_status { throw std::runtime_error("out of fuel"); });
  add("ThrowsNumber", [](Api, Call, const void*) -> slipway_status { throw 7; });
  add("FindsNoMemory", [](Api, Call, const void*) -> slipway_status { throw std::bad_alloc(); });
  add("Fails", [](Api api, Call call, const void*) {
    return api->fail(call, SLIPWAY_UNSUPPORTED, "%d is %s", 13, "unlucky");
  });
  add("FailsAndSaysOk", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call);
    api->fail(call, SLIPWAY_INVALID_ARGUMENT, "first");
    api->fail(call, SLIPWAY_INVALID_ARGUMENT, "second");
    return SLIPWAY_OK;
  });
  add("FailsWithOk",
      [](Api api, Call call, const void*) { return api->fail(call, SLIPWAY_OK, "%s", "is it?"); });
  add("SaysNothing", [](Api, Call, const void*) -> slipway_status { return 77; });
  add("MakesNothing", [](Api, Call, const void*) -> slipway_status { return SLIPWAY_OK; });
  add("MakesTwice", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call);
    make(api, call);
    return SLIPWAY_OK;
  });
  add("MakesAnotherShape", [](Api api, Call call, const void*) -> slipway_status {
    const int64_t dims[] = {3, 2};
    api->output_of_shape(call, 0, dims, 2);
    return SLIPWAY_OK;
  });
  add("MakesNegativeSizes", [](Api api, Call call, const void*) -> slipway_status {
    const int64_t dims[] = {-3};
    api->output_of_shape(call, 0, dims, 1);
    return SLIPWAY_OK;
  }).infer = nullptr;
  add("MakesTooMuch", [](Api api, Call call, const void*) -> slipway_status {
    const int64_t dims[] = {INT64_MAX / 2, INT64_MAX / 2};
    return api->output_of_shape(call, 0, dims, 2) ? SLIPWAY_OK : api->status(call);
  }).infer = nullptr;
  add("LeavesOpen", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call);
    return SLIPWAY_OK;
  }).infer = nullptr;
  add("WritesBeyond", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call)[api->input(call, 0)->count] = 1;
    return SLIPWAY_OK;
  });
  add("WritesBefore", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call)[-1] = 1;
    return SLIPWAY_OK;
  });
  add("WritesNoBool", [](Api api, Call call, const void*) -> slipway_status {
    auto* y = static_cast<unsigned char*>(api->output(call, 0));
    for (size_t i = 0; i < api->input(call, 0)->count; ++i) y[i] = 2;
    return SLIPWAY_OK;
  }).outputs = "y: bool";
  add("SetsNoString", [](Api api, Call call, const void*) -> slipway_status {
    make(api, call);
    return api->set_string(call, 0, 0, "a", 1);
  });
  add("AsksForInput", [](Api api, Call call, const void*) -> slipway_status {
    api->input(call, 1);
    return SLIPWAY_OK;
  });
  add("AsksForAttribute", [](Api api, Call call, const void*) -> slipway_status {
    api->attribute_int(call, "m", 0);
    return SLIPWAY_OK;
  });
  add("AsksForKind", [](Api api, Call call, const void*) -> slipway_status {
    api->attribute_float(call, "n", 0);
    return SLIPWAY_OK;
  });
  add("AsksForString", [](Api api, Call call, const void*) -> slipway_status {
    api->string(call, api->input(call, 0), 0, nullptr);
    return SLIPWAY_OK;
  });
  add("InfersInRun", [](Api api, Call call, const void*) { return api->set_shape_like(call, 0, 0); });

  const auto fill = [](Api api, Call call, const void*) -> slipway_status {
    float* y = make(api, call);
    for (size_t i = 0; y && i < api->input(call, 0)->count; ++i) y[i] = 0;
    return api->status(call);
  };
  add("ThrowsInInfer", fill).infer = [](Api, Call, const void*) -> slipway_status {
    throw std::logic_error("no idea");
  };
  add("MakesInInfer", fill).infer = [](Api api, Call call, const void*) -> slipway_status {
    api->output(call, 0);
    return SLIPWAY_OK;
  };
  add("CalculatesWithUnknown", fill).infer = [](Api api, Call call, const void*) {
    const int64_t dims[] = {2 * api->input_type(call, 0)->dims[0], api->input_type(call, 0)->dims[1]};
    return api->set_shape(call, 0, dims, 2);
  };
  add("StatesAnotherType", fill).infer = [](Api api, Call call, const void*) {
    return api->set_element_type(call, 0, SLIPWAY_INT64);
  };
  add("HasNoType", fill).outputs = "y: U";
  all.back().types = "U: float, double";
  add("ThrowsInCreate", fill).create = [](Api, Call, void** state) -> slipway_status {
    *state = new int(1);
    throw std::invalid_argument("n is odd");
  };
  all.back().destroy = [](void* state) { delete static_cast<int*>(state); };
  add("LeavesNoState", fill).create = [](Api, Call, void**) -> slipway_status { return SLIPWAY_OK; };
  all.back().destroy = destroy;
  add("CountsInCreate", fill).create = [](Api api, Call call, void** state) -> slipway_status {
    *state = state;
    return api->input_count(call) == 1 ? SLIPWAY_OK : SLIPWAY_INVALID_MODEL;
  };
  all.back().destroy = destroy;
  add("CountsNonsense", fill).flops = [](Api, Call, const void*) { return -1.0; };
  return all;
}

const std::vector<slipway_op> operators = make_all();

}  // namespace

extern "C" SLIPWAY_OP_EXPORT const slipway_op_library* slipway_custom_ops(void) {
  static const slipway_op_library library = {SLIPWAY_CUSTOM_OP_ABI, sizeof(slipway_op_library),
                                             sizeof(slipway_op), operators.size(), operators.data()};
  return &library;
}
