#include "workbench/run_tests.hpp"

#include "backends/model_source.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"
#include "onnx/tensor_file.hpp"
#include "workbench/compare_values.hpp"
#include "workbench/drawn_model.hpp"
#include "workbench/value_digest.hpp"

namespace slipway::workbench {
namespace {

// 0, 1/n, 2/n …
Tensor counting_up(const backends::Port& port) {
  if (port.type.element_type() != DataType::kFloat || !port.type.shape() || !all_known(*port.type.shape()))
    fail(ErrorCode::kUnsupported, "input '{}' has no file and is no f32 tensor of known sizes", port.name);
  Tensor tensor(DataType::kFloat, known_dims(*port.type.shape()));
  const auto elements = tensor.data<float>();
  for (size_t i = 0; i < elements.size(); ++i)
    elements[i] = static_cast<float>(static_cast<double>(i) / static_cast<double>(elements.size()));
  return tensor;
}

}  // namespace

std::vector<RuntimeValue> read_test_inputs(const TestCase& test, const TestDataSet& data,
                                           const std::vector<backends::Port>& ports) {
  std::vector<RuntimeValue> inputs(ports.size());
  if (data.inputs.size() > ports.size())
    fail(ErrorCode::kInvalidArgument, "there are {} input files for a model of {} inputs", data.inputs.size(),
         ports.size());
  for (size_t i = 0; i < ports.size(); ++i) {
    if (test.counts_up && !ports[i].optional) inputs[i] = counting_up(ports[i]);
    if (i < data.inputs.size()) inputs[i] = read_value_file(data.inputs[i], ports[i].type);
  }
  return inputs;
}

namespace {

std::vector<RuntimeValue> read_expected(const TestDataSet& data, const std::vector<backends::Port>& ports) {
  std::vector<RuntimeValue> expected;
  for (size_t i = 0; i < data.outputs.size(); ++i)
    expected.push_back(read_value_file(data.outputs[i], i < ports.size() ? ports[i].type : Type()));
  return expected;
}

std::string compare_outputs(const TestCase& test, const TestDataSet& data, backends::Executable& executable,
                            const Cancellation& cancellation, uint64_t& digest) {
  const auto outputs = executable.run(read_test_inputs(test, data, executable.inputs()), cancellation);
  digest = digest * 31 + digest_of(outputs);
  if (outputs.size() != data.outputs.size())
    return fmt::format("{} outputs, expected were {}", outputs.size(), data.outputs.size());
  const auto expected = read_expected(data, executable.outputs());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string found = difference(outputs[i], expected[i], {test.relative, test.absolute});
    if (!found.empty()) return fmt::format("output '{}': {}", executable.outputs()[i].name, found);
  }
  return "";
}

std::string judge_draws(const TestCase& test, const TestDataSet& data, const DrawnModel& drawn) {
  return drawn.judge(read_test_inputs(test, data, drawn.inputs()), read_expected(data, drawn.outputs()),
                     {test.relative, test.absolute});
}

}  // namespace

TestResult run_test(const TestCase& test, const backends::Backend& backend,
                    const backends::CompileOptions& shared, const Cancellation& cancellation) {
  TestResult result;
  backends::CompileOptions options = shared;
  if (shared.memory) options.memory = std::make_shared<MemoryAccount>(shared.memory->limit());
  const MemoryScope scope(options.memory);
  try {
    if (test.data_sets.empty()) return {Verdict::kFailed, "there is no test_data_set_* beside the model"};
    const backends::ModelSource source = backends::open_model(test.model);
    const auto drawn = DrawnModel::open(*source.model, backend, options);
    result.by_distribution = drawn != nullptr;
    const auto executable = drawn ? nullptr : backend.compile(source, options);
    for (const TestDataSet& data : test.data_sets) {
      const std::string found = drawn ? judge_draws(test, data, *drawn)
                                      : compare_outputs(test, data, *executable, cancellation, result.digest);
      if (found.empty()) continue;
      result.verdict = Verdict::kDiffers;
      result.reason = data.name + ": " + found;
      return result;
    }
  } catch (const std::exception& error) {
    result.verdict = Verdict::kFailed;
    result.reason = error.what();
  }
  return result;
}

std::vector<TestResult> run_tests(const std::vector<TestCase>& tests, const backends::Backend& backend,
                                  const backends::CompileOptions& options, int threads_each,
                                  const std::function<Cancellation()>& cancellation) {
  std::vector<TestResult> results(tests.size());
  backends::CompileOptions of_each = options;
  of_each.threads = threads_each;
  ThreadPool pool(options.threads);
  pool.parallel_for(tests.size(), [&](size_t i, int) {
    results[i] = run_test(tests[i], backend, of_each, cancellation());
  });
  return results;
}

}  // namespace slipway::workbench
