// Calls of every target that is converted, with arguments and results that contradict their schemas: numbers
// no tensor has, lists that are too short, other kinds, other ranks. Each is converted or refused.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <sstream>

#include "base/error.hpp"
#include "graph/validate.hpp"
#include "onnx/opset/bring_to_opset.hpp"
#include "passes/passes.hpp"
#include "torch/aten/convert_program.hpp"
#include "torch/ir/functionalise.hpp"
#include "torch/program_builder.hpp"

namespace slipway::torch::ir {
namespace {

// How many programs there are for each target; SLIPWAY_RANDOM_PROGRAMS says another number.
constexpr uint32_t kPrograms = 10;

// Overloads among them: "aten.slice.Tensor" where targets.txt names one.
std::vector<std::string> targets() {
  std::ifstream file(SLIPWAY_SOURCE_DIR "/src/torch/aten/targets.txt");
  std::vector<std::string> targets;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string target;
    if (words >> target && target[0] != '#' && !target.starts_with("complex.")) targets.push_back(target);
  }
  return targets;
}

// The names that schemas have for arguments, by what they mostly are.
const std::vector<std::string> kTensors = {"self",
                                           "other",
                                           "input",
                                           "weight",
                                           "bias",
                                           "src",
                                           "index",
                                           "mask",
                                           "source",
                                           "values",
                                           "indices",
                                           "running_var",
                                           "query",
                                           "key",
                                           "value",
                                           "attn_mask",
                                           "target",
                                           "mat1",
                                           "mat2",
                                           "tensor1",
                                           "tensor2",
                                           "batch1",
                                           "batch2",
                                           "vec",
                                           "boundaries",
                                           "condition",
                                           "offsets",
                                           "grid",
                                           "theta",
                                           "window",
                                           "rois",
                                           "offset",
                                           "scale",
                                           "scales",
                                           "w_ih",
                                           "w_hh",
                                           "b_ih",
                                           "b_hh",
                                           "x1",
                                           "x2",
                                           "i1",
                                           "i2",
                                           "i3",
                                           "zero_point",
                                           "abs",
                                           "running_mean",
                                           "angle",
                                           "real",
                                           "imag",
                                           "boxes",
                                           "scores",
                                           "dets",
                                           "hx",
                                           "repeats",
                                           "sorter",
                                           "elements",
                                           "sorted_sequence",
                                           "test_elements",
                                           "prepend",
                                           "append",
                                           "per_sample_weights",
                                           "fake_quant_enabled",
                                           "A",
                                           "B",
                                           "g",
                                           "v",
                                           "input1",
                                           "input2",
                                           "pos_weight",
                                           "dropout_mask"};
const std::vector<std::string> kLists = {"tensors", "matrices", "params", "hx", "indices", "batch_sizes"};
const std::vector<std::string> kIntegers = {"dim",
                                            "dim0",
                                            "dim1",
                                            "dim2",
                                            "axis0",
                                            "axis1",
                                            "start",
                                            "end",
                                            "step",
                                            "length",
                                            "index",
                                            "chunks",
                                            "sections",
                                            "split_size",
                                            "offset",
                                            "diagonal",
                                            "k",
                                            "n",
                                            "size",
                                            "dimension",
                                            "groups",
                                            "group",
                                            "num_layers",
                                            "num_classes",
                                            "row",
                                            "col",
                                            "window_length",
                                            "n_fft",
                                            "hop_length",
                                            "win_length",
                                            "upscale_factor",
                                            "downscale_factor",
                                            "pooled_height",
                                            "pooled_width",
                                            "sampling_ratio",
                                            "divisor_override",
                                            "padding_idx",
                                            "mode",
                                            "decimals",
                                            "repeats",
                                            "start_dim",
                                            "end_dim",
                                            "quant_min",
                                            "quant_max",
                                            "compute_mode",
                                            "storage_offset",
                                            "reduction",
                                            "normalization",
                                            "interpolation_mode",
                                            "padding_mode",
                                            "num_groups",
                                            "ignore_index",
                                            "axis",
                                            "ch_axis",
                                            "shifts"};
const std::vector<std::string> kIntegerLists = {
    "size",        "shape",      "stride",  "padding",     "dilation",         "kernel_size",
    "output_size", "dims",       "dim",     "repeats",     "shifts",           "split_sizes",
    "indices",     "pad",        "source",  "destination", "normalized_shape", "output_padding",
    "dims_self",   "dims_other", "expand1", "expand2",     "expand3",          "sumdim",
    "s",           "input_size"};
const std::vector<std::string> kReals = {
    "a",        "b",       "number",        "alpha",         "beta",      "value",
    "eps",      "p",       "scale",         "fill_value",    "lambd",     "min",
    "max",      "start",   "end",           "step",          "other",     "std",
    "mean",     "d",       "low",           "high",          "threshold", "negative_slope",
    "min_val",  "max_val", "dropout_p",     "scales",        "scales_h",  "scales_w",
    "scales_d", "delta",   "iou_threshold", "spatial_scale", "exponent",  "momentum",
    "from",     "to",      "nan",           "posinf",        "neginf",    "ord"};
const std::vector<std::string> kTruths = {
    "keepdim",    "training",     "train",      "ceil_mode",  "count_include_pad", "align_corners",
    "largest",    "sorted",       "right",      "periodic",   "bidirectional",     "batch_first",
    "has_biases", "accumulate",   "transposed", "normalized", "onesided",          "is_causal",
    "descending", "include_self", "unbiased",   "center",     "return_complex",    "use_input_stats",
    "allow_tf32", "upper",        "aligned",    "log_target"};
const std::vector<std::pair<std::string, std::vector<std::string>>> kTexts = {
    {"mode", {"constant", "reflect", "replicate", "circular", "?"}},
    {"padding", {"same", "valid", "?"}},
    {"approximate", {"none", "tanh", "?"}},
    {"reduce", {"sum", "prod", "mean", "amax", "amin", "?"}},
    {"rounding_mode", {"trunc", "floor", "?"}},
    {"equation", {"ij,jk->ik", "...i,...j", "->", "ab", "a.b,...", ""}},
    {"indexing", {"ij", "xy", "?"}},
    {"norm", {"forward", "ortho", "?"}},
    {"pad_mode", {"reflect", "constant", "?"}},
    {"side", {"left", "right"}},
    {"ord", {"fro", "nuc"}}};

class RandomCalls {
 public:
  RandomCalls(const std::string& target, uint32_t seed)
      : random_(seed + static_cast<uint32_t>(std::hash<std::string>()(target))) {
    hostility_ = below(3) == 0 ? 12 : 120;
    b_.program.ranges["s"] = Range{2, 64};
    common_ = any_shape();
    for (int i = 0; i < 3; ++i) tensors_.push_back(b_.input("x", any_meta()));
    for (size_t calls = 1 + below(2); calls > 0; --calls) add_call(target);
    for (size_t i = 3; i < tensors_.size(); ++i) b_.output(tensors_[i]);
  }

