// What the stand-in driver's handles point to. A stream is a thread.
#ifndef AWG_TEST_UNIT_GPU_FAKEOBJECTS_H
#define AWG_TEST_UNIT_GPU_FAKEOBJECTS_H

#include "FakeDriver.h"

#include "device/cuda/DriverAPI.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace awg::cuda {
struct ContextImpl {
  int number = 0;
  std::atomic<Result> error{Result::Success};
};
struct FunctionImpl {
  awg::test::FakeEntry entry;
};
struct ModuleImpl {
  std::map<std::string, FunctionImpl> functions;
};
struct EventImpl {
  std::mutex mutex;
  std::condition_variable changed;
  int64_t recorded = 0, done = 0;
};
struct StreamImpl {
  explicit StreamImpl(Context context) : context(context), thread([this] { work(); }) {}
  ~StreamImpl() {
    add(nullptr);
    thread.join();
  }
  void add(std::function<void()> operation) {
    std::lock_guard guard(mutex);
    queue.push_back(std::move(operation));
    ++added;
    changed.notify_all();
  }
  void synchronize() {
    std::unique_lock lock(mutex);
    int64_t until = added;
    changed.wait(lock, [&] { return done >= until; });
  }
  bool isIdle() {
    std::lock_guard guard(mutex);
    return done == added;
  }
  Context context;
  std::vector<std::function<void()>> *capture = nullptr; ///< where operations go instead of being carried out

private:
  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return !queue.empty(); });
      std::function<void()> operation = std::move(queue.front());
      queue.pop_front();
      if (!operation)
        return;
      lock.unlock();
      operation();
      lock.lock();
      ++done;
      changed.notify_all();
    }
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;
  int64_t added = 0, done = 0;
  std::thread thread;
};
struct GraphImpl {
  std::vector<std::function<void()>> operations;
};
struct GraphExecImpl {
  std::vector<std::function<void()>> operations;
};
} // namespace awg::cuda

namespace awg::test {

/// The runtime's own kernel, which packs views and puts them back: packed, gapped, count, bytes, puts back, extents, strides.
inline void gather(const uint64_t *a, int64_t, int64_t) {
  for (uint64_t i = 0; i < a[2]; ++i) {
    uint64_t rest = i, offset = 0;
    for (int d = 0; d < 8; rest /= a[5 + d], ++d)
      offset += rest % a[5 + d] * a[13 + d];
    auto *packed = reinterpret_cast<void *>(a[0] + i * a[3]), *gapped = reinterpret_cast<void *>(a[1] + offset * a[3]);
    memcpy(a[4] ? gapped : packed, a[4] ? packed : gapped, a[3]);
  }
}

/// What a launch is given, 8 bytes each.
inline std::vector<uint64_t> argumentsOf(const FakeEntry &entry, void **parameters) {
  std::vector<uint64_t> arguments;
  for (int32_t k = 0; k < entry.parameters; ++k)
    arguments.push_back(*static_cast<uint64_t *>(parameters[k]));
  if (entry.kernel != gather)
    return arguments;
  for (int32_t k = 0; k < 3; ++k)
    arguments.push_back(*static_cast<uint64_t *>(parameters[k]));
  for (int32_t k = 3; k < 5; ++k)
    arguments.push_back(*static_cast<uint32_t *>(parameters[k]));
  auto *shape = static_cast<uint64_t *>(parameters[5]);
  arguments.insert(arguments.end(), shape, shape + 16);
  return arguments;
}

} // namespace awg::test

#endif // AWG_TEST_UNIT_GPU_FAKEOBJECTS_H
