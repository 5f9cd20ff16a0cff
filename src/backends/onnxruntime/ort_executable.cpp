#include "backends/onnxruntime/ort_executable.hpp"

#include "backends/onnxruntime/ort_values.hpp"
#include "base/error.hpp"
#include "base/temporary_folder.hpp"
#include "base/thread_pool.hpp"
#include "graph/size_conditions.hpp"
#include "onnx/write_model.hpp"

namespace slipway::backends::ort {
namespace {

Handle<SessionOptions> make_options(const Library& library, const CompileOptions& options,
                                    OptimizationLevel level) {
  const Api& api = library.api();
  auto result = library.make<SessionOptions>(
      api.release_session_options, [&](SessionOptions** out) { return api.create_session_options(out); });
  const int threads = options.threads > 0 ? options.threads : available_processors();
  library.check(api.set_intra_op_num_threads(result.get(), threads));
  library.check(api.set_inter_op_num_threads(result.get(), 1));
  library.check(api.set_session_execution_mode(result.get(), ExecutionMode::kSequential));
  library.check(api.set_session_graph_optimization_level(result.get(), level));
  // On x86 processors without VNNI its products of u8 with s8 saturate in 16 bits unless it is asked for
  // exact ones: whole outputs of a quantised network are wrong then.
  library.check(api.add_session_config_entry(result.get(), "session.x64quantprecision", "1"));
  return result;
}

Handle<Session> make_session(const Library& library, const ModelSource& source, const CompileOptions& options,
                             OptimizationLevel level) {
  const auto session_options = make_options(library, options, level);
  const auto of_file = [&](const std::filesystem::path& path) {
    return library.make<Session>(library.api().release_session, [&](Session** out) {
      return library.api().create_session(library.env(), path.c_str(), session_options.get(), out);
    });
  };
  if (!source.path.empty()) return of_file(source.path);
  if (!fits_one_file(*source.model)) {
    // The session has read or mapped the weights when it is made.
    const TemporaryFolder folder;
    write_model(*source.model, folder / "model.onnx");
    return of_file(folder / "model.onnx");
  }
  const std::string bytes = write_model_bytes(*source.model);
  return library.make<Session>(library.api().release_session, [&](Session** out) {
    return library.api().create_session_from_array(library.env(), bytes.data(), bytes.size(),
                                                   session_options.get(), out);
  });
}

// Where it is asked for exact products of bytes, its higher optimizations make of a QLinearConv of s8 one
// that it has no kernel for (seen in 1.32).
Handle<Session> make_session(const Library& library, const ModelSource& source,
                             const CompileOptions& options) {
  if (!options.optimize) return make_session(library, source, options, OptimizationLevel::kNone);
  try {
    return make_session(library, source, options, OptimizationLevel::kAll);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    return make_session(library, source, options, OptimizationLevel::kBasic);
  }
}

// Does the tensor view memory of one of the inputs? An output that is an input does.
bool views_any(const RuntimeValue& output, const std::vector<RuntimeValue>& inputs) {
  if (!output.is_tensor() || output.tensor().type() == DataType::kString) return false;
  const auto* address = static_cast<const std::byte*>(output.tensor().raw());
  for (const RuntimeValue& input : inputs) {
    if (!input.is_tensor()) continue;
    const auto* begin = static_cast<const std::byte*>(input.tensor().raw());
    if (address >= begin && address < begin + input.tensor().bytes()) return true;
  }
  return false;
}

}  // namespace

OrtExecutable::OrtExecutable(std::shared_ptr<const Library> library, const ModelSource& source,
                             const CompileOptions& options)
    : library_(std::move(library)), session_(make_session(*library_, source, options)), watch_(*library_) {
  inputs_ = input_ports(*source.model->graph);
  outputs_ = output_ports(*source.model->graph);
  size_conditions_ = size_conditions(*source.model);
  for (const Port& port : outputs_) output_names_.push_back(port.name.c_str());
}

OrtExecutable::Given OrtExecutable::give(std::span<const RuntimeValue> inputs) const {
  Given given;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].has_value()) continue;
    const bool contiguous = !inputs[i].is_tensor() || inputs[i].tensor().is_contiguous();
    given.names.push_back(inputs_[i].name.c_str());
    given.values.push_back(contiguous ? inputs[i] : RuntimeValue(inputs[i].tensor().clone()));
    with_context([&] { return "input '" + inputs_[i].name + "'"; },
                 [&] { given.handles.push_back(to_ort(*library_, given.values.back())); });
    given.pointers.push_back(given.handles.back().get());
  }
  return given;
}

std::vector<RuntimeValue> OrtExecutable::take(std::vector<Value*>& outputs, const Given& given) const {
  std::vector<Handle<Value>> owned;
  for (Value* output : outputs) owned.emplace_back(output, library_->api().release_value);
  std::vector<RuntimeValue> results;
  for (size_t i = 0; i < owned.size(); ++i) {
    with_context([&] { return "output '" + outputs_[i].name + "'"; },
                 [&] { results.push_back(from_ort(library_, std::move(owned[i]), session_)); });
    if (views_any(results.back(), given.values)) results.back() = results.back().tensor().clone();
  }
  return results;
}

std::vector<RuntimeValue> OrtExecutable::run(std::span<const RuntimeValue> inputs,
                                             const Cancellation& cancellation) {
  cancellation.check();
  check_inputs(inputs_, size_conditions_, inputs);
  const Api& api = library_->api();
  const Given given = give(inputs);
  const auto options = library_->make<RunOptions>(
      api.release_run_options, [&](RunOptions** out) { return api.create_run_options(out); });
  std::vector<Value*> outputs(outputs_.size(), nullptr);
  Status* status = nullptr;
  {
    const TerminateWatch::Guard guard(watch_, options.get(), cancellation);
    status = api.run(session_.get(), options.get(), given.names.data(), given.pointers.data(),
                     given.names.size(), output_names_.data(), output_names_.size(), outputs.data());
  }
  if (status && cancellation.requested()) {
    api.release_status(status);
    cancellation.check();
  }
  library_->check(status);
  return take(outputs, given);
}

}  // namespace slipway::backends::ort
