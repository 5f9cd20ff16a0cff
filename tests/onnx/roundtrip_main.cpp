// Reads models and writes them again, for a judge that knows nothing of Slipway:
//   slipway_roundtrip LISTFILE        each line: IN<TAB>OUT
// Prints one line per failure and exits with 1 when there was one.
#include <fmt/format.h>

#include <fstream>
#include <string>

#include "onnx/read_model.hpp"
#include "onnx/write_model.hpp"

int main(int argc, char** argv) {
  std::ifstream list(argc == 2 ? argv[1] : "");
  if (!list) {
    fmt::print(stderr, "usage: slipway_roundtrip LISTFILE (lines of IN<TAB>OUT)\n");
    return 2;
  }
  int failures = 0;
  for (std::string line; std::getline(list, line);) {
    const size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    try {
      slipway::write_model(slipway::read_model(line.substr(0, tab)), line.substr(tab + 1));
    } catch (const std::exception& error) {
      ++failures;
      fmt::print("{}\n", error.what());
    }
  }
  return failures == 0 ? 0 : 1;
}
