// Prints a program of PyTorch's as Slipway reads it, for judges that are written in Python.
#include <fmt/format.h>

#include "base/error.hpp"
#include "torch/exported_program.hpp"
#include "torch/ir/print.hpp"

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: slipway_program MODEL.pt2\n");
    return 2;
  }
  try {
    fmt::print("{}", slipway::torch::ir::to_text(slipway::torch::read_exported_program(arguments[1])));
    return 0;
  } catch (const slipway::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
