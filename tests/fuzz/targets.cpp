#include "fuzz/targets.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "hostile/convert_program.hpp"
#include "hostile/read_elements.hpp"
#include "hostile/run_model.hpp"
#include "hostile/stored_zip.hpp"
#include "image/read_picture.hpp"
#include "onnx/tensor_file.hpp"
#include "pipeline/description.hpp"
#include "torch/checkpoint.hpp"
#include "workbench/npy.hpp"
#include "workbench/npz.hpp"

namespace slipway::fuzz {
namespace {

// The same bytes draw the same numbers.
uint64_t hash_of(Bytes bytes) {
  uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const std::byte byte : bytes) hash = (hash ^ static_cast<uint64_t>(byte)) * 1099511628211U;
  return hash;
}

// A file that lies in memory, for readers that take a path.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      fail(ErrorCode::kIo, "no room for a file of {} bytes", bytes.size());
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

// Refused by one reader, a file may still be what the next one takes.
template <typename Body>
void attempt(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal) throw;
  }
}

}  // namespace

void try_model(Bytes file) {
  hostile::Mutator random(hash_of(file));
  hostile::read_and_run(std::string(reinterpret_cast<const char*>(file.data()), file.size()), random);
}

void try_picture(Bytes file) {
  decode_picture(file, {.max_pixels = 1'000'000, .max_bytes = 8'000'000});
}

void try_tensors(Bytes bytes) {
  const MemoryFile file(bytes);
  attempt([&] { workbench::read_npz(file.path()); });
  attempt([&] { workbench::read_npy(file.path()); });
  const Type tensor = Type::tensor(DataType::kFloat);
  for (const Type& type : {tensor, Type::sequence(tensor), Type::optional(Type::sequence(tensor))})
    attempt([&] { read_value_file(file.path(), type); });
}

void try_checkpoint(Bytes bytes) {
  const MemoryFile file(bytes);
  hostile::ElementReader elements;
  for (const auto& entry : torch::read_checkpoint(file.path()).tensors) elements.read(entry.tensor);
}

void try_program(Bytes bytes) {
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string whole = text.starts_with("{")
                                ? hostile::stored_zip({{"serialized_exported_program.json", text},
                                                       {"serialized_state_dict.pt", ""}})
                                : text;
  const MemoryFile file({reinterpret_cast<const std::byte*>(whole.data()), whole.size()});
  hostile::convert_program(file.path());
}

void try_pipeline(Bytes file) {
  Graph graph;
  const Type picture = Type::tensor(DataType::kFloat, Shape{1, 3, Dim::symbol("h"), Dim::symbol("w")});
  graph.add_output(graph.add_node("Relu", {graph.add_input("input", picture)})->output(0));
  graph.outputs()[0]->set_type(picture);
  pipeline::parse_description({reinterpret_cast<const char*>(file.data()), file.size()}, graph);
}

}  // namespace slipway::fuzz
