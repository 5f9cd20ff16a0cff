// torchvision:deform_conv2d for f32: the operator that torchvision.ops.deform_conv2d is, with its arguments
// in its order, for models whose exporter keeps it as it is. C++17; a mistake in the shapes is an exception.
#include <slipway/custom_op.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Size {
  int64_t h, w;
};

// The attributes, read once.
struct Settings {
  Size stride, padding, dilation;
  int64_t offset_groups;
};

Size pair_of(const slipway_op_api* api, slipway_op_call* call, const char* name, int64_t otherwise,
             int64_t least) {
  size_t count = 0;
  const int64_t* values = api->attribute_ints(call, name, &count);
  if (!values) return {otherwise, otherwise};
  if (count != 2 || values[0] < least || values[1] < least || values[0] > INT32_MAX || values[1] > INT32_MAX)
    throw std::invalid_argument(std::string(name) + " must be two numbers from " + std::to_string(least) +
                                " on");
  return {values[0], values[1]};
}

slipway_status create(const slipway_op_api* api, slipway_op_call* call, void** state) {
  Settings settings;
  settings.stride = pair_of(api, call, "stride", 1, 1);
  settings.padding = pair_of(api, call, "padding", 0, 0);
  settings.dilation = pair_of(api, call, "dilation", 1, 1);
  settings.offset_groups = api->attribute_int(call, "offset_groups", 1);
  if (settings.offset_groups < 1) throw std::invalid_argument("offset_groups must be from 1 on");
  *state = new Settings(settings);
  return SLIPWAY_OK;
}

void destroy(void* state) {
  delete static_cast<Settings*>(state);
}

// Sizes that are not known yet are negative: nothing contradicts them.
void expect(bool known, bool right, const char* what) {
  if (known && !right) throw std::invalid_argument(what);
}

int64_t output_size(int64_t size, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation) {
  if (size < 0 || kernel < 0) return SLIPWAY_OP_UNKNOWN;
  const int64_t windows = size + 2 * padding - dilation * (kernel - 1) - 1;
  if (windows < 0 || kernel == 0)
    throw std::invalid_argument("the kernel does not fit into the padded input");
  return windows / stride + 1;
}

void expect_maps(const slipway_op_type* maps, int64_t channels, const int64_t* out, const char* what) {
  if (!maps || maps->rank < 0) return;
  if (maps->rank != 4) throw std::invalid_argument(std::string(what) + " must be of rank 4");
  const int64_t wanted[] = {out[0], channels, out[2], out[3]};
  for (int axis = 0; axis < 4; ++axis)
    if (maps->dims[axis] >= 0 && wanted[axis] >= 0 && maps->dims[axis] != wanted[axis])
      throw std::invalid_argument(std::string(what) + " has size " + std::to_string(maps->dims[axis]) +
                                  " along axis " + std::to_string(axis) + ", but " +
                                  std::to_string(wanted[axis]) + " was expected");
}

// Inputs: input [N,C,H,W], weight [O,C/groups,kh,kw], offset [N,2*og*kh*kw,oh,ow], mask? [N,og*kh*kw,oh,ow],
// bias? [O].
slipway_status infer(const slipway_op_api* api, slipway_op_call* call, const void* state) {
  const Settings& settings = *static_cast<const Settings*>(state);
  const slipway_op_type* input = api->input_type(call, 0);
  const slipway_op_type* weight = api->input_type(call, 1);
  if (input->rank < 0 || weight->rank < 0) return SLIPWAY_OK;
  if (input->rank != 4 || weight->rank != 4)
    return api->fail(call, SLIPWAY_INVALID_ARGUMENT,
                     "input is of rank %d and weight of rank %d; both must be of 4", input->rank,
                     weight->rank);
  const int64_t channels = input->dims[1], per_group = weight->dims[1];
  if (channels >= 0 && per_group >= 0 && weight->dims[0] >= 0) {
    const int64_t groups = per_group > 0 ? channels / per_group : 0;
    if (groups < 1 || channels % per_group != 0 || weight->dims[0] % groups != 0)
      throw std::invalid_argument("weight does not divide the channels into groups");
  }
  expect(channels >= 0, channels % settings.offset_groups == 0,
         "the channels are no multiple of offset_groups");
  const int64_t kh = weight->dims[2], kw = weight->dims[3];
  const int64_t out[] = {
      input->dims[0], weight->dims[0],
      output_size(input->dims[2], kh, settings.stride.h, settings.padding.h, settings.dilation.h),
      output_size(input->dims[3], kw, settings.stride.w, settings.padding.w, settings.dilation.w)};
  const int64_t taps = kh >= 0 && kw >= 0 ? settings.offset_groups * kh * kw : SLIPWAY_OP_UNKNOWN;
  expect_maps(api->input_type(call, 2), taps >= 0 ? 2 * taps : taps, out, "offset");
  expect_maps(api->input_type(call, 3), taps, out, "mask");
  const slipway_op_type* bias = api->input_type(call, 4);
  expect(bias && bias->rank >= 0, bias && bias->rank == 1, "bias must be of rank 1");
  expect(bias && bias->dims[0] >= 0 && out[1] >= 0, bias && bias->dims[0] == out[1],
         "bias must have one value an output");
  return api->set_shape(call, 0, out, 4);
}

