// What one act of reading shares on the way down: the options, the bytes that tensors may be views of, the
// external files and the limits that count over the whole model.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "onnx/external_files.hpp"
#include "onnx/read_model.hpp"

namespace slipway {

struct ReadContext {
  ReadOptions options;
  // Holds the message that is being read, when tensors may stay in it; otherwise they are copied.
  std::shared_ptr<Buffer> source;
  ExternalFiles external;
  int graph_nesting = 0;
  // Dense bytes that sparse initializers may still grow to.
  size_t sparse_budget = kFreeSparseBytes;
};

// Counts a level of nesting for as long as it lives. Throws kInvalidModel beyond `limit`.
class Nesting {
 public:
  Nesting(int& depth, int limit, const char* what);
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  int& depth_;
};

// Maps the file, calls read(message, context) with its content, and makes sure that the content was real.
template <typename Read>
auto read_mapped_file(const std::filesystem::path& path, const ReadOptions& options, Read&& read) {
  return with_context([&] { return fmt::format("file '{}'", path.string()); },
                      [&] {
                        const auto file = std::make_shared<MappedFile>(path);
                        ReadContext context;
                        context.options = options;
                        context.source = buffer_over(file);
                        context.external = ExternalFiles::beside(path);
                        auto result =
                            read({reinterpret_cast<const char*>(file->data().data()), file->size()}, context);
                        file->check_undamaged();
                        context.external.check_undamaged();
                        return result;
                      });
}

}  // namespace slipway
