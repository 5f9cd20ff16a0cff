// The small models that get damaged.
#pragma once

#include <string>
#include <vector>

#include "engine/random_model.hpp"
#include "onnx/golden_models.hpp"
#include "onnx/write_model.hpp"

namespace slipway::hostile {

// SRCNN as models/srcnn has it, pipeline included, but with two and three channels between the convolutions.
inline std::string small_srcnn() {
  engine::GraphMaker maker;
  const Type picture = Type::tensor(DataType::kFloat, Shape{1, 3, Dim::symbol("h"), Dim::symbol("w")});
  Value* x = maker.graph().add_input("input", picture);
  x = maker.node("Resize", {x, nullptr, maker.floats({1, 1, 3, 3})}, {{"mode", "cubic"}});
  x = maker.node("Relu", {maker.conv(x, {2, 3, 9, 9}, {4, 4, 4, 4})});
  x = maker.node("Relu", {maker.conv(x, {3, 2, 1, 1})});
  x = maker.conv(x, {3, 3, 5, 5}, {2, 2, 2, 2});
  maker.graph().rename(x, "output");
  maker.graph().add_output(x);
  maker.model->set_metadata("slipway.pipeline",
                            R"({"version":1,"task":"super-resolution","input":{},"output":{},"scale":3})");
  return write_model_bytes(*maker.model);
}

// A classifier with a little of everything.
inline std::string small_classifier() {
  engine::GraphMaker maker;
  Value* x = maker.input({1, 2, 8, 8});
  x = maker.conv(x, {4, 2, 3, 3}, {1, 1, 1, 1});
  x = maker.node("BatchNormalization", {x, maker.floats({1, 1, 1, 1}), maker.floats({0, 1, 2, 3}),
                                        maker.floats({0, 0, 0, 0}), maker.floats({1, 1, 1, 2})});
  Value* pooled =
      maker.node("MaxPool", {maker.node("Relu", {x})},
                 {{"kernel_shape", std::vector<int64_t>{2, 2}}, {"strides", std::vector<int64_t>{2, 2}}});
  x = maker.node("Concat", {pooled, maker.node("Sigmoid", {pooled})}, {{"axis", int64_t{1}}});
  x = maker.node("Add", {x, maker.conv(x, {8, 4, 3, 3}, {1, 1, 1, 1}, 2)});
  x = maker.node("Flatten", {maker.node("GlobalAveragePool", {x})});
  x = maker.node("Softmax", {maker.node("Gemm", {x, maker.weights({5, 8})}, {{"transB", int64_t{1}}})});
  maker.graph().add_output(x);
  return write_model_bytes(*maker.model);
}

inline std::vector<std::string> seed_models() {
  std::vector<std::string> models = {small_srcnn(), small_classifier()};
  for (const char* name :
       {"conv.onnx", "nested.onnx", "tensors.onnx", "everything.onnx", "function.onnx", "external.onnx"})
    models.push_back(testing::file_bytes(testing::golden(name)));
  return models;
}

}  // namespace slipway::hostile
