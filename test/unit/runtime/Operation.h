// C++20 coroutines as the compiler would make them from an `async fn`, and a runtime to run them in.
#ifndef AWG_TEST_UNIT_RUNTIME_OPERATION_H
#define AWG_TEST_UNIT_RUNTIME_OPERATION_H

#include "awg/awgrt.h"

#include <coroutine>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace awg::test {

inline constexpr awgrt_place here = {"test.awg", "test", 1, 1, nullptr, nullptr};

/// A coroutine's promise: the task's header, its results, and the failure that it ends with.
struct PromiseBase {
  alignas(16) char header[AWGRT_TASK_HEADER];
  uint64_t results[4] = {};
  awgrt_error *error = nullptr;

  awgrt_task *task() { return reinterpret_cast<awgrt_task *>(header); }
  void *operator new(size_t size) { return awgrt_frame_alloc(size); }
  void operator delete(void *frame) { awgrt_frame_free(frame); }
  void return_value(awgrt_error *failure) { error = failure; }
  [[noreturn]] void unhandled_exception() { std::abort(); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <typename Promise> void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
      PromiseBase &promise = handle.promise();
      awgrt_task_complete(promise.task(), std::exchange(promise.error, nullptr));
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
};

/// The coroutine's own task: `awgrt_task *self = co_await Self{};`.
struct Self {
  awgrt_task *task = nullptr;
  bool await_ready() { return false; }
  template <typename Promise> bool await_suspend(std::coroutine_handle<Promise> handle) {
    task = handle.promise().task();
    return false;
  }
  awgrt_task *await_resume() { return task; }
};

/// The value of a coroutine function: its task. Its first parameter is the parent. `Eager` ones run as they are called,
/// up to their first suspension, like `await f(x)`; others are suspended at their start, like `async f(x)`.
template <bool Eager> struct Operation {
  awgrt_task *task;

  struct promise_type : PromiseBase {
    template <typename... Args> explicit promise_type(awgrt_task *parent, const Args &...) {
      awgrt_task_begin(task(), parent, &here);
    }
    Operation get_return_object() { return {task()}; }
    auto initial_suspend() noexcept {
      if constexpr (Eager)
        return std::suspend_never{};
      else
        return std::suspend_always{};
    }
  };
};
using Direct = Operation<true>;
using Spawned = Operation<false>;

inline awgrt_task *spawn(Spawned operation) {
  awgrt_task_spawn(operation.task);
  return operation.task;
}

/// `co_await Await{self, tasks, count}` waits and gives the failure to re-raise.
struct Await {
  awgrt_task *self;
  awgrt_task *const *tasks;
  int64_t count;
  const awgrt_place *place = &here;

  bool await_ready() { return false; }
  template <typename Promise> bool await_suspend(std::coroutine_handle<Promise>) {
    return !awgrt_await(self, tasks, count);
  }
  awgrt_error *await_resume() { return awgrt_join(self, tasks, count, place); }
};

inline uint64_t *resultsOf(awgrt_task *task) {
  return reinterpret_cast<uint64_t *>(reinterpret_cast<char *>(task) + AWGRT_TASK_HEADER);
}

inline std::string take(awgrt_str *text) {
  std::string result(text->bytes, size_t(text->length));
  awgrt_str_release(text);
  return result;
}

inline awgrt_str *str(const std::string &text) {
  uint8_t kind = AWGRT_STR;
  auto *source = static_cast<awgrt_str *>(malloc(sizeof(awgrt_str) + text.size() + 1));
  source->references = -1;
  source->length = int64_t(text.size());
  memcpy(source->bytes, text.c_str(), text.size() + 1);
  uint64_t arg = reinterpret_cast<uintptr_t>(source);
  awgrt_str *result = awgrt_str_format("{}", &kind, 1, &arg);
  free(source);
  return result;
}

/// The message of a failure, which it frees; "" for none.
inline std::string message(awgrt_error *error) {
  if (!error)
    return "";
  std::string text = take(awgrt_error_message(error));
  awgrt_error_release(error);
  return text;
}

inline awgrt_error *failure(const std::string &text) {
  awgrt_str *string = str(text);
  awgrt_error *error = awgrt_error_from_str(&here, string);
  awgrt_str_release(string);
  return error;
}

/// A runtime with so many workers.
class TestRuntime {
public:
  explicit TestRuntime(int workers) : TestRuntime("cpu:" + std::to_string(workers)) {}
  /// Of the devices that AWG_DEVICES would name so.
  explicit TestRuntime(const std::string &devices) {
    if (awgrt_runtime_create(devices.c_str(), &runtime))
      std::abort();
  }
  /// Takes one over.
  explicit TestRuntime(awgrt_runtime *owned) : runtime(owned) {}
  ~TestRuntime() { awgrt_runtime_destroy(runtime); }
  awgrt_runtime *get() { return runtime; }

  using Start = std::function<awgrt_task *(awgrt_task *root)>;

  /// Runs the task that `start` returns, hands out its first result, and returns its failure.
  awgrt_error *run(Start start, uint64_t *outResult = nullptr) {
    Call call{std::move(start), outResult};
    return awgrt_runtime_run(
        runtime, [](awgrt_task *root, void *context) { return static_cast<Call *>(context)->start(root); },
        [](const void *results, void *context) {
          if (uint64_t *out = static_cast<Call *>(context)->result)
            memcpy(out, results, sizeof *out);
        },
        &call);
  }

private:
  struct Call {
    Start start;
    uint64_t *result;
  };
  awgrt_runtime *runtime = nullptr;
};

/// Whether `holds` at one of many tries. For what a thread that the system holds up prevents, and nothing else: each try is to begin
/// anew.
inline bool happens(const std::function<bool()> &holds) {
  for (int tries = 0; tries < 50; ++tries)
    if (holds())
      return true;
  return false;
}

} // namespace awg::test

#endif // AWG_TEST_UNIT_RUNTIME_OPERATION_H
