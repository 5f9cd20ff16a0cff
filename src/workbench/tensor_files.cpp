#include "workbench/tensor_files.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "ops/element_mover.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::workbench {
namespace {

using backends::Port;
using Arrays = std::map<std::string, Tensor, std::less<>>;

bool is_npz(const std::filesystem::path& path) {
  return path.extension() == ".npz";
}

std::string element_name(const std::string& name, size_t index) {
  return name + "." + std::to_string(index);
}

std::string names_of(const std::vector<Port>& ports) {
  std::string names;
  for (const Port& port : ports)
    if (!port.optional) names += (names.empty() ? "'" : ", '") + port.name + "'";
  return names.empty() ? "none" : names;
}

std::string keys_name(const std::string& name) {
  return name + ".keys";
}
std::string values_name(const std::string& name) {
  return name + ".values";
}

// The input that an array called `name` is for: its own, or, for NAME.3, the sequence's, or the map's.
const Port* find_port(const std::vector<Port>& ports, const std::string& name) {
  for (const Port& port : ports) {
    if (port.name == name) return &port;
    const bool is_map = port.type.kind() == Type::Kind::kMap;
    if (is_map && (name == keys_name(port.name) || name == values_name(port.name))) return &port;
    const bool is_sequence = port.type.kind() == Type::Kind::kSequence;
    if (is_sequence && name.size() > port.name.size() + 1 && name.starts_with(port.name + ".") &&
        name.find_first_not_of("0123456789", port.name.size() + 1) == std::string::npos)
      return &port;
  }
  return nullptr;
}

void add(Arrays& arrays, const std::vector<Port>& ports, const std::string& name, Tensor tensor) {
  if (!find_port(ports, name))
    fail(ErrorCode::kInvalidArgument, "the model has no input '{}'; its inputs are {}", name,
         names_of(ports));
  if (!arrays.emplace(name, std::move(tensor)).second)
    fail(ErrorCode::kInvalidArgument, "input '{}' is given twice", name);
}

void add_file(Arrays& arrays, const std::vector<Port>& ports, const InputFile& file) {
  if (!is_npz(file.path)) return add(arrays, ports, file.input, read_npy(file.path));
  bool found = false;
  for (auto& [name, tensor] : read_npz(file.path)) {
    if (!file.input.empty() && name != file.input) continue;
    found = true;
    add(arrays, ports, name, std::move(tensor));
  }
  if (!found && !file.input.empty())
    fail(ErrorCode::kInvalidArgument, "file '{}' has no array '{}'", file.path.string(), file.input);
}

DataType element_type_of(const Type& type) {
  return type.has_inner() ? element_type_of(type.inner()) : type.element_type();
}

// The value for a port, taken out of the arrays; empty when it is not among them.
RuntimeValue take(const Port& port, Arrays& arrays) {
  const auto take_array = [&](const std::string& name, DataType type) {
    return with_context([&] { return "input '" + name + "'"; },
                        [&] { return reinterpret_as(arrays.extract(name).mapped(), type); });
  };
  if (port.type.kind() == Type::Kind::kMap) {
    const std::string keys = keys_name(port.name), values = values_name(port.name);
    if (!arrays.count(keys) || !arrays.count(values)) return {};
    Tensor taken_keys = take_array(keys, port.type.element_type());
    return Map{std::move(taken_keys), take_array(values, port.type.inner().element_type())};
  }
  const DataType type = element_type_of(port.type);
  if (arrays.count(port.name)) return take_array(port.name, type);
  if (port.type.kind() != Type::Kind::kSequence) return {};
  Sequence sequence;
  while (arrays.count(element_name(port.name, sequence.size())))
    sequence.push_back(take_array(element_name(port.name, sequence.size()), type));
  return sequence.empty() ? RuntimeValue() : RuntimeValue(std::move(sequence));
}

void add_map(const std::string& name, const Tensor& keys, Tensor values, NamedTensors& tensors) {
  tensors.emplace_back(keys_name(name), keys);
  tensors.emplace_back(values_name(name), std::move(values));
}

// Maps with the same keys and values of the same type, as ZipMap makes one for each row.
bool is_table(const Sequence& sequence) {
  if (sequence.empty()) return false;
  return std::all_of(sequence.begin(), sequence.end(), [&](const RuntimeValue& row) {
    return row.is_map() && sequence[0].is_map() && identical(row.map().keys, sequence[0].map().keys) &&
           row.map().values.type() == sequence[0].map().values.type();
  });
}

Tensor table_values(const Sequence& rows) {
  const Tensor& first = rows[0].map().values;
  Tensor values(first.type(), {static_cast<int64_t>(rows.size()), first.count()});
  for (size_t row = 0; row < rows.size(); ++row)
    ops::ElementMover(rows[row].map().values, values)
        .move(0, static_cast<int64_t>(row) * first.count(), first.count());
  return values;
}

void flatten(const std::string& name, const RuntimeValue& value, NamedTensors& tensors) {
  if (value.is_tensor()) tensors.emplace_back(name, value.tensor());
  if (value.is_map()) return add_map(name, value.map().keys, value.map().values, tensors);
  if (!value.is_sequence()) return;
  if (is_table(value.sequence()))
    return add_map(name, value.sequence()[0].map().keys, table_values(value.sequence()), tensors);
  size_t index = 0;
  for (const RuntimeValue& element : value.sequence()) flatten(element_name(name, index++), element, tensors);
}

}  // namespace

InputFile parse_input_file(const std::string& text) {
  const size_t equals = text.find('=');
  const InputFile file = equals == std::string::npos
                             ? InputFile{"", text}
                             : InputFile{text.substr(0, equals), text.substr(equals + 1)};
  const bool complete = equals != std::string::npos ? equals > 0 && !file.path.empty() : is_npz(file.path);
  if (!complete)
    fail(ErrorCode::kInvalidArgument, "'{}' is neither NAME=FILE.npy, NAME=FILE.npz nor FILE.npz", text);
  return file;
}

std::vector<RuntimeValue> read_inputs(const std::vector<Port>& ports, const std::vector<InputFile>& files) {
  Arrays arrays;
  for (const InputFile& file : files) add_file(arrays, ports, file);
  std::vector<RuntimeValue> values;
  for (const Port& port : ports) values.push_back(take(port, arrays));
  if (!arrays.empty())
    fail(ErrorCode::kInvalidArgument, "'{}' is a part of a sequence or a map whose other parts are missing",
         arrays.begin()->first);
  return values;
}

void check_output_path(const std::filesystem::path& path, size_t outputs) {
  if (path.extension() != ".npz" && path.extension() != ".npy")
    fail(ErrorCode::kInvalidArgument, "'{}' ends neither with .npz nor with .npy", path.string());
  if (path.extension() == ".npy" && outputs != 1)
    fail(ErrorCode::kInvalidArgument, "the model has {} outputs, which one .npy cannot hold; name a .npz",
         outputs);
}

void write_outputs(const std::filesystem::path& path, const std::vector<Port>& ports,
                   const std::vector<RuntimeValue>& values) {
  check_output_path(path, values.size());
  if (!is_npz(path)) {
    if (!values[0].is_tensor())
      fail(ErrorCode::kInvalidArgument, "output '{}' is no tensor; a .npz can hold it, a .npy cannot",
           ports[0].name);
    return write_npy(path, values[0].tensor());
  }
  NamedTensors tensors;
  for (size_t i = 0; i < values.size(); ++i) flatten(ports[i].name, values[i], tensors);
  write_npz(path, tensors);
}

}  // namespace slipway::workbench
