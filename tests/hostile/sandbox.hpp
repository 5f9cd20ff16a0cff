// Runs hostile cases where they can do no harm: in a child process with limits on memory and time. A case
// that crashes, hangs, takes too much or throws what is no Error is a finding; the others go on in a new
// child.
//
// Longer runs: SLIPWAY_HOSTILE_MUTATIONS=1000000 sets how many mutations each test makes,
// SLIPWAY_HOSTILE_SEED from what seed. SLIPWAY_HOSTILE_CASE=17 runs that case alone and in this process, for
// a debugger.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "hostile/finding.hpp"
#include "hostile/sanitized.hpp"
#include "workbench/peak_memory.hpp"

namespace slipway::hostile {

inline constexpr size_t kMostBytes = size_t{1} << 30;
inline constexpr time_t kMostSeconds = 10;  // of processor time, so that a busy machine makes no findings

inline size_t number_from(const char* variable, size_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}
inline size_t mutation_count(size_t otherwise) {
  return number_from("SLIPWAY_HOSTILE_MUTATIONS", otherwise);
}
inline uint64_t seed() {
  return number_from("SLIPWAY_HOSTILE_SEED", 20261125);
}

// Does one case; true when it ended with a result, an Error when the input was refused.
using Case = std::function<bool(size_t)>;

struct Report {
  size_t results = 0, errors = 0;
  std::vector<std::string> findings;
};

// What the child tells its parent.
struct Shared {
  size_t current, results, errors;
  char finding[1000];
};

// The address space is what a child without sanitizers has; AddressSanitizer reserves terabytes of it and has
// limits of its own (sandbox_test.cpp).
inline void limit_child() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (SLIPWAY_SANITIZED) return;
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE)) + kMostBytes;
  const rlimit space{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &space);
}

inline void run_case(const Case& body, size_t index, Shared& shared) {
  try {
    ++(body(index) ? shared.results : shared.errors);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal)
      throw Finding(std::string("an internal error: ") + error.what());
    ++shared.errors;
  }
}

[[noreturn]] inline void run_child(size_t count, const Case& body, time_t seconds, Shared& shared) {
  limit_child();
  const size_t before = workbench::peak_resident_bytes();
  for (; shared.current < count; ++shared.current) {
    const itimerval processor{{0, 0}, {seconds, 0}}, clock{{0, 0}, {20 * seconds, 0}};
    ::setitimer(ITIMER_PROF, &processor, nullptr);
    ::setitimer(ITIMER_REAL, &clock, nullptr);
    try {
      run_case(body, shared.current, shared);
      if (workbench::peak_resident_bytes() > before + kMostBytes) throw Finding("more than 1 GB of memory");
    } catch (const std::exception& error) {
      std::strncpy(shared.finding, error.what(), sizeof(shared.finding) - 1);
      ::_exit(3);
    }
  }
  ::_exit(0);
}

inline std::string describe_end(int status, const Shared& shared) {
  if (shared.finding[0] != '\0') return shared.finding;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const bool late = signal == SIGPROF || signal == SIGALRM;
    return late ? "it hangs" : "signal " + std::to_string(signal);
  }
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

// Runs body(0) … body(count - 1). Gives up after a few findings.
inline Report run_cases(size_t count, const Case& body, time_t seconds = kMostSeconds) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& shared = *static_cast<Shared*>(memory);
  Report report;
  if (std::getenv("SLIPWAY_HOSTILE_CASE")) {
    run_case(body, number_from("SLIPWAY_HOSTILE_CASE", 0), shared);
    shared.current = count;
  }
  while (shared.current < count && report.findings.size() < 8) {
    const pid_t child = ::fork();
    if (child == 0) run_child(count, body, seconds, shared);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status == 0) continue;
    report.findings.push_back("case " + std::to_string(shared.current) + ": " + describe_end(status, shared));
    shared.finding[0] = '\0';
    ++shared.current;
  }
  report.results = shared.results;
  report.errors = shared.errors;
  ::munmap(memory, sizeof(Shared));
  return report;
}

// The same as an expectation. Some cases must give results and some errors: a test in which all end alike
// looks at one line of a reader.
inline void expect_harmless(size_t count, const Case& body) {
  const Report report = run_cases(count, body);
  for (const std::string& finding : report.findings)
    ADD_FAILURE() << finding << " (seed " << seed() << "; SLIPWAY_HOSTILE_CASE runs it alone)";
  std::printf("%zu cases from seed %zu: %zu results, %zu errors\n", report.results + report.errors,
              static_cast<size_t>(seed()), report.results, report.errors);
}

}  // namespace slipway::hostile
