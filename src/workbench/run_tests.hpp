// Runs test cases of the ONNX standard's form on a backend.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "backends/backend.hpp"
#include "workbench/test_case.hpp"

namespace slipway::workbench {

enum class Verdict {
  kPassed,
  kDiffers,  // it ran, and something else came out
  kFailed,   // it could not be loaded or run
};

struct TestResult {
  Verdict verdict = Verdict::kPassed;
  std::string reason;  // "" when it passed; otherwise data set, output and difference, or the error
  // The model draws random numbers, and so it was judged by what any right generator gives (drawn_model.hpp);
  // otherwise by the values that the test states.
  bool by_distribution = false;
  // Of all outputs, for comparing runs with each other (value_digest.hpp); 0 when there are none.
  uint64_t digest = 0;
};

// The inputs of a data set for a model with these ports; empty values for those that it leaves out.
std::vector<RuntimeValue> read_test_inputs(const TestCase& test, const TestDataSet& data,
                                           const std::vector<backends::Port>& ports);

// All data sets of a case, by `options.threads` threads, with a memory account of its own of the same limit.
// Never throws Error: an error is a result.
TestResult run_test(const TestCase& test, const backends::Backend& backend,
                    const backends::CompileOptions& options, const Cancellation& cancellation = {});

// Each case in turn, `options.threads` of them at a time, each by `threads_each` threads of its own; results
// in the order of the cases. `cancellation` is asked for one as each begins, by any thread.
std::vector<TestResult> run_tests(
    const std::vector<TestCase>& tests, const backends::Backend& backend,
    const backends::CompileOptions& options, int threads_each = 1,
    const std::function<Cancellation()>& cancellation = [] { return Cancellation(); });

}  // namespace slipway::workbench