  Program& program() { return b_.program; }

 private:
  size_t below(size_t end) { return random_() % end; }
  bool one_in(size_t count) { return below(count) == 0; }
  bool is_hostile() { return one_in(hostility_); }
  Value* any_tensor() { return tensors_[below(tensors_.size())]; }

  int64_t any_number() {
    if (!is_hostile()) return static_cast<int64_t>(below(5)) - 1;
    constexpr int64_t kLimits[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1};
    if (one_in(2)) return kLimits[below(4)];
    const int64_t power = int64_t{1} << (16 + below(46));
    return one_in(2) ? power : -power;
  }
  double any_real() {
    constexpr double kLimits[] = {INFINITY, -INFINITY, NAN, 1e308, -1e308, 1e-300, 9.3e18, 0};
    return is_hostile() ? kLimits[below(8)] : static_cast<double>(below(9)) * 0.5 - 1;
  }
  Dim any_size() {
    if (one_in(16)) return Dim::symbol("s");
    if (is_hostile()) return Dim();
    if (is_hostile()) return Dim(int64_t{1} << (10 + below(40)));
    return Dim(static_cast<int64_t>(below(6)));
  }
  Shape any_shape() {
    Shape sizes(1 + below(5));
    if (is_hostile()) sizes.clear();
    for (Dim& size : sizes) size = any_size();
    return sizes;
  }
  // Mostly of the same sizes, or some that are near them: only then a rule gets far.
  TensorMeta any_meta() {
    const DataType types[] = {DataType::kFloat, DataType::kFloat, DataType::kFloat,  DataType::kInt64,
                              DataType::kBool,  DataType::kUint8, DataType::kDouble, DataType::kComplex64};
    Shape sizes = one_in(6) ? any_shape() : common_;
    if (!sizes.empty() && one_in(6))
      sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(below(sizes.size())));
    if (!sizes.empty() && one_in(6)) sizes[below(sizes.size())] = any_size();
    return meta(one_in(2) ? DataType::kFloat : types[below(8)], std::move(sizes));
  }
  Argument any_list() {
    Tensors list(1 + below(3));
    if (is_hostile()) list.clear();
    for (Value*& tensor : list) tensor = is_hostile() ? nullptr : any_tensor();
    return {std::move(list)};
  }
  Argument any_integers() {
    std::vector<int64_t> list(below(5));
    for (int64_t& number : list) number = any_number();
    return ints(std::move(list));
  }

