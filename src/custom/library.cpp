#include "custom/library.hpp"

#include <dlfcn.h>

#include <cstring>

#include "custom/foreign_call.hpp"

namespace slipway::custom {
namespace {

constexpr const char* kEntry = "slipway_custom_ops";
// More is no number of operators, but memory that is something else.
constexpr size_t kMostOperators = 1 << 16;
// What version 1 had.
constexpr size_t kSmallestOp = offsetof(slipway_op, flops) + sizeof(slipway_op::flops);
constexpr size_t kSmallestLibrary =
    offsetof(slipway_op_library, operators) + sizeof(slipway_op_library::operators);

void* load(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) fail(ErrorCode::kNotFound, "there is no such file");
  // With a path that is not absolute, dlopen may look elsewhere.
  void* handle = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle) return handle;
  const char* reason = dlerror();
  fail(ErrorCode::kInvalidArgument, "it cannot be loaded: {}", reason ? reason : "no reason was given");
}

const slipway_op_library& table_of(void* handle) {
  const auto entry = reinterpret_cast<decltype(&slipway_custom_ops)>(dlsym(handle, kEntry));
  if (!entry)
    fail(ErrorCode::kInvalidArgument,
         "it brings no operators: it has no function {}, which SLIPWAY_CUSTOM_OPS of slipway/custom_op.h "
         "defines",
         kEntry);
  const slipway_op_library* table = foreign_call(kEntry, entry);
  if (!table) fail(ErrorCode::kInvalidArgument, "its {} returned NULL", kEntry);
  return *table;
}

// Nothing but the first field is read from a table of another version.
void check_version(const slipway_op_library& table) {
  if (table.abi > SLIPWAY_CUSTOM_OP_ABI)
    fail(ErrorCode::kUnsupported,
         "it was built for version {} of the interface of custom operators, and this Slipway has {}: use a "
         "newer "
         "Slipway, or build it with -DSLIPWAY_CUSTOM_OP_ABI={}",
         table.abi, SLIPWAY_CUSTOM_OP_ABI, SLIPWAY_CUSTOM_OP_ABI);
  if (table.abi < 1 || table.struct_size < kSmallestLibrary || table.op_size < kSmallestOp ||
      table.op_size % alignof(slipway_op) != 0 || table.count > kMostOperators)
    fail(ErrorCode::kInvalidArgument,
         "its table is faulty (abi {}, struct_size {}, op_size {}, count {}): fill it by SLIPWAY_CUSTOM_OPS",
         table.abi, table.struct_size, table.op_size, table.count);
  if (table.count == 0 || !table.operators) fail(ErrorCode::kInvalidArgument, "its table has no operators");
}

std::vector<slipway_op> copy_operators(const slipway_op_library& table) {
  check_version(table);
  std::vector<slipway_op> operators(table.count, slipway_op{});
  const auto* from = reinterpret_cast<const unsigned char*>(table.operators);
  for (size_t i = 0; i < table.count; ++i)
    std::memcpy(&operators[i], from + i * table.op_size, std::min(table.op_size, sizeof(slipway_op)));
  return operators;
}

}  // namespace

Library::Library(std::string name, void* handle) : name_(std::move(name)), handle_(handle) {}

std::shared_ptr<const Library> Library::open(const std::filesystem::path& path) {
  return with_context([&] { return "library '" + path.string() + "'"; },
                      [&] {
                        std::shared_ptr<Library> library(new Library(path.string(), load(path)));
                        library->operators_ = copy_operators(table_of(library->handle_));
                        return library;
                      });
}

Library::~Library() {
  dlclose(handle_);
}

}  // namespace slipway::custom
