/* Runs a model with an operator that a library brings, through the C API: y = 2 asinh(1). */
#include <slipway/slipway.h>
/* A program may use both interfaces. */
#include <slipway/custom_op.h>
#include <stdio.h>

int main(int argc, char** argv) {
  const char* libraries[] = {argc > 2 ? argv[2] : NULL};
  slipway_model_options options = {
      .struct_size = sizeof options, .threads = 1, .custom_ops = libraries, .custom_op_count = 1};
  slipway_model* model = NULL;
  slipway_tensor* x = NULL;
  float one = 1;
  const int64_t dims[] = {1, 1};
  if (argc != 3 || slipway_model_load(argv[1], &options, &model) != SLIPWAY_OK ||
      slipway_tensor_borrow(SLIPWAY_FLOAT, dims, 2, &one, sizeof one, NULL, NULL, &x) != SLIPWAY_OK) {
    fprintf(stderr, "%s\n", slipway_last_error());
    return 1;
  }
  const slipway_binding input = {"x", x};
  slipway_binding output = {"y", NULL};
  const slipway_tensor_info* info = NULL;
  if (slipway_run(model, &input, 1, &output, 1, NULL) != SLIPWAY_OK ||
      slipway_tensor_describe(output.tensor, &info) != SLIPWAY_OK) {
    fprintf(stderr, "%s\n", slipway_last_error());
    return 1;
  }
  printf("asinh(1) twice is %f\n", *(const float*)info->data);
  slipway_tensor_free(output.tensor);
  slipway_tensor_free(x);
  slipway_model_free(model);
  return 0;
}
