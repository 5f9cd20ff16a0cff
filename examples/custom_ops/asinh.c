/* com.example:Asinh, y = asinh(x): what somebody needs whose exporter wrote a node that no engine knows. */
#include <math.h>
#include <slipway/custom_op.h>

static slipway_status infer(const slipway_op_api* api, slipway_op_call* call, const void* state) {
  (void)state;
  return api->set_shape_like(call, 0, 0);
}

static slipway_status run(const slipway_op_api* api, slipway_op_call* call, const void* state) {
  const slipway_op_tensor* x = api->input(call, 0);
  const float* from = x->data;
  float* to = api->output(call, 0);
  (void)state;
  if (!to) return api->status(call);
  for (size_t i = 0; i < x->count; ++i) to[i] = asinhf(from[i]);
  return SLIPWAY_OK;
}

static const slipway_op operators[] = {{.domain = "com.example",
                                        .name = "Asinh",
                                        .version = 1,
                                        .inputs = "x: float",
                                        .outputs = "y: float",
                                        .infer = infer,
                                        .run = run}};

SLIPWAY_CUSTOM_OPS(operators)