// The value between pixels; 0 beyond the picture.
float sample(const float* plane, int64_t height, int64_t width, float y, float x) {
  if (!(y > -1 && x > -1 && y < static_cast<float>(height) && x < static_cast<float>(width))) return 0;
  const auto top = static_cast<int64_t>(std::floor(y)), left = static_cast<int64_t>(std::floor(x));
  const float below = y - static_cast<float>(top), right = x - static_cast<float>(left);
  const auto at = [&](int64_t row, int64_t column) {
    return row < 0 || column < 0 || row >= height || column >= width ? 0.0f : plane[row * width + column];
  };
  return (1 - below) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
         below * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1));
}

slipway_status run(const slipway_op_api* api, slipway_op_call* call, const void* state) {
  const Settings& settings = *static_cast<const Settings*>(state);
  const slipway_op_tensor *input = api->input(call, 0), *weight = api->input(call, 1),
                          *offset = api->input(call, 2), *mask = api->input(call, 3),
                          *bias = api->input(call, 4);
  auto* to = static_cast<float*>(api->output(call, 0));
  if (!to) return api->status(call);
  const auto* pixels = static_cast<const float*>(input->data);
  const auto* weights = static_cast<const float*>(weight->data);
  const auto* offsets = static_cast<const float*>(offset->data);
  const auto* masks = mask ? static_cast<const float*>(mask->data) : nullptr;
  const auto* biases = bias ? static_cast<const float*>(bias->data) : nullptr;

  const int64_t batch = input->dims[0], channels = input->dims[1], height = input->dims[2],
                width = input->dims[3];
  const int64_t outputs = weight->dims[0], per_group = weight->dims[1], kh = weight->dims[2],
                kw = weight->dims[3];
  const int64_t rows = offset->dims[2], columns = offset->dims[3];
  const int64_t taps = kh * kw, plane = rows * columns;
  const int64_t outputs_per_group = outputs / std::max<int64_t>(1, channels / per_group);
  const int64_t channels_per_offset = channels / settings.offset_groups;

  // The pixels under the kernel, for one place of the output.
  std::vector<float> patch(static_cast<size_t>(channels * taps));
  const auto fill_patch = [&](int64_t n, int64_t row, int64_t column) {
    const int64_t here = row * columns + column;
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t map = (n * settings.offset_groups + c / channels_per_offset) * taps + tap;
        const int64_t y = row * settings.stride.h - settings.padding.h + tap / kw * settings.dilation.h;
        const int64_t x = column * settings.stride.w - settings.padding.w + tap % kw * settings.dilation.w;
        const float value = sample(pixels + (n * channels + c) * height * width, height, width,
                                   static_cast<float>(y) + offsets[2 * map * plane + here],
                                   static_cast<float>(x) + offsets[(2 * map + 1) * plane + here]);
        patch[static_cast<size_t>(c * taps + tap)] = masks ? value * masks[map * plane + here] : value;
      }
  };
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t here = 0; here < plane; ++here) {
      fill_patch(n, here / columns, here % columns);
      for (int64_t o = 0; o < outputs; ++o) {
        const float* kernel = weights + o * per_group * taps;
        const float* from = patch.data() + o / outputs_per_group * per_group * taps;
        double sum = biases ? biases[o] : 0;
        for (int64_t i = 0; i < per_group * taps; ++i) sum += static_cast<double>(kernel[i]) * from[i];
        to[(n * outputs + o) * plane + here] = static_cast<float>(sum);
      }
    }
  return SLIPWAY_OK;
}

// The sum over the patches; what it takes to make a patch is about ten operations a value.
double flops(const slipway_op_api* api, slipway_op_call* call, const void*) {
  const slipway_op_type *input = api->input_type(call, 0), *weight = api->input_type(call, 1),
                        *output = api->output_type(call, 0);
  const auto places = static_cast<double>(output->dims[0] * output->dims[2] * output->dims[3]);
  const auto taps = static_cast<double>(weight->dims[2] * weight->dims[3]);
  return places * taps *
         (2.0 * static_cast<double>(weight->dims[0] * weight->dims[1]) +
          10.0 * static_cast<double>(input->dims[1]));
}

slipway_op describe() {
  slipway_op op = {};
  op.domain = "torchvision";
  op.name = "deform_conv2d";
  op.version = 1;
  op.inputs = "input: float; weight: float; offset: float; mask: float?; bias: float?";
  op.outputs = "output: float";
  op.attributes = "stride: ints?; padding: ints?; dilation: ints?; offset_groups: int?";
  op.create = create;
  op.destroy = destroy;
  op.infer = infer;
  op.run = run;
  op.flops = flops;
  return op;
}

const slipway_op operators[] = {describe()};

}  // namespace

SLIPWAY_CUSTOM_OPS(operators)
