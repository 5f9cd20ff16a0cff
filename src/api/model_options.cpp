#include "api/model_options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "api/arguments.hpp"
#include "base/thread_pool.hpp"
#include "custom/load_operators.hpp"

namespace slipway::api {
namespace {

// What version 0.1 had; smaller means that struct_size was not set.
constexpr size_t kSmallestSize = offsetof(slipway_model_options, disable_optimization) +
                                 sizeof(slipway_model_options::disable_optimization);

// The fields that both sides know; what the program does not know stays zero, its default.
slipway_model_options known_fields(const slipway_model_options& options) {
  const size_t size = options.struct_size;
  if (size < kSmallestSize)
    fail(ErrorCode::kInvalidArgument,
         "options.struct_size is {}; it must be sizeof(slipway_model_options), at least {}", size,
         kSmallestSize);
  slipway_model_options known = {};
  std::memcpy(&known, &options, std::min(size, sizeof known));
  const auto* bytes = reinterpret_cast<const unsigned char*>(&options);
  if (size > sizeof known &&
      std::any_of(bytes + sizeof known, bytes + size, [](unsigned char byte) { return byte != 0; }))
    fail(ErrorCode::kUnsupported,
         "options has {} bytes with fields that this library, version {}, does not know", size,
         slipway_version());
  return known;
}

std::shared_ptr<const ops::Registry> load_custom_ops(const slipway_model_options& options) {
  if (options.custom_op_count == 0) return nullptr;
  std::vector<std::filesystem::path> libraries;
  for (const char* path : array(options.custom_ops, options.custom_op_count, "options.custom_ops"))
    libraries.emplace_back(&not_null(path, "options.custom_ops[i]"));
  return custom::load_operators(libraries);
}

}  // namespace

ModelOptions read_options(const slipway_model_options* options) {
  ModelOptions result;
  if (!options) return result;
  const slipway_model_options known = known_fields(*options);
  if (known.threads < 0 || known.threads > ThreadPool::kMaxThreads)
    fail(ErrorCode::kInvalidArgument, "options.threads is {}; it goes from 0 to {}", known.threads,
         static_cast<int>(ThreadPool::kMaxThreads));
  if (known.backend) result.backend = known.backend;
  if (known.library) result.compile.library = known.library;
  result.compile.threads = known.threads;
  result.compile.optimize = known.disable_optimization == 0;
  result.compile.operators = load_custom_ops(known);
  if (known.max_memory > 0) result.compile.memory = std::make_shared<MemoryAccount>(known.max_memory);
  return result;
}

}  // namespace slipway::api
