#include "backends/onnxruntime/ort_api.hpp"

namespace slipway::backends::ort {
namespace {

template <typename F>
void take(const void* const* slots, size_t position, F& function) {
  function = reinterpret_cast<F>(const_cast<void*>(slots[position]));
}

}  // namespace

Api::Api(const void* const* slots) {
  take(slots, 1, get_error_code);
  take(slots, 2, get_error_message);
  take(slots, 3, create_env);
  take(slots, 7, create_session);
  take(slots, 8, create_session_from_array);
  take(slots, 9, run);
  take(slots, 10, create_session_options);
  take(slots, 13, set_session_execution_mode);
  take(slots, 23, set_session_graph_optimization_level);
  take(slots, 24, set_intra_op_num_threads);
  take(slots, 25, set_inter_op_num_threads);
  take(slots, 39, create_run_options);
  take(slots, 46, run_options_set_terminate);
  take(slots, 48, create_tensor);
  take(slots, 49, create_tensor_with_data);
  take(slots, 51, get_tensor_mutable_data);
  take(slots, 52, fill_string_tensor);
  take(slots, 53, get_string_tensor_data_length);
  take(slots, 54, get_string_tensor_content);
  take(slots, 60, get_tensor_element_type);
  take(slots, 61, get_dimensions_count);
  take(slots, 62, get_dimensions);
  take(slots, 65, get_tensor_type_and_shape);
  take(slots, 67, get_value_type);
  take(slots, 69, create_cpu_memory_info);
  take(slots, 78, get_allocator_with_default_options);
  take(slots, 80, get_value);
  take(slots, 81, get_value_count);
  take(slots, 82, create_value);
  take(slots, 92, release_env);
  take(slots, 93, release_status);
  take(slots, 94, release_memory_info);
  take(slots, 95, release_session);
  take(slots, 96, release_value);
  take(slots, 97, release_run_options);
  take(slots, 99, release_tensor_info);
  take(slots, 100, release_session_options);
  take(slots, 130, add_session_config_entry);
}

}  // namespace slipway::backends::ort
