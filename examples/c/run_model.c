/* Loads a model, says what goes in and what comes out, and runs it on a grey picture.
 *
 *   run_model models/srcnn/srcnn_x3.onnx
 *
 * Works with any model whose inputs are f32 tensors; sizes that the model leaves open become kOpenSize. */
#include <inttypes.h>
#include <slipway/slipway.h>
#include <stdio.h>
#include <stdlib.h>

enum { kOpenSize = 16, kMaxPorts = 8 };

/* Every function returns a status; the text says what was wrong. */
static void check(slipway_status status, const char* what) {
  if (status == SLIPWAY_OK) return;
  fprintf(stderr, "%s: %s: %s\n", what, slipway_status_name(status), slipway_last_error());
  exit(EXIT_FAILURE);
}

static void print_port(const char* kind, const slipway_port* port) {
  printf("%s '%s': %s", kind, port->name, slipway_element_type_name(port->element_type));
  for (int32_t axis = 0; axis < port->rank; ++axis) {
    if (port->dims[axis] >= 0)
      printf(" %" PRId64, port->dims[axis]);
    else
      printf(" %s", port->symbols[axis] ? port->symbols[axis] : "?");
  }
  puts(port->rank < 0 ? " (any shape)" : "");
}

/* A tensor that fits the input, every element 0.5. */
static slipway_tensor* make_input(const slipway_port* port) {
  int64_t dims[SLIPWAY_MAX_RANK];
  if (port->element_type != SLIPWAY_FLOAT || port->rank < 0) {
    fprintf(stderr, "this example makes only f32 inputs of known rank; '%s' is %s\n", port->name, port->type);
    exit(EXIT_FAILURE);
  }
  for (int32_t axis = 0; axis < port->rank; ++axis)
    dims[axis] = port->dims[axis] >= 0 ? port->dims[axis] : axis == 0 ? 1 : kOpenSize;

  slipway_tensor* tensor = NULL;
  const slipway_tensor_info* info = NULL;
  check(slipway_tensor_create(SLIPWAY_FLOAT, dims, (size_t)port->rank, &tensor), "making an input");
  check(slipway_tensor_describe(tensor, &info), "looking at an input");
  float* elements = info->data;
  for (size_t i = 0; i < info->element_count; ++i) elements[i] = 0.5f;
  return tensor;
}

static void print_result(const slipway_binding* output) {
  const slipway_tensor_info* info = NULL;
  check(slipway_tensor_describe(output->tensor, &info), "looking at an output");
  printf("'%s' is", output->name);
  for (int32_t axis = 0; axis < info->rank; ++axis) printf(" %" PRId64, info->dims[axis]);
  if (info->element_type == SLIPWAY_FLOAT && info->element_count > 0) {
    const float* elements = info->data;
    printf(", in the middle %.3f", (double)elements[info->element_count / 2]);
  }
  puts("");
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s MODEL.onnx\n", argv[0]);
    return EXIT_FAILURE;
  }
  slipway_model* model = NULL;
  slipway_model_options options = {.struct_size = sizeof options, .threads = 2};
  check(slipway_model_load(argv[1], &options, &model), "loading the model");

  slipway_binding inputs[kMaxPorts] = {{NULL, NULL}}, outputs[kMaxPorts] = {{NULL, NULL}};
  size_t input_count = 0, output_count = 0;
  check(slipway_model_input_count(model, &input_count), "counting inputs");
  check(slipway_model_output_count(model, &output_count), "counting outputs");
  if (input_count > kMaxPorts || output_count > kMaxPorts) {
    fprintf(stderr, "this example knows at most %d inputs and outputs\n", (int)kMaxPorts);
    return EXIT_FAILURE;
  }
  for (size_t i = 0; i < input_count; ++i) {
    const slipway_port* port = NULL;
    check(slipway_model_input(model, i, &port), "looking at an input");
    print_port("input", port);
    inputs[i].name = port->name;
    inputs[i].tensor = make_input(port);
  }
  for (size_t i = 0; i < output_count; ++i) {
    const slipway_port* port = NULL;
    check(slipway_model_output(model, i, &port), "looking at an output");
    print_port("output", port);
    outputs[i].name = port->name; /* its tensor stays NULL: Slipway makes it */
  }

  check(slipway_run(model, inputs, input_count, outputs, output_count, NULL), "running");

  for (size_t i = 0; i < output_count; ++i) print_result(&outputs[i]);
  for (size_t i = 0; i < output_count; ++i) slipway_tensor_free(outputs[i].tensor);
  for (size_t i = 0; i < input_count; ++i) slipway_tensor_free(inputs[i].tensor);
  slipway_model_free(model);
  return EXIT_SUCCESS;
}
