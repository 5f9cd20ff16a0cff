// The part of ONNX Runtime's C API that is needed here, declared anew: no header of it has to be installed.
// The library hands out a table of function pointers for an API version; its slots never move, later versions
// append. Every slot below has been there since version 5 (ONNX Runtime 1.5), which is therefore what is
// asked for. The numbers are positions in that table.
#pragma once

#include <cstddef>
#include <cstdint>

namespace slipway::backends::ort {

inline constexpr uint32_t kApiVersion = 5;

// Objects of the library; only pointers to them are ever held.
struct Env;
struct Status;
struct MemoryInfo;
struct Session;
struct Value;
struct RunOptions;
struct TensorInfo;
struct SessionOptions;
struct Allocator;

// What the library's one exported function, OrtGetApiBase, returns.
struct ApiBase {
  const void* const* (*get_api)(uint32_t version);  // nullptr when the library is older than the version
  const char* (*get_version_string)();
};
using GetApiBase = const ApiBase* (*)();

enum class LoggingLevel : int { kVerbose, kInfo, kWarning, kError, kFatal };
enum class OptimizationLevel : int { kNone = 0, kBasic = 1, kAll = 99 };
enum class ExecutionMode : int { kSequential, kParallel };
enum class ValueKind : int { kUnknown, kTensor, kSequence, kMap, kOpaque, kSparseTensor, kOptional };
enum class AllocatorKind : int { kDevice, kArena };
enum class MemoryKind : int { kDefault };
enum class StatusCode : int {
  kOk,
  kFail,
  kInvalidArgument,
  kNoSuchFile,
  kNoModel,
  kEngineError,
  kRuntimeException,
  kInvalidProtobuf,
  kModelLoaded,
  kNotImplemented,
  kInvalidGraph,
  kEpFail
};

template <typename Result, typename... Arguments>
using Function = Result (*)(Arguments...);
// Most functions return nullptr for success and otherwise a status that the caller releases.
template <typename... Arguments>
using Call = Function<Status*, Arguments...>;

class Api {
 public:
  explicit Api(const void* const* slots);

  Function<StatusCode, const Status*> get_error_code;
  Function<const char*, const Status*> get_error_message;
  Call<LoggingLevel, const char*, Env**> create_env;
  Call<const Env*, const char*, const SessionOptions*, Session**> create_session;
  Call<const Env*, const void*, size_t, const SessionOptions*, Session**> create_session_from_array;
  Call<Session*, const RunOptions*, const char* const*, const Value* const*, size_t, const char* const*,
       size_t, Value**>
      run;
  Call<SessionOptions**> create_session_options;
  Call<SessionOptions*, ExecutionMode> set_session_execution_mode;
  Call<SessionOptions*, OptimizationLevel> set_session_graph_optimization_level;
  Call<SessionOptions*, int> set_intra_op_num_threads;
  Call<SessionOptions*, int> set_inter_op_num_threads;
  Call<SessionOptions*, const char*, const char*> add_session_config_entry;
  Call<RunOptions**> create_run_options;
  Call<RunOptions*> run_options_set_terminate;
  Call<Allocator*, const int64_t*, size_t, int, Value**> create_tensor;
  Call<const MemoryInfo*, void*, size_t, const int64_t*, size_t, int, Value**> create_tensor_with_data;
  Call<Value*, void**> get_tensor_mutable_data;
  Call<Value*, const char* const*, size_t> fill_string_tensor;
  Call<const Value*, size_t*> get_string_tensor_data_length;
  Call<const Value*, void*, size_t, size_t*, size_t> get_string_tensor_content;
  Call<const TensorInfo*, int*> get_tensor_element_type;
  Call<const TensorInfo*, size_t*> get_dimensions_count;
  Call<const TensorInfo*, int64_t*, size_t> get_dimensions;
  Call<const Value*, TensorInfo**> get_tensor_type_and_shape;
  Call<const Value*, ValueKind*> get_value_type;
  Call<AllocatorKind, MemoryKind, MemoryInfo**> create_cpu_memory_info;
  Call<Allocator**> get_allocator_with_default_options;
  Call<const Value*, int, Allocator*, Value**> get_value;
  Call<const Value*, size_t*> get_value_count;
  Call<const Value* const*, size_t, ValueKind, Value**> create_value;
  Function<void, Env*> release_env;
  Function<void, Status*> release_status;
  Function<void, MemoryInfo*> release_memory_info;
  Function<void, Session*> release_session;
  Function<void, Value*> release_value;
  Function<void, RunOptions*> release_run_options;
  Function<void, TensorInfo*> release_tensor_info;
  Function<void, SessionOptions*> release_session_options;
};

}  // namespace slipway::backends::ort
