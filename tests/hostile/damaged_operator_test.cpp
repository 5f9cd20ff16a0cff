// Single operators with attributes, sizes, types and constants that make no sense: what a file that is
// well-formed may still ask for.
#include "engine/random_model.hpp"
#include "hostile/damage.hpp"
#include "hostile/run_model.hpp"
#include "hostile/sandbox.hpp"

namespace slipway::hostile {
namespace {

using Setting = engine::GraphMaker::Setting;

struct Seed {
  std::string op_type;         // of another domain than the standard's: "com.microsoft:Inverse"
  std::vector<Tensor> inputs;  // the first is the model's input, most others are constants
  std::vector<Setting> settings = {};
  size_t outputs = 1;
};

Tensor floats(const Dims& dims) {
  return workbench::random_tensor(DataType::kFloat, dims, 1);
}
Tensor numbers(std::vector<float> values) {
  return Tensor::from<float>({static_cast<int64_t>(values.size())}, values);
}
Tensor ints(const Ints& values) {
  return Tensor::from<int64_t>({static_cast<int64_t>(values.size())}, values);
}
Tensor ints_of(const Dims& dims) {
  return workbench::random_tensor(DataType::kInt64, dims, 1);
}

Tensor bytes(const Dims& dims) {
  return workbench::random_tensor(DataType::kUint8, dims, 1);
}
Tensor small_ints(std::vector<int32_t> values) {
  return Tensor::from<int32_t>({static_cast<int64_t>(values.size())}, values);
}

// ONNX Runtime's own operators: those that rules rewrite, and those that have kernels.
std::vector<Seed> contrib_seeds() {
  const Tensor tokens = floats({2, 3, 8}), scale = Tensor::scalar(0.1f), zero = Tensor::scalar(uint8_t{3});
  const Setting heads{"num_heads", int64_t{2}};
  std::vector<Seed> seeds = {
      {"FusedConv", {floats({1, 4, 5, 6}), floats({2, 4, 3, 3})}, {{"activation", std::string("Relu")}}},
      {"FusedMatMul", {floats({3, 4}), floats({5, 4})}, {{"transB", int64_t{1}}, {"alpha", 0.5f}}},
      {"SkipLayerNormalization", {tokens, tokens, floats({8})}},
      {"EmbedLayerNormalization",
       {small_ints({1, 0, 2}).reshaped({1, 3}), Tensor(), floats({4, 8}), floats({6, 8}), Tensor(),
        floats({8}), floats({8})},
       {},
       2},
      {"Attention", {tokens, floats({8, 24}), floats({24}), small_ints({2, 3})}, {heads}},
      {"MultiHeadAttention", {tokens, tokens, tokens, floats({24})}, {heads}},
      {"GroupQueryAttention",
       {floats({1, 2, 8}), floats({1, 2, 4}), floats({1, 2, 4}), floats({1, 1, 5, 4}), floats({1, 1, 5, 4}),
        small_ints({6}), small_ints({7}), floats({9, 2}), floats({9, 2})},
       {heads, {"kv_num_heads", int64_t{1}}, {"do_rotary", int64_t{1}}},
       3},
      {"RotaryEmbedding", {tokens, ints({1}), floats({9, 2}), floats({9, 2})}, {heads}},
      {"QLinearAdd", {bytes({3, 4}), scale, zero, bytes({4}), scale, zero, scale, zero}},
      {"QLinearConcat",
       {scale, zero, bytes({3, 4}), scale, zero, bytes({3, 2}), scale, zero},
       {{"axis", int64_t{1}}}},
      {"QLinearAveragePool",
       {bytes({1, 2, 5, 5}), scale, zero, scale, zero},
       {{"kernel_shape", Ints{2, 2}}, {"channels_last", int64_t{1}}}},
      {"QGemm", {bytes({3, 4}), scale, zero, bytes({4, 2}), scale, zero}, {{"transA", int64_t{0}}}},
      {"DynamicQuantizeMatMul", {floats({3, 4}), bytes({4, 2}), scale}},
      {"MatMulNBits",
       {floats({2, 40}), bytes({3, 3, 8}), floats({3, 3}), bytes({3, 2})},
       {{"K", int64_t{40}}, {"N", int64_t{3}}, {"bits", int64_t{4}}, {"block_size", int64_t{16}}}},
      {"GatherBlockQuantized",
       {bytes({6, 16}), ints({1, 5}), floats({6, 2})},
       {{"bits", int64_t{4}}, {"block_size", int64_t{16}}, {"gather_axis", int64_t{0}}}},
      {"Inverse", {floats({2, 3, 3})}},
      {"NGramRepeatBlock", {ints({1, 2, 1}).reshaped({1, 3}), floats({1, 4})}, {{"ngram_size", int64_t{2}}}},
      {"CropAndResize", {floats({1, 2, 5, 6}), floats({1, 4}), small_ints({0}), small_ints({3, 4})}},
      {"CDist", {floats({3, 4}), floats({2, 4})}, {{"metric", std::string("euclidean")}}},
      {"UnfoldTensor", {floats({3, 8})}, {{"dim", int64_t{1}}, {"size", int64_t{3}}, {"step", int64_t{2}}}},
  };
  for (Seed& seed : seeds) seed.op_type = "com.microsoft:" + seed.op_type;
  return seeds;
}

std::vector<Seed> seeds() {
  const Tensor picture = floats({1, 4, 5, 6}), matrix = floats({3, 4}), row = floats({4});
  std::vector<Seed> seeds = {
      {"Conv",
       {picture, floats({2, 4, 3, 3}), floats({2})},
       {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 1}}}},
      {"Conv", {picture, floats({4, 1, 3, 3})}, {{"group", int64_t{4}}, {"dilations", Ints{1, 2}}}},
      {"Conv", {picture, floats({3, 4, 1, 1})}, {{"auto_pad", std::string("SAME_UPPER")}}},
      {"MaxPool",
       {picture},
       {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", int64_t{1}}},
       2},
      {"AveragePool", {picture}, {{"kernel_shape", Ints{3, 2}}, {"pads", Ints{1, 0, 1, 0}}}},
      {"GlobalAveragePool", {picture}},
      {"BatchNormalization", {picture, row, row, row, row}},
      {"InstanceNormalization", {picture, row, row}},
      {"LayerNormalization", {matrix, row, row}, {{"axis", int64_t{-1}}}},
      {"LRN", {picture}, {{"size", int64_t{3}}}},
      {"Resize", {picture, Tensor(), numbers({1, 1, 2, 3})}, {{"mode", std::string("cubic")}}},
      {"Resize",
       {picture, Tensor(), Tensor(), ints({1, 4, 3, 9})},
       {{"mode", std::string("linear")}, {"antialias", int64_t{1}}}},
      {"Upsample", {picture, numbers({1, 1, 2, 2})}},
      {"Pad",
       {picture, ints({0, 0, 1, 2, 0, 0, 0, 1}), Tensor::scalar(1.0f)},
       {{"mode", std::string("reflect")}}},
      {"Reshape", {picture, ints({2, -1, 6})}},
      {"Transpose", {picture}, {{"perm", Ints{0, 2, 3, 1}}}},
      {"Squeeze", {floats({1, 4, 1}), ints({0, -1})}},
      {"Unsqueeze", {matrix, ints({0, 3})}},
      {"Flatten", {picture}, {{"axis", int64_t{2}}}},
      {"Slice", {matrix, ints({0, 3}), ints({3, -5}), ints({0, 1}), ints({2, -1})}},
      {"Split", {matrix, ints({1, 3})}, {{"axis", int64_t{1}}}, 2},
      {"Split", {matrix}, {{"axis", int64_t{1}}, {"num_outputs", int64_t{3}}}, 3},
      {"Concat", {matrix, matrix}, {{"axis", int64_t{0}}}},
      {"Gather", {matrix, ints_of({2, 2})}, {{"axis", int64_t{1}}}},
      {"GatherElements", {matrix, ints_of({3, 4})}},
      {"GatherND", {matrix, ints_of({2, 2})}},
      {"ScatterElements", {matrix, ints_of({1, 4}), floats({1, 4})}},
      {"ScatterND", {matrix, ints_of({2, 1}), floats({2, 4})}},
      {"Expand", {floats({3, 1}), ints({2, 1, 4})}},
      {"Tile", {matrix, ints({2, 3})}},
      {"ConstantOfShape", {ints({2, 3})}},
      {"Range", {Tensor::scalar<int64_t>(0), Tensor::scalar<int64_t>(9), Tensor::scalar<int64_t>(2)}},
      {"OneHot", {ints_of({3}), Tensor::scalar<int64_t>(4), numbers({0, 1})}},
      {"EyeLike", {matrix}},
      {"Trilu", {matrix, Tensor::scalar<int64_t>(1)}},
      {"DepthToSpace", {floats({1, 8, 2, 3})}, {{"blocksize", int64_t{2}}}},
      {"SpaceToDepth", {floats({1, 2, 4, 6})}, {{"blocksize", int64_t{2}}}},
      {"MatMul", {matrix, floats({2, 4, 5})}},
      {"Gemm", {matrix, floats({5, 4}), floats({5})}, {{"transB", int64_t{1}}}},
      {"Add", {matrix, row}},
      {"Div", {ints_of({3}), ints_of({3})}},
      {"Mod", {ints_of({3}), ints_of({3})}},
      {"Pow", {matrix, row}},
      {"BitShift",
       {workbench::random_tensor(DataType::kUint8, {3}, 1),
        workbench::random_tensor(DataType::kUint8, {3}, 2)},
       {{"direction", std::string("LEFT")}}},
      {"Where", {workbench::random_tensor(DataType::kBool, {3, 1}, 1), matrix, row}},
      {"Equal", {matrix, row}},
      {"Sum", {matrix, row, matrix}},
      {"Max", {matrix, row}},
      {"Clip", {matrix, Tensor::scalar(0.0f), Tensor::scalar(1.0f)}},
      {"Cast", {matrix}, {{"to", int64_t{7}}}},
      {"CastLike", {matrix, ints({1})}},
      {"Softmax", {picture}, {{"axis", int64_t{1}}}},
      {"LogSoftmax", {matrix}},
      {"Relu", {picture}},
      {"PRelu", {picture, floats({4, 1, 1})}},
      {"Gelu", {matrix}},
      {"Dropout", {matrix}},
      {"Identity", {matrix}},
      {"Shape", {picture}, {{"start", int64_t{1}}, {"end", int64_t{-1}}}},
      {"Size", {picture}},
      {"ReduceMean", {picture, ints({2, 3})}, {{"keepdims", int64_t{0}}}},
      {"ReduceMax", {picture, ints({1})}},
      {"CumSum", {matrix, Tensor::scalar<int64_t>(1)}},
      {"ArgMax", {matrix}, {{"axis", int64_t{1}}}},
      {"TopK", {matrix, ints({2})}, {{"axis", int64_t{1}}}, 2},
      {"NonZero", {matrix}},
      {"Einsum", {matrix, matrix}, {{"equation", std::string("ij,kj->ik")}}},
      {"QuantizeLinear", {matrix, Tensor::scalar(0.1f)}},
      {"DequantizeLinear", {workbench::random_tensor(DataType::kInt8, {3, 4}, 1), Tensor::scalar(0.1f)}},
      {"Constant", {}, {{"value_ints", Ints{1, 2, 3}}}},
  };
  for (Seed& seed : contrib_seeds()) seeds.push_back(std::move(seed));
  return seeds;
}

Seed damaged(Seed seed, const std::vector<Seed>& all, Mutator& random) {
  for (size_t changes = 1 + random.below(3); changes > 0; --changes) {
    const size_t kind = random.below(10);
    if (kind < 4 && !seed.settings.empty()) {
      damage_content(seed.settings[random.below(seed.settings.size())].second, random);
    } else if (kind < 8 && !seed.inputs.empty()) {
      Tensor& input = seed.inputs[random.below(seed.inputs.size())];
      input = damaged(input, random);
    } else if (kind == 8) {
      const Seed& other = random.one_of(all);
      if (random.one_in(3)) seed.op_type = other.op_type;
      if (!other.settings.empty()) seed.settings.push_back(random.one_of(other.settings));
    } else {
      if (random.one_in(3)) seed.outputs = random.below(5);
      if (random.one_in(3)) seed.inputs.resize(random.below(6));
    }
  }
  return seed;
}

Type type_of(const Tensor& tensor, Mutator& random) {
  if (random.one_in(8)) return random.one_in(2) ? Type() : Type::tensor(tensor.type());
  Shape shape(tensor.dims().begin(), tensor.dims().end());
  if (!shape.empty() && random.one_in(3)) shape[random.below(shape.size())] = Dim::symbol("n");
  return Type::tensor(tensor.type(), shape);
}

// The operator between two others, so that there is something to fuse and to plan around.
Model model_with(const Seed& seed, Mutator& random, std::vector<RuntimeValue>& values) {
  engine::GraphMaker maker;
  std::vector<Value*> inputs;
  for (size_t i = 0; i < seed.inputs.size(); ++i) {
    const Tensor& tensor = seed.inputs[i];
    Value* value = nullptr;
    if (tensor.defined() && (i == 0 ? !random.one_in(6) : random.one_in(5))) {
      value = maker.graph().add_input("x" + std::to_string(i), type_of(tensor, random));
      values.emplace_back(tensor);
    } else if (tensor.defined()) {
      value = maker.graph().add_initializer("c", tensor);
    }
    inputs.push_back(value && random.one_in(6) ? maker.node("Identity", {value}) : value);
  }
  const size_t colon = seed.op_type.find(':');
  const bool standard = colon == std::string::npos;
  Node* node = maker.graph().add_node(standard ? seed.op_type : seed.op_type.substr(colon + 1), inputs,
                                      seed.outputs, standard ? "" : seed.op_type.substr(0, colon));
  for (const auto& [name, value] : seed.settings)
    std::visit([&, key = std::string(name)](const auto& content) { node->set_attribute(key, content); },
               value);
  for (Value* output : node->outputs())
    maker.graph().add_output(random.one_in(4) ? maker.node("Relu", {output}) : output);
  return std::move(*maker.model);
}

TEST(DamagedOperator, SeedsRunUndamaged) {
  size_t ran = 0;
  for (const Seed& seed : seeds()) {
    Mutator random(3);
    std::vector<RuntimeValue> values;
    try {
      const Model model = model_with(seed, random, values);
      ran += run_model(model, random, values);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported) << seed.op_type << ": " << error.what();
    }
  }
  EXPECT_GE(ran, 40U);
}

TEST(DamagedOperator, Mutations) {
  const auto all = seeds();
  expect_harmless(mutation_count(10'000), [&](size_t index) {
    Mutator random(seed() + index);
    std::vector<RuntimeValue> values;
    const Model model = model_with(damaged(all[index % all.size()], all, random), random, values);
    return run_model(model, random, values);
  });
}

}  // namespace
}  // namespace slipway::hostile
