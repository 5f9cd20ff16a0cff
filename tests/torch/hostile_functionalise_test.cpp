// Programs that contradict themselves: wrong ranks, axes, strides, missing arguments. Each is functionalised
// or refused.
#include <gtest/gtest.h>

#include <random>

#include "base/error.hpp"
#include "torch/ir/functionalise.hpp"
#include "torch/program_builder.hpp"

namespace slipway::torch::ir {
namespace {

const std::vector<std::string> kTargets = {"aten.select.int",
                                           "aten.slice.Tensor",
                                           "aten.view.default",
                                           "aten.reshape.default",
                                           "aten.permute.default",
                                           "aten.transpose.int",
                                           "aten.t.default",
                                           "aten.movedim.intlist",
                                           "aten.expand.default",
                                           "aten.unsqueeze.default",
                                           "aten.squeeze.dim",
                                           "aten.diagonal.default",
                                           "aten.unfold.default",
                                           "aten.as_strided.default",
                                           "aten.chunk.default",
                                           "aten.split.Tensor",
                                           "aten.hsplit.int",
                                           "aten.dsplit.array",
                                           "aten.unbind.int",
                                           "aten.tensor_split.sections",
                                           "aten.narrow.default",
                                           "aten.contiguous.default",
                                           "aten.real.default",
                                           "aten.view.dtype",
                                           "aten.add_.Tensor",
                                           "aten.copy_.default",
                                           "aten.fill_.Scalar",
                                           "aten.zero_.default",
                                           "aten.fill_diagonal_.default",
                                           "aten.index_put_.default",
                                           "aten.cumsum_.default",
                                           "aten.mul.out",
                                           "aten.unsqueeze_.default",
                                           "aten.t_.default",
                                           "aten.squeeze_.dim",
                                           "aten.as_strided_scatter.default",
                                           "aten.batch_norm.default",
                                           "aten.instance_norm.default",
                                           "aten.dropout_.default",
                                           "aten.resize_.default",
                                           "aten.view_as_real.default",
                                           "aten.imag.default",
                                           "aten.sort.values",
                                           "aten.swapaxes_.default"};

const std::vector<std::string> kNames = {
    "self",    "dim",         "index",          "start",       "end",       "step",   "size",
    "dims",    "dim0",        "dim1",           "dim2",        "src",       "other",  "value",
    "source",  "destination", "length",         "offset",      "dimension", "stride", "out",
    "train",   "input",       "running_mean",   "running_var", "training",  "chunks", "sections",
    "indices", "split_size",  "storage_offset", "fill_value",  "wrap",      "values", "use_input_stats",
    "weight",  "axis0",       "axis1"};

class RandomProgram {
 public:
  explicit RandomProgram(uint32_t seed) : random_(seed) {
    b_.program.ranges["s"] = Range{};
    for (int i = 0; i < 3; ++i)
      tensors_.push_back(i == 0 ? b_.buffer("buffer", any_meta()) : b_.input("x", any_meta()));
    for (size_t calls = 1 + below(8); calls > 0; --calls) add_call();
    b_.output(any_tensor());
    b_.output(any_tensor());
  }

  Program& program() { return b_.program; }

 private:
  size_t below(size_t end) { return random_() % end; }
  Value* any_tensor() { return tensors_[below(tensors_.size())]; }

