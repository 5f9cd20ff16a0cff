// The inputs and outputs of a run as .npy and .npz files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backends/backend.hpp"

namespace slipway::workbench {

// Where an input comes from. NAME=FILE.npy is that array; NAME=FILE.npz its array called NAME; FILE.npz
// alone, with an empty name, gives each of its arrays to the input of its name.
struct InputFile {
  std::string input;
  std::filesystem::path path;
};

// Splits "NAME=FILE" or "FILE.npz". Throws kInvalidArgument.
InputFile parse_input_file(const std::string& text);

// Reads the files: values in the order of the ports, empty for inputs that nobody gave. Element types that
// NumPy lacks are recognised by what the port takes (npy.hpp); a sequence input NAME takes the arrays NAME.0,
// NAME.1, …, a map NAME.keys and NAME.values. Throws kInvalidArgument for inputs that the model does not have
// or that are given twice.
std::vector<RuntimeValue> read_inputs(const std::vector<backends::Port>& ports,
                                      const std::vector<InputFile>& files);

// Can outputs of these ports be written to this path? Throws kInvalidArgument when it ends neither with .npz
// nor .npy, or with .npy and there is not exactly one output.
void check_output_path(const std::filesystem::path& path, size_t outputs);

// .npz: each output by its name, elements of a sequence as NAME.0, NAME.1, …; a map as NAME.keys and
// NAME.values; a sequence of n maps with the same keys as NAME.keys [k] and NAME.values [n,k]; empty
// optionals are left out.
// .npy: the one output.
void write_outputs(const std::filesystem::path& path, const std::vector<backends::Port>& ports,
                   const std::vector<RuntimeValue>& values);

}  // namespace slipway::workbench
