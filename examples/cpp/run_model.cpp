// Loads a model, says what goes in and what comes out, and runs it on a grey picture.
//
//   run_model models/srcnn/srcnn_x3.onnx
//
// Works with any model whose inputs are f32 tensors; sizes that the model leaves open become kOpenSize.
#include <cstdlib>
#include <iostream>
#include <slipway/slipway.hpp>

namespace {

constexpr int64_t kOpenSize = 16;

void print_port(const char* kind, const slipway::Port& port) {
  std::cout << kind << " '" << port.name << "': " << port.type << "\n";
}

// A tensor that fits the input, every element 0.5.
slipway::Tensor make_input(const slipway::Port& port) {
  if (port.element_type != SLIPWAY_FLOAT || !port.dims)
    throw std::runtime_error("this example makes only f32 inputs of known rank; '" + port.name + "' is " +
                             port.type);
  slipway::Dims dims = *port.dims;
  for (size_t axis = 0; axis < dims.size(); ++axis)
    if (dims[axis] < 0) dims[axis] = axis == 0 ? 1 : kOpenSize;
  slipway::Tensor tensor(SLIPWAY_FLOAT, dims);
  float* elements = tensor.data<float>();
  for (size_t i = 0; i < tensor.count(); ++i) elements[i] = 0.5f;
  return tensor;
}

void print_result(const std::string& name, const slipway::Tensor& tensor) {
  std::cout << "'" << name << "' is";
  for (const int64_t size : tensor.dims()) std::cout << ' ' << size;
  if (tensor.element_type() == SLIPWAY_FLOAT && tensor.count() > 0)
    std::cout << ", in the middle " << tensor.data<float>()[tensor.count() / 2];
  std::cout << "\n";
}

void run(const std::string& path) {
  slipway::ModelOptions options;
  options.threads = 2;
  const slipway::Model model(path, options);

  slipway::NamedTensors inputs;
  for (const slipway::Port& port : model.inputs()) {
    print_port("input", port);
    inputs.emplace(port.name, make_input(port));
  }
  for (const slipway::Port& port : model.outputs()) print_port("output", port);

  for (const auto& [name, tensor] : model.run(inputs)) print_result(name, tensor);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " MODEL.onnx\n";
    return EXIT_FAILURE;
  }
  try {
    run(argv[1]);
    return EXIT_SUCCESS;
  } catch (const slipway::Error& error) {
    std::cerr << slipway_status_name(error.status()) << ": " << error.what() << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return EXIT_FAILURE;
}