  int64_t any_number() {
    switch (below(12)) {
      case 0:
        return INT64_MAX;
      case 1:
        return INT64_MIN;
      case 2:
        return int64_t{1} << (20 + below(40));
      case 3:
        return -static_cast<int64_t>(below(5));
      default:
        return static_cast<int64_t>(below(5));
    }
  }
  Dim any_size() {
    if (below(10) == 0) return Dim::symbol("s");
    if (below(20) == 0) return Dim();
    if (below(20) == 0) return Dim(int64_t{1} << (10 + below(50)));
    return Dim(static_cast<int64_t>(below(5)));
  }
  TensorMeta any_meta() {
    const DataType types[] = {DataType::kFloat, DataType::kInt64, DataType::kBool, DataType::kComplex64};
    TensorMeta meta{types[below(4)], {}, {}, any_size()};
    for (size_t rank = below(4); rank > 0; --rank) meta.sizes.push_back(any_size());
    if (below(3) != 0) return ir::meta(meta.type, meta.sizes);
    for (size_t rank = below(6) == 0 ? below(4) : meta.sizes.size(); rank > 0; --rank)
      meta.strides.push_back(any_size());
    return meta;
  }
  // Often what a view of the tensor has, so that chains of views come about.
  TensorMeta meta_near(const Value& tensor) {
    TensorMeta meta = tensor.meta;
    if (below(3) == 0) return any_meta();
    if (below(2) == 0 && !meta.sizes.empty()) {
      const auto axis = static_cast<std::ptrdiff_t>(below(meta.sizes.size()));
      meta.sizes.erase(meta.sizes.begin() + axis);
      if (static_cast<size_t>(axis) < meta.strides.size()) meta.strides.erase(meta.strides.begin() + axis);
    }
    return meta;
  }
  Argument any_argument() {
    switch (below(6)) {
      case 0:
        return arg(any_tensor());
      case 1:
        return {Tensors{any_tensor(), nullptr}};
      case 2:
        return arg(below(2) == 0);
      case 3: {
        std::vector<int64_t> list(below(4));
        for (int64_t& number : list) number = any_number();
        return ints(list);
      }
      case 4:
        return arg(DataType::kInt64);
      default:
        return arg(any_number());
    }
  }
  void add_call() {
    std::vector<NamedArgument> arguments;
    Value* self = any_tensor();
    if (below(20) != 0) arguments.push_back({"self", arg(self)});
    for (const std::string& name : kNames)
      if (below(3) != 0) arguments.push_back({name, any_argument()});
    const std::vector<TensorMeta> metas(1 + below(3), meta_near(*self));
    for (Value* output : b_.call(kTargets[below(kTargets.size())], std::move(arguments), metas))
      tensors_.push_back(output);
  }

  std::mt19937 random_;
  ProgramBuilder b_;
  std::vector<Value*> tensors_;
};

TEST(HostileFunctionalise, ConvertsOrRefuses) {
  size_t converted = 0, refused = 0;
  for (uint32_t seed = 0; seed < 10000; ++seed) {
    RandomProgram random(seed);
    try {
      functionalise(random.program());
      ++converted;
    } catch (const Error& error) {
      ASSERT_NE(error.code(), ErrorCode::kInternal) << "seed " << seed << ": " << error.what();
      ++refused;
    }
  }
  EXPECT_GT(converted, 300U);
  EXPECT_GT(refused, 300U);
}

// Numbers and results that no tensor has, one by one: each is functionalised or refused, within 64 bits.
TEST(HostileFunctionalise, KeepsWithinWhatNumbersAndResultsHold) {
  constexpr int64_t kMost = INT64_MAX;
  const TensorMeta vector = meta(DataType::kFloat, {kMost}), four = meta(DataType::kFloat, {4});
  const auto run = [](const std::string& target, const TensorMeta& in, std::vector<NamedArgument> arguments,
                      const std::vector<TensorMeta>& out) {
    ProgramBuilder b;
    Value* x = b.input("x", in);
    arguments.insert(arguments.begin(), {"self", arg(x)});
    for (Value* output : b.call(target, std::move(arguments), out)) {
      b.output(output);
      b.call("aten.add_.Tensor", {{"self", arg(output)}, {"other", arg(1)}}, output->meta);
    }
    try {
      functionalise(b.program);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal) << target << ": " << error.what();
    }
  };
  run("aten.chunk.default", vector, {{"chunks", arg(2)}}, {vector, vector});
  run("aten.tensor_split.sections", vector, {{"sections", arg(1)}}, {vector, vector});
  run("aten.unfold.default", meta(DataType::kFloat, {1, int64_t{1} << 40}),
      {{"dimension", arg(0)}, {"size", arg(1)}, {"step", arg(int64_t{1} << 48)}},
      {meta(DataType::kFloat, {1, int64_t{1} << 40, 1})});
  run("aten.split_with_sizes.default", four, {{"split_sizes", ints({-1, kMost, 4})}}, {four, four, four});
  run("aten.as_strided_scatter.default", four,
      {{"src", arg(kMost)}, {"size", ints({kMost})}, {"stride", ints({kMost})}}, {four});
  run("aten.as_strided_scatter.default", four, {{"size", ints({2})}, {"stride", ints({1})}}, {});
  run("aten.__inorm.Tensor", four, {{"other", arg(1)}}, {four});
  run("aten.add_.Tensor", four, {{"other", arg(1)}}, {meta(DataType::kFloat, {4, 4, 4})});
  run("aten.add_.Tensor", four, {{"other", arg(1)}}, {four, four});
}

}  // namespace
}  // namespace slipway::torch::ir
