#include "base/memory_account.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <thread>
#include <vector>

#include "base/counted_allocator.hpp"
#include "base/error.hpp"
#include "base/thread_pool.hpp"

namespace slipway {
namespace {

using testing::HasSubstr;

std::shared_ptr<MemoryAccount> account_of(size_t limit) {
  return std::make_shared<MemoryAccount>(limit);
}

TEST(MemoryAccount, AllowsTheLastByteAndNoMore) {
  const auto account = account_of(100);
  const MemoryScope scope(account);
  const MemoryCharge most(99);
  {
    const MemoryCharge last(1);
    EXPECT_EQ(account->used(), 100U);
  }
  EXPECT_EQ(account->used(), 99U);
  try {
    const MemoryCharge more(2);
    ADD_FAILURE() << "the limit was not kept";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_THAT(error.what(), HasSubstr("2 bytes are needed"));
    EXPECT_THAT(error.what(), HasSubstr("limit of 100 bytes only 1 bytes are left"));
  }
  EXPECT_THROW(MemoryCharge too_much(std::numeric_limits<size_t>::max()), Error);
  EXPECT_EQ(account->used(), 99U);
  EXPECT_EQ(account->peak(), 100U);
}

TEST(MemoryAccount, IsCreditedByWhicheverThreadFrees) {
  const auto account = account_of(1000), other = account_of(1000);
  MemoryCharge charge;
  {
    const MemoryScope scope(account);
    charge = MemoryCharge(10);
  }
  std::thread([&, moved = std::move(charge)]() mutable {
    const MemoryScope scope(other);
    const MemoryCharge gone = std::move(moved);
    EXPECT_EQ(account->used(), 10U);
  }).join();
  EXPECT_EQ(account->used(), 0U);
  EXPECT_EQ(other->peak(), 0U);
}

TEST(MemoryAccount, ScopesNest) {
  const auto outer = account_of(1000), inner = account_of(1000);
  EXPECT_EQ(MemoryAccount::current(), nullptr);
  const MemoryScope first(outer);
  const MemoryCharge one(1);
  {
    const MemoryScope second(inner);
    const MemoryCharge two(2);
    EXPECT_EQ(inner->used(), 2U);
    const std::shared_ptr<MemoryAccount> nobody;
    const MemoryScope third(nobody);
    const MemoryCharge uncounted(5000);
  }
  EXPECT_EQ(outer->used(), 1U);
  EXPECT_EQ(inner->used(), 0U);
}

TEST(MemoryAccount, WorkersOfAPoolWorkForTheCaller) {
  ThreadPool pool(4);
  const auto account = account_of(1 << 20), other = account_of(1 << 20);
  std::vector<MemoryCharge> charges(1000);
  const auto charge_all = [&](size_t piece, int) { charges[piece] = MemoryCharge(3); };
  {
    const MemoryScope scope(account);
    pool.parallel_for(charges.size(), charge_all);
  }
  EXPECT_EQ(account->used(), 3000U);
  {
    const MemoryScope scope(other);
    pool.parallel_for(charges.size(), charge_all);
  }
  EXPECT_EQ(account->used(), 0U);
  EXPECT_EQ(other->used(), 3000U);
  pool.parallel_for(charges.size(), charge_all);
  EXPECT_EQ(other->used(), 0U);
}

// Many threads at the limit: never above it, and nothing is lost.
TEST(MemoryAccount, HoldsAmongThreads) {
  const auto account = account_of(50);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      const MemoryScope scope(account);
      for (int i = 0; i < 5000; ++i) try {
          const MemoryCharge charge(10);
          EXPECT_LE(account->used(), 50U);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
        }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(account->used(), 0U);
  EXPECT_LE(account->peak(), 50U);
}

TEST(CountedAllocator, CountsWhatContainersHold) {
  const auto account = account_of(1 << 20);
  CountedVector<double> numbers;
  Text text;
  {
    const MemoryScope scope(account);
    numbers.resize(1000);
    EXPECT_GE(account->used(), 8000U);
    EXPECT_LE(account->used(), 8064U);
    text = "short";
    EXPECT_LE(account->used(), 8064U);
    text = std::string(1000, 'x');
    EXPECT_GE(account->used(), 9000U);
    EXPECT_THROW(numbers.resize(1 << 20), Error);
  }
  EXPECT_EQ(numbers.size(), 1000U);
  EXPECT_EQ(text, std::string(1000, 'x'));
  const auto copy = numbers;  // by a thread that works for nobody
  CountedVector<double>().swap(numbers);
  Text().swap(text);
  EXPECT_EQ(account->used(), 0U);
  EXPECT_EQ(copy.size(), 1000U);
}

}  // namespace
}  // namespace slipway
