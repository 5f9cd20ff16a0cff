// That the sandbox sees what it is there for.
#include "hostile/sandbox.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <new>

#include "tensor/tensor.hpp"

namespace slipway::hostile {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Sandbox, CountsResultsAndErrors) {
  const Report report = run_cases(10, [](size_t index) {
    if (index % 2 == 1) fail(ErrorCode::kInvalidModel, "odd");
    return index % 4 == 0;
  });
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.results, 3U);
  EXPECT_EQ(report.errors, 7U);
}

TEST(Sandbox, GoesOnBehindEveryFinding) {
  const Report report = run_cases(6, [](size_t index) {
    if (index == 1) ::raise(SIGKILL);
    if (index == 2) throw std::bad_alloc();
    if (index == 3) fail(ErrorCode::kInternal, "ours");
    if (index == 4) ::_exit(7);
    return true;
  });
  EXPECT_THAT(report.findings, ElementsAre("case 1: signal 9", HasSubstr("bad_alloc"), HasSubstr("ours"),
                                           "case 4: exit status 7"));
  EXPECT_EQ(report.results, 2U);
}

TEST(Sandbox, LimitsMemory) {
  const Report report = run_cases(2, [](size_t) {
    // Not by malloc: compilers leave out what they see is not needed.
    const auto buffer = Buffer::allocate(kMostBytes + kMostBytes / 2);
    std::memset(buffer->data(), 1, buffer->size());
    return static_cast<const char*>(buffer->data())[kMostBytes] == 1;
  });
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.errors, 2U);
}

TEST(Sandbox, FindsWhatHangs) {
  const Report report = run_cases(
      1,
      [](size_t) {
        volatile bool turning = true;
        while (turning) continue;
        return true;
      },
      1);
  EXPECT_THAT(report.findings, ElementsAre("case 0: it hangs"));
}

}  // namespace
}  // namespace slipway::hostile