  // Each name with an argument of its kind; a later kind goes before an earlier one of the same name.
  std::vector<NamedArgument> any_arguments() {
    std::vector<NamedArgument> arguments;
    const auto add = [&](const std::string& name, Argument argument) {
      std::erase_if(arguments, [&](const NamedArgument& given) { return given.name == name; });
      arguments.push_back({name, std::move(argument)});
    };
    const auto add_each = [&](const std::vector<std::string>& names, size_t left_out, const auto& any) {
      for (const std::string& name : names)
        if (!one_in(left_out)) add(name, any());
    };
    add_each(kTensors, 40, [&] { return arg(any_tensor()); });
    add_each(kReals, 2, [&] { return arg(any_real()); });
    add_each(kIntegers, 4, [&] { return arg(any_number()); });
    add_each(kIntegerLists, 2, [&] { return any_integers(); });
    add_each(kLists, 2, [&] { return any_list(); });
    add_each(kTruths, 2, [&] { return arg(one_in(2)); });
    for (const auto& [name, texts] : kTexts)
      if (one_in(3)) add(name, {texts[below(texts.size())]});
    if (one_in(3)) add("dtype", arg(one_in(2) ? DataType::kFloat : DataType::kInt64));
    return arguments;
  }

  void add_call(const std::string& target) {
    std::vector<TensorMeta> metas(one_in(3) ? below(4) : 1);
    for (TensorMeta& of_result : metas) of_result = any_meta();
    for (Value* output : b_.call(target, any_arguments(), metas)) {
      if (is_hostile()) {
        output->kind = one_in(2) ? ValueKind::kInt : ValueKind::kFloat;
        output->meta = {};
      } else {
        tensors_.push_back(output);
      }
    }
  }

  std::mt19937 random_;
  size_t hostility_ = 1;  // one in so many things is one that no program has
  ProgramBuilder b_;
  Shape common_;
  std::vector<Value*> tensors_;
};

void convert(Program& program) {
  functionalise(program);
  Model model = convert_program(program);
  passes::tidy(model, ops::standard_operators());
  validate(model);
  bring_to_opset(model, 20);
}

TEST(HostileConversion, ConvertsOrRefuses) {
  const char* stated = std::getenv("SLIPWAY_RANDOM_PROGRAMS");
  const uint32_t programs = stated ? static_cast<uint32_t>(std::strtoul(stated, nullptr, 10)) : kPrograms;
  size_t converted = 0, refused = 0;
  for (const std::string& target : targets())
    for (uint32_t seed = 0; seed < programs; ++seed) {
      RandomCalls calls(target, seed);
      try {
        convert(calls.program());
        ++converted;
      } catch (const Error& error) {
        ASSERT_NE(error.code(), ErrorCode::kInternal) << target << ", seed " << seed << ": " << error.what();
        ++refused;
      } catch (const std::exception& error) {
        FAIL() << target << ", seed " << seed << ": " << error.what();
      }
    }
  RecordProperty("converted", static_cast<int>(converted));
  EXPECT_GT(converted, programs * 20U);
  EXPECT_GT(refused, programs * 20U);
}

}  // namespace
}  // namespace slipway::torch::ir
