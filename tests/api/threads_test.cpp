// Cancelled runs, and several threads on one model.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "golden.hpp"
#include "handles.hpp"

namespace {

using ::testing::HasSubstr;

Owned<slipway_cancellation> make_cancellation() {
  slipway_cancellation* made = nullptr;
  EXPECT_EQ(slipway_cancellation_create(&made), SLIPWAY_OK);
  return Owned<slipway_cancellation>(made);
}

slipway_status run_srcnn(const slipway_model* model, int64_t size, const slipway_cancellation* cancellation,
                         std::vector<float>* result = nullptr) {
  std::vector<float> picture(static_cast<size_t>(3 * size * size));
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<float>(i % 256) / 255.0f;
  const auto tensor = borrow(SLIPWAY_FLOAT, {1, 3, size, size}, picture);
  const slipway_binding in = {"input", tensor.get()};
  slipway_binding out = {"output", nullptr};
  const slipway_status status = slipway_run(model, &in, 1, &out, 1, cancellation);
  EXPECT_EQ(out.tensor == nullptr, status != SLIPWAY_OK);
  const Owned<slipway_tensor> output(out.tensor);
  if (output && result) *result = elements_of<float>(output.get());
  return status;
}

TEST(ApiThreads, ACancelledRunDoesNotBegin) {
  const auto model = load(kSrcnn);
  const auto cancellation = make_cancellation();
  ASSERT_EQ(slipway_cancel(cancellation.get()), SLIPWAY_OK);
  EXPECT_EQ(run_srcnn(model.get(), 4, cancellation.get()), SLIPWAY_CANCELLED);
  EXPECT_THAT(slipway_last_error(), HasSubstr("cancelled"));
  ASSERT_EQ(slipway_cancellation_reset(cancellation.get()), SLIPWAY_OK);
  EXPECT_EQ(run_srcnn(model.get(), 4, cancellation.get()), SLIPWAY_OK) << slipway_last_error();
}

// The picture takes seconds; the request comes when the run has begun, and the model stays usable.
TEST(ApiThreads, ARunIsCancelledFromAnotherThread) {
  const auto model = load(kSrcnn);
  const auto cancellation = make_cancellation();
  std::atomic<bool> is_about_to_run{false};
  slipway_status status = SLIPWAY_OK;
  std::thread runner([&] {
    is_about_to_run = true;
    status = run_srcnn(model.get(), 1500, cancellation.get());
  });
  while (!is_about_to_run) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(slipway_cancel(cancellation.get()), SLIPWAY_OK);
  runner.join();
  EXPECT_EQ(status, SLIPWAY_CANCELLED);
  EXPECT_EQ(run_srcnn(model.get(), 4, nullptr), SLIPWAY_OK) << slipway_last_error();
}

TEST(ApiThreads, ThreadsShareAModel) {
  const auto model = load(kSrcnn);
  const std::vector<int64_t> sizes = {8, 21};
  std::vector<std::vector<float>> alone(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i)
    ASSERT_EQ(run_srcnn(model.get(), sizes[i], nullptr, &alone[i]), SLIPWAY_OK);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (size_t i = 0; i < sizes.size(); ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        std::vector<float> result;
        if (run_srcnn(model.get(), sizes[i], nullptr, &result) != SLIPWAY_OK || result != alone[i]) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
