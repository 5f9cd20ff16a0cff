#include "base/bus_guard.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <mutex>

#include "base/error.hpp"

namespace slipway {

// One guarded region. The handler reads slots without a lock, while others may be changing: `version` is odd
// during a change, and a slot whose version moved while it was read is not the one that faulted, since the
// faulting thread is inside its own region, which therefore stays.
struct BusGuard::Slot {
  std::atomic<uint32_t> version{0};
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};  // 0: free
  std::atomic<bool> damaged{false};

  void assign(uintptr_t new_begin, uintptr_t new_end) {
    version.fetch_add(1);
    begin.store(new_begin);
    end.store(new_end);
    damaged.store(false);
    version.fetch_add(1);
  }

  bool contains(uintptr_t address, uintptr_t& region_end) const {
    const uint32_t before = version.load();
    const uintptr_t first = begin.load();
    region_end = end.load();
    if (before % 2 != 0 || version.load() != before) return false;
    return first <= address && address < region_end;
  }
};

namespace {

// Blocks are added when the slots run out and never freed: the handler may be walking them at any time.
struct Block {
  std::array<BusGuard::Slot, 64> slots;
  std::atomic<Block*> next{nullptr};
};

static_assert(std::atomic<uintptr_t>::is_always_lock_free && std::atomic<Block*>::is_always_lock_free &&
                  std::atomic<bool>::is_always_lock_free,
              "the signal handler must not take locks");

Block first_block;
std::mutex registration;    // of everything below, and of taking and freeing slots
size_t guards = 0;          // live ones
struct sigaction previous;  // the handler that was there before ours
uintptr_t page_bytes = 4096;

// Only what may be done inside a signal handler: atomics and system calls.
bool replace_by_zeros(uintptr_t address) {
  for (Block* block = &first_block; block; block = block->next.load()) {
    for (BusGuard::Slot& slot : block->slots) {
      uintptr_t end = 0;
      if (!slot.contains(address, end)) continue;
      slot.damaged.store(true);
      const uintptr_t page = address / page_bytes * page_bytes;
      // The whole rest at once: what follows is mostly gone too, and a mapping per page would exhaust the
      // number of mappings that a process may have.
      void* const at = reinterpret_cast<void*>(page);  // NOLINT(performance-no-int-to-ptr): from the kernel
      return ::mmap(at, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;
    }
  }
  return false;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
    return;
  }
  if (previous.sa_handler == SIG_IGN && info->si_code <= 0) return;  // sent by a process, and ignored
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
    return;
  }
  // The default action: once this handler returns, the raised signal ends the process.
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  // A code above 0 comes from the kernel, and only then is there an address.
  const bool handled = info->si_code > 0 && replace_by_zeros(reinterpret_cast<uintptr_t>(info->si_addr));
  if (!handled) pass_on(signal, info, context);
  errno = saved;
}

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == on_bus_error;
}

void install() {
  page_bytes = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction current{};
  ::sigaction(SIGBUS, nullptr, &current);
  // Ours is still there, below a handler that was put on top of it and has gone again.
  if (is_ours(current)) return;
  previous = current;
  struct sigaction action{};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (::sigaction(SIGBUS, &action, nullptr) != 0)
    fail(ErrorCode::kInternal, "cannot install a handler for SIGBUS: {}", std::strerror(errno));
}

void uninstall() {
  struct sigaction current{};
  if (::sigaction(SIGBUS, nullptr, &current) == 0 && is_ours(current))
    ::sigaction(SIGBUS, &previous, nullptr);
}

BusGuard::Slot* free_slot() {
  Block* block = &first_block;
  for (;;) {
    for (BusGuard::Slot& slot : block->slots)
      if (slot.end.load() == 0) return &slot;
    Block* next = block->next.load();
    if (!next) {
      next = new Block;
      block->next.store(next);
    }
    block = next;
  }
}

}  // namespace

BusGuard::BusGuard(const void* begin, size_t size) {
  const auto address = reinterpret_cast<uintptr_t>(begin);
  std::lock_guard lock(registration);
  slot_ = free_slot();
  if (guards == 0) install();
  ++guards;
  const uintptr_t pages = (size + page_bytes - 1) / page_bytes;
  slot_->assign(address, address + pages * page_bytes);
}

BusGuard::~BusGuard() {
  std::lock_guard lock(registration);
  slot_->assign(0, 0);
  if (--guards == 0) uninstall();
}

bool BusGuard::damaged() const {
  return slot_->damaged.load();
}

}  // namespace slipway
