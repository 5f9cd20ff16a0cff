// A model of one node whose operator a library brings, and the libraries that the build made for the tests.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "backends/backend.hpp"
#include "base/error.hpp"
#include "custom/load_operators.hpp"

namespace slipway::custom {

inline std::filesystem::path library(const std::string& name) {
  return std::filesystem::path(SLIPWAY_BINARY_DIR) / "tests/custom/libraries" / (name + ".so");
}

inline std::shared_ptr<const ops::Registry> load(const std::vector<std::string>& names) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& name : names) paths.push_back(library(name));
  return load_operators(paths);
}

template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.what();
  }
  return "no error";
}

// The node is called "n", its inputs "input0" …, its outputs "output0" ….
class OneNode {
 public:
  using Setting = std::pair<std::string, std::variant<int64_t, float, std::string, std::vector<int64_t>,
                                                      std::vector<float>, std::vector<std::string>>>;

  // An input of no type is absent; one that has a value is a constant.
  OneNode(const std::string& domain, const std::string& op_type,
          const std::vector<std::variant<Type, Tensor>>& inputs, const std::vector<Setting>& settings = {},
          size_t output_count = 1) {
    model_->opset_imports.set("", kNewestOpset);
    model_->opset_imports.set(domain, 2);
    Graph& graph = *model_->graph;
    std::vector<Value*> values;
    for (const auto& input : inputs) {
      const std::string name = "input" + std::to_string(values.size());
      if (const Tensor* constant = std::get_if<Tensor>(&input))
        values.push_back(graph.add_initializer(name, *constant));
      else if (std::get<Type>(input).is_none())
        values.push_back(nullptr);
      else
        values.push_back(graph.add_input(name, std::get<Type>(input)));
    }
    node_ = graph.add_node(op_type, values, output_count, domain, "n");
    for (const auto& [name, value] : settings)
      std::visit([&, key = name](const auto& content) { node_->set_attribute(key, content); }, value);
    for (size_t i = 0; i < output_count; ++i) {
      graph.rename(node_->output(i), "output" + std::to_string(i));
      graph.add_output(node_->output(i));
    }
  }

  Model& model() { return *model_; }
  Node& node() { return *node_; }

  std::unique_ptr<backends::Executable> compile(std::shared_ptr<const ops::Registry> operators,
                                                bool optimize = true) {
    backends::CompileOptions options;
    options.threads = 2;
    options.optimize = optimize;
    options.operators = std::move(operators);
    return backends::find_backend("native").compile({{}, model_}, options);
  }

  std::vector<RuntimeValue> run(const std::shared_ptr<const ops::Registry>& operators,
                                const std::vector<RuntimeValue>& inputs) {
    return compile(operators)->run(inputs);
  }

 private:
  std::shared_ptr<Model> model_ = std::make_shared<Model>();
  Node* node_;
};

inline Type floats(std::vector<std::string> dims) {
  Shape shape;
  for (const std::string& dim : dims)
    shape.push_back(dim == "?"                                                 ? Dim()
                    : dim.find_first_not_of("0123456789") == std::string::npos ? Dim(std::stoll(dim))
                                                                               : Dim::symbol(dim));
  return Type::tensor(DataType::kFloat, shape);
}

}  // namespace slipway::custom
