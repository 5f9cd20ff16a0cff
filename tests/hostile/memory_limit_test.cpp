// For every operator that can make much more than it gets: a small model whose result or working memory is
// several gigabytes, under a limit. It must end soon in an error that names the node, and the process must
// never hold more than the limit allows.
#include <gmock/gmock.h>

#include "hostile/large_results.hpp"
#include "hostile/sandbox.hpp"

namespace slipway::hostile {
namespace {

// Under sanitizers each step takes many times as long, and what the process holds says nothing.
constexpr size_t kLimit = size_t{SLIPWAY_SANITIZED ? 64 : 256} << 20;
// Beside what is counted: what the C library rounds up, the model, the code that is touched.
constexpr size_t kMostOver = kLimit / 50 + (size_t{16} << 20);

size_t resident_bytes() {
  size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

std::unique_ptr<backends::Executable> compiled(const LargeResult& made, int threads, bool optimize,
                                               const std::shared_ptr<MemoryAccount>& memory) {
  backends::CompileOptions options;
  options.threads = threads;
  options.optimize = optimize;
  options.memory = memory;
  return backends::find_backend("native").compile({"", std::make_shared<Model>(clone(*made.maker.model))},
                                                  options);
}

std::string error_of(const LargeResult& made, int threads, bool optimize,
                     const std::shared_ptr<MemoryAccount>& memory) {
  try {
    compiled(made, threads, optimize, memory)->run(made.inputs);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw Finding(std::string("another error: ") + error.what());
    return error.what();
  }
  return "";
}

// What a case says of itself: the small model, its inputs and the operator that the error must name.
void run_case(const LargeCase& one, bool hidden) {
  LargeResult made(hidden);
  one.make(made);
  made.bytes_at_rest = resident_bytes();
  validate(*made.maker.model);
  for (const bool optimize : {true, false}) {
    const auto memory = std::make_shared<MemoryAccount>(kLimit);
    const size_t before = workbench::peak_resident_bytes();
    const std::string error = error_of(made, optimize ? 2 : 1, optimize, memory);
    if (error.empty() && !one.may_pass)
      throw Finding("it ran, with " + std::to_string(memory->peak()) + " bytes");
    if (!error.empty() && error.find(one.op_type) == std::string::npos)
      throw Finding("the operator is not named: " + error);
    if (!error.empty() && error.find("memory limit") == std::string::npos)
      throw Finding("the limit is not named: " + error);
    if (memory->used() != 0) throw Finding(std::to_string(memory->used()) + " bytes were not given back");
    const size_t peak = workbench::peak_resident_bytes();
    if (!SLIPWAY_SANITIZED && peak > std::max(before, made.bytes_at_rest + kLimit + kMostOver))
      throw Finding("the process held " + std::to_string((peak - made.bytes_at_rest) >> 20) + " MB");
  }
}

class UnderAMemoryLimit : public ::testing::TestWithParam<std::tuple<LargeCase, bool>> {};

TEST_P(UnderAMemoryLimit, EndsInAnErrorThatNamesTheNode) {
  const LargeCase& one = std::get<0>(GetParam());
  const bool hidden = std::get<1>(GetParam());
  if (hidden && !one.can_be_hidden) GTEST_SKIP() << "its sizes are attributes";
  const Report report = run_cases(1, [&](size_t) {
    run_case(one, hidden);
    return false;
  });
  EXPECT_THAT(report.findings, ::testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Operators, UnderAMemoryLimit,
                         ::testing::Combine(::testing::ValuesIn(large_cases()), ::testing::Bool()),
                         [](const auto& instance) {
                           return std::string(std::get<0>(instance.param).name) +
                                  (std::get<1>(instance.param) ? "WhenItRuns" : "");
                         });

}  // namespace
}  // namespace slipway::hostile
