#include "hostile/large_results.hpp"

namespace slipway::hostile {
namespace {

using Make = LargeResult;

// ---- loops ----

struct Body {
  explicit Body(Node* owner) : node(owner), graph(std::make_unique<Graph>("body", owner)) {}
  Value* add(const char* op_type, Values inputs) {
    return graph->add_node(op_type, std::move(inputs))->output(0);
  }
  void done() { node->set_attribute("body", std::move(graph)); }

  Node* node;
  std::unique_ptr<Graph> graph;
};

// A Loop of 10^9 rounds over one value; `step` makes the next one, `row` what is collected, if anything.
void loop(Make& made, Value* carried, Type type, const std::function<Value*(Body&, Value*)>& step,
          const std::function<Value*(Body&)>& row = {}) {
  Node* node = made.end("Loop", {made.size(1'000'000'000), nullptr, carried}, row ? 2 : 1);
  Body body(node);
  body.graph->add_input("round", Type::tensor(DataType::kInt64, Shape{}));
  Value* going = body.graph->add_input("going", Type::tensor(DataType::kBool, Shape{}));
  Value* value = body.graph->add_input("carried", std::move(type));
  body.graph->add_output(body.add("Identity", {going}));
  body.graph->add_output(step(body, value));
  if (row) body.graph->add_output(row(body));
  body.done();
}

void loop_with_rows(Make& made) {
  Value* x = made.floats({1024});
  loop(
      made, made.floats({1}), Type::tensor(DataType::kFloat, Shape{1}),
      [](Body& body, Value* value) { return body.add("Neg", {value}); },
      [&](Body& body) { return body.add("Neg", {x}); });
}

void loop_that_inserts(Make& made, const Dims& dims) {
  Value* x = made.floats(dims);
  Value* empty = made.maker.node("SequenceEmpty", {});
  loop(made, empty, Type::sequence(Type::tensor(DataType::kFloat)), [&](Body& body, Value* sequence) {
    return body.add("SequenceInsert", {sequence, body.add("Neg", {x})});
  });
}

void loop_of_growing_text(Make& made) {
  loop(made, made.text(1), Type::tensor(DataType::kString, Shape{1}),
       [](Body& body, Value* value) { return body.add("StringConcat", {value, value}); });
}

void scan(Make& made) {
  Value* x = made.floats({1024});
  Node* node = made.end("Scan", {made.floats({2'000'000})});
  node->set_attribute("num_scan_inputs", int64_t{1});
  Body body(node);
  Value* element = body.graph->add_input("element", Type::tensor(DataType::kFloat, Shape{}));
  body.graph->add_output(body.add("Add", {element, x}));
  body.done();
}

void branch(Make& made) {
  Value* x = made.floats({1});
  Value* sizes = made.sizes({1'000'000'000});
  Node* node = made.end("If", {made.input(Tensor::scalar(true))});
  for (const char* side : {"then_branch", "else_branch"}) {
    auto graph = std::make_unique<Graph>(side, node);
    graph->add_output(graph->add_node("Expand", {x, sizes})->output(0));
    node->set_attribute(side, std::move(graph));
  }
}

void sequence_map(Make& made) {
  Value* x = made.floats({100});
  Value* sizes = made.sizes({1'000'000});
  Value* parts = made.maker.node("SplitToSequence", {made.floats({2000, 1})});
  Node* node = made.end("SequenceMap", {parts, x});
  static_cast<void>(sizes);
  Body body(node);
  Value* part = body.graph->add_input("part", Type::tensor(DataType::kFloat, Shape{1, 1}));
  body.graph->add_input("x", Type::tensor(DataType::kFloat, Shape{100}));
  body.graph->add_output(body.add("Expand", {part, sizes}));
  body.done();
}

// ---- families ----

void pad(Make& made, const char* mode) {
  made.end("Pad", {made.floats({100, 100}), made.sizes({0, 0, 20'000, 20'000})})
      ->set_attribute("mode", std::string(mode));
}

void resize(Make& made, const char* mode, DataType type) {
  Node* node = made.end(
      "Resize", {made.input(type, {1, 1, 8, 8}), nullptr, nullptr, made.sizes({1, 1, 40'000, 30'000})});
  node->set_attribute("mode", std::string(mode));
}

// [1, n] and [n, 1] make [n, n].
void outer_product(Make& made, const char* op_type, DataType type) {
  made.end(op_type, {made.input(type, {40'000, 1}), made.input(type, {1, 40'000})});
}

void window(Make& made, const char* op_type) {
  made.end(op_type, {made.size(1'000'000'000)});
}

void recurrent(Make& made, const char* op_type, int64_t gates) {
  constexpr int64_t kHidden = 600;
  Value* x = made.floats({1'500'000, 1, 1});
  Node* node = made.end(
      op_type, {x, made.floats({1, gates * kHidden, 1}), made.floats({1, gates * kHidden, kHidden})});
  node->set_attribute("hidden_size", kHidden);
}

void drawn(Make& made, const char* op_type) {
  made.end(op_type, {})->set_attribute("shape", Ints{40'000, 40'000});
}

// The scores would take 290 MB; it passes where they are never held at once, and that must not take long
// under sanitizers either.
void attention(Make& made) {
  const Dims dims{1, 1, 8'500, 1};
  made.end("Attention", {made.floats(dims), made.floats(dims), made.floats(dims)});
}

void roi_align(Make& made) {
  Node* node = made.end("RoiAlign", {made.floats({1, 256, 8, 8}), made.floats({1000, 4}),
                                     made.input(DataType::kInt64, {1000})});
  node->set_attribute("output_height", int64_t{64});
  node->set_attribute("output_width", int64_t{64});
}

void non_max_suppression(Make& made) {
  Value* most = made.constant(Tensor::scalar<int64_t>(100));
  Value* overlap = made.constant(Tensor::scalar(1.0f));
  made.end("NonMaxSuppression", {made.floats({1, 20, 4}), made.floats({1, 500'000, 20}), most, overlap});
}

void string_split(Make& made) {
  std::string words;
  for (int i = 0; i < 8'000'000; ++i) words += "a ";
  made.end("StringSplit", {made.input(Tensor::from<std::string>({1}, std::vector{words}))}, 2);
}

void tf_idf(Make& made) {
  Node* node = made.end("TfIdfVectorizer", {made.input(DataType::kInt64, {4})});
  node->set_attribute("mode", std::string("TF"));
  for (const char* one : {"max_gram_length", "min_gram_length"}) node->set_attribute(one, int64_t{1});
  node->set_attribute("max_skip_count", int64_t{0});
  node->set_attribute("ngram_counts", Ints{0});
  node->set_attribute("ngram_indexes", Ints{1'000'000'000});
  node->set_attribute("pool_int64s", Ints{3});
}

void label_encoder(Make& made) {
  Node* node =
      made.graph().add_node("LabelEncoder", {made.input(DataType::kInt64, {100'000})}, 1, "ai.onnx.ml");
  made.maker.model->opset_imports.set("ai.onnx.ml", 4);
  node->set_attribute("keys_int64s", Ints{1});
  node->set_attribute("values_strings", std::vector<std::string>{"one"});
  node->set_attribute("default_string", std::string(100'000, 'x'));
  made.graph().add_output(node->output(0));
}

}  // namespace

std::vector<LargeCase> large_cases() {
  constexpr DataType kBytes = DataType::kUint8;
  const Ints kSquare{40'000, 40'000};
  return {
      // movement
      {"Expand", "Expand", [=](Make& m) { m.end("Expand", {m.floats({1}), m.sizes(kSquare)}); }},
      {"ExpandOfText", "Expand", [](Make& m) { m.end("Expand", {m.text(1 << 20), m.sizes({4000})}); }},
      {"Tile", "Tile", [=](Make& m) { m.end("Tile", {m.floats({1, 1}), m.sizes(kSquare)}); }},
      {"TileOfText", "Tile", [](Make& m) { m.end("Tile", {m.text(1 << 20), m.sizes({4000})}); }},
      {"ConstantOfShape", "ConstantOfShape", [=](Make& m) { m.end("ConstantOfShape", {m.sizes(kSquare)}); }},
      {"Range", "Range", [](Make& m) { m.end("Range", {m.size(0), m.size(1'000'000'000), m.size(1)}); }},
      {"Pad", "Pad", [](Make& m) { pad(m, "constant"); }},
      {"PadReflect", "Pad", [](Make& m) { pad(m, "reflect"); }},
      {"PadOfBytes", "Pad",
       [=](Make& m) { m.end("Pad", {m.input(kBytes, {2}), m.sizes({0, 1'000'000'000})}); }},
      {"Concat", "Concat",
       [](Make& m) {
         m.end("Concat", Values(100, m.floats({4'000'000})))->set_attribute("axis", int64_t{0});
       },
       false},
      {"Gather", "Gather",
       [](Make& m) { m.end("Gather", {m.floats({1, 1'000'000}), m.input(DataType::kInt64, {1000})}); },
       false},
      {"GatherOfText", "Gather",
       [](Make& m) { m.end("Gather", {m.text(1 << 20), m.input(DataType::kInt64, {4000})}); }, false},
      {"GatherND", "GatherND",
       [](Make& m) { m.end("GatherND", {m.floats({1, 1'000'000}), m.input(DataType::kInt64, {1000, 1})}); },
       false},
      {"OneHot", "OneHot",
       [](Make& m) {
         m.end("OneHot", {m.input(DataType::kInt64, {1000}), m.size(1'000'000),
                          m.constant(Tensor(DataType::kFloat, {2}))});
       }},
      {"EyeLike", "EyeLike",
       [=](Make& m) {
         m.end("EyeLike", {m.input(kBytes, {8000, 8000})})->set_attribute("dtype", int64_t{11});
       },
       false},
      {"CenterCropPad", "CenterCropPad",
       [=](Make& m) { m.end("CenterCropPad", {m.floats({10, 10}), m.sizes(kSquare)}); }},
      {"Where", "Where",
       [](Make& m) {
         m.end("Where", {m.input(DataType::kBool, {40'000, 1}), m.floats({1, 40'000}), m.floats({1, 1})});
       },
       false},
      {"SplitToSequence", "SplitToSequence",
       [=](Make& m) { m.end("SplitToSequence", {m.input(kBytes, {16'000'000})}); }, false},
      {"Cast", "Cast",
       [=](Make& m) { m.end("Cast", {m.input(kBytes, {60'000'000})})->set_attribute("to", int64_t{11}); },
       false},
      {"CastToText", "Cast",
       [=](Make& m) { m.end("Cast", {m.input(kBytes, {20'000'000})})->set_attribute("to", int64_t{8}); },
       false},
      {"AffineGrid", "AffineGrid",
       [](Make& m) { m.end("AffineGrid", {m.floats({1, 2, 3}), m.sizes({1, 1, 20'000, 20'000})}); }},
      {"Col2Im", "Col2Im",
       [](Make& m) {
         Value* block = m.constant(Tensor::from<int64_t>({2}, Ints{1, 1}));
         m.end("Col2Im", {m.floats({1, 1, 1}), m.sizes({40'000, 40'000}), block})
             ->set_attribute("strides", Ints{40'000, 40'000});
       }},
      // what there is of
      {"NonZero", "NonZero",
       [=](Make& m) {
         Tensor ones(kBytes, {8000, 8000});
         std::memset(ones.raw(), 1, ones.bytes());
         m.end("NonZero", {m.input(std::move(ones))});
       },
       false},
      {"Unique", "Unique", [=](Make& m) { m.end("Unique", {m.input(kBytes, {60'000'000})}); }, false},
      {"Compress", "Compress",
       [=](Make& m) {
         Tensor all(DataType::kBool, {60'000'000});
         std::memset(all.raw(), 1, all.bytes());
         m.end("Compress", {m.input(kBytes, {60'000'000}), m.input(std::move(all))});
       },
       false},
      {"TopK", "TopK",
       [=](Make& m) {
         m.end("TopK",
               {m.input(kBytes, {60'000'000}), m.constant(Tensor::from<int64_t>({1}, Ints{50'000'000}))}, 2);
       },
       false},
      {"NonMaxSuppression", "NonMaxSuppression", non_max_suppression, false},
      // products
      {"MatMul", "MatMul", [](Make& m) { outer_product(m, "MatMul", DataType::kFloat); }, false},
      {"MatMulOfIntegers", "MatMul", [](Make& m) { outer_product(m, "MatMul", DataType::kInt64); }, false},
      {"MatMulInteger", "MatMulInteger", [=](Make& m) { outer_product(m, "MatMulInteger", kBytes); }, false},
      {"Gemm", "Gemm", [](Make& m) { outer_product(m, "Gemm", DataType::kFloat); }, false},
      {"Add", "Add", [](Make& m) { outer_product(m, "Add", DataType::kFloat); }, false},
      {"Equal", "Equal", [](Make& m) { outer_product(m, "Equal", DataType::kInt64); }, false},
      {"Mod", "Mod", [](Make& m) { outer_product(m, "Mod", DataType::kInt32); }, false},
      {"Max", "Max", [](Make& m) { outer_product(m, "Max", DataType::kDouble); }, false},
      {"Einsum", "Einsum",
       [](Make& m) {
         m.end("Einsum", {m.floats({40'000}), m.floats({40'000})})
             ->set_attribute("equation", std::string("i,j->ij"));
       },
       false},
      {"EinsumOfIntegers", "Einsum",
       [](Make& m) {
         m.end("Einsum", {m.input(DataType::kInt32, {40'000}), m.input(DataType::kInt32, {40'000})})
             ->set_attribute("equation", std::string("i,j->ij"));
       },
       false},
      {"Attention", "Attention", attention, false, true},
      // windows
      {"Conv", "Conv",
       [](Make& m) {
         m.end("Conv", {m.floats({1, 1, 4, 4}), m.floats({1, 1, 1, 1})})
             ->set_attribute("pads", Ints{20'000, 20'000, 20'000, 20'000});
       },
       false},
      {"ConvOfDoubles", "Conv",
       [](Make& m) {
         m.end("Conv", {m.input(DataType::kDouble, {1, 1, 4, 4}), m.input(DataType::kDouble, {1, 1, 1, 1})})
             ->set_attribute("pads", Ints{20'000, 20'000, 20'000, 20'000});
       },
       false},
      {"ConvInteger", "ConvInteger",
       [=](Make& m) {
         m.end("ConvInteger", {m.input(kBytes, {1, 1, 4, 4}), m.input(kBytes, {1, 1, 1, 1})})
             ->set_attribute("pads", Ints{20'000, 20'000, 20'000, 20'000});
       },
       false},
      {"ConvTranspose", "ConvTranspose",
       [](Make& m) {
         m.end("ConvTranspose", {m.floats({1, 1, 4, 4}), m.floats({1, 1, 1, 1})})
             ->set_attribute("strides", Ints{10'000, 10'000});
       },
       false},
      {"DeformConv", "DeformConv",
       [](Make& m) {
         m.end("DeformConv",
               {m.floats({1, 1000, 64, 64}), m.floats({1, 1000, 3, 3}), m.floats({1, 18, 64, 64})})
             ->set_attribute("pads", Ints{1, 1, 1, 1});
       },
       false},
      {"MaxPool", "MaxPool",
       [](Make& m) {
         Node* node = m.end("MaxPool", {m.floats({1, 1, 4, 4})});
         node->set_attribute("kernel_shape", Ints{20'000, 20'000});
         node->set_attribute("pads", Ints{19'999, 19'999, 39'990, 39'990});
       },
       false},
      {"AveragePool", "AveragePool",
       [](Make& m) {
         Node* node = m.end("AveragePool", {m.floats({1, 1, 40'000, 40})});
         node->set_attribute("kernel_shape", Ints{20'000, 20'000});
         node->set_attribute("pads", Ints{19'999, 19'999, 19'999, 19'999});
       },
       false},
      {"MaxUnpool", "MaxUnpool",
       [](Make& m) {
         m.end("MaxUnpool", {m.floats({1, 1, 2, 2}), m.input(DataType::kInt64, {1, 1, 2, 2}),
                             m.sizes({1, 1, 40'000, 40'000})})
             ->set_attribute("kernel_shape", Ints{1, 1});
       }},
      {"RoiAlign", "RoiAlign", roi_align, false},
      {"GridSample", "GridSample",
       [](Make& m) { m.end("GridSample", {m.floats({1, 1000, 4, 4}), m.floats({1, 1000, 1000, 2})}); },
       false},
      {"GridSampleOfDoubles", "GridSample",
       [](Make& m) {
         m.end("GridSample", {m.input(DataType::kDouble, {1, 100, 4, 4}), m.floats({1, 1000, 1000, 2})});
       },
       false},
      {"ResizeNearest", "Resize", [](Make& m) { resize(m, "nearest", DataType::kFloat); }},
      {"ResizeLinear", "Resize", [](Make& m) { resize(m, "linear", DataType::kFloat); }},
      {"ResizeCubic", "Resize", [](Make& m) { resize(m, "cubic", DataType::kFloat); }},
      {"ResizeOfIntegers", "Resize", [](Make& m) { resize(m, "linear", DataType::kInt32); }},
      // signals
      {"STFT", "STFT",
       [](Make& m) { m.end("STFT", {m.floats({1, 1'000'000, 1}), m.size(1), nullptr, m.size(1024)}); }},
      {"DFT", "DFT",
       [](Make& m) {
         m.end("DFT", {m.floats({1, 4, 1}), m.size(1'000'000'007), m.constant(Tensor::scalar<int64_t>(1))});
       }},
      {"HannWindow", "HannWindow", [](Make& m) { window(m, "HannWindow"); }},
      {"BlackmanWindow", "BlackmanWindow", [](Make& m) { window(m, "BlackmanWindow"); }},
      {"MelWeightMatrix", "MelWeightMatrix",
       [](Make& m) {
         Value* rate = m.constant(Tensor::scalar<int64_t>(44'100));
         Value* low = m.constant(Tensor::scalar(0.0f));
         Value* high = m.constant(Tensor::scalar(20'000.0f));
         m.end("MelWeightMatrix", {m.size(8), m.size(1'000'000'000), rate, low, high});
       }},
      // random
      {"RandomNormal", "RandomNormal", [](Make& m) { drawn(m, "RandomNormal"); }, false},
      {"RandomUniform", "RandomUniform", [](Make& m) { drawn(m, "RandomUniform"); }, false},
      {"RandomNormalLike", "RandomNormalLike",
       [=](Make& m) {
         m.end("RandomNormalLike", {m.input(kBytes, {60'000'000})})->set_attribute("dtype", int64_t{1});
       },
       false},
      {"Multinomial", "Multinomial",
       [](Make& m) {
         m.end("Multinomial", {m.floats({1, 4})})->set_attribute("sample_size", int64_t{1'000'000'000});
       },
       false},
      // networks
      {"LSTM", "LSTM", [](Make& m) { recurrent(m, "LSTM", 4); }, false},
      {"GRU", "GRU", [](Make& m) { recurrent(m, "GRU", 3); }, false},
      {"RNN", "RNN", [](Make& m) { recurrent(m, "RNN", 1); }, false},
      // texts
      {"StringConcat", "StringConcat",
       [](Make& m) { m.end("StringConcat", {m.input(DataType::kString, {100'000}), m.text(100'000)}); },
       false},
      {"StringSplit", "StringSplit", string_split, false},
      {"TfIdfVectorizer", "TfIdfVectorizer", tf_idf, false},
      {"LabelEncoder", "LabelEncoder", label_encoder, false},
      // control flow
      {"LoopWithRows", "Loop", loop_with_rows},
      {"LoopThatInserts", "SequenceInsert", [](Make& m) { loop_that_inserts(m, {1024}); }},
      {"LoopThatInsertsNothing", "SequenceInsert", [](Make& m) { loop_that_inserts(m, {0}); }},
      {"LoopOfGrowingText", "StringConcat", loop_of_growing_text},
      {"Scan", "Scan", scan, false},
      {"If", "Expand", branch},
      {"SequenceMap", "SequenceMap", sequence_map},
  };
}

}  // namespace slipway::hostile
