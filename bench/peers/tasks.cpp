// 500'000 independent tasks, a chain of them, and a call that could wait, with oneTBB and C++20's coroutines.
// With an argument: that many threads.
#include "timing.h"

#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <tbb/task_group.h>

#include <coroutine>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

namespace {

constexpr long count = 500'000;

void check(bool condition) {
  if (!condition)
    std::abort();
}

void independent() {
  std::vector<long> results(count);
  tbb::task_group group;
  for (long i = 0; i < count; ++i)
    group.run([&results, i] { results[i] = i + 1; });
  group.wait();
  check(results[count - 1] == count);
}

void chain() {
  using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
  tbb::flow::graph graph;
  std::vector<std::unique_ptr<Node>> nodes;
  long value = 0;
  for (long i = 0; i < count; ++i) {
    nodes.push_back(std::make_unique<Node>(graph, [&value](tbb::flow::continue_msg) { ++value; }));
    if (i > 0)
      tbb::flow::make_edge(*nodes[i - 1], *nodes[i]);
  }
  nodes.front()->try_put({});
  graph.wait_for_all();
  check(value == count);
}

/// A coroutine that runs as it is called and is awaited by its caller.
struct Call {
  struct promise_type {
    long value;
    Call get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(long result) { value = result; }
    void unhandled_exception() { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() const { return handle.done(); }
  void await_suspend(std::coroutine_handle<>) const {}
  long await_resume() const {
    long value = handle.promise().value;
    handle.destroy();
    return value;
  }
};

[[gnu::noinline]] Call next(long i) { co_return i + 1; }

Call direct() {
  long value = 0;
  for (long i = 0; i < count; ++i)
    value = co_await next(value);
  co_return value;
}

} // namespace

int main(int argc, char **argv) {
  std::optional<tbb::global_control> limit;
  if (argc > 1)
    limit.emplace(tbb::global_control::max_allowed_parallelism, std::atoi(argv[1]));
  report("independent", 7, independent);
  report("chain", 7, chain);
  report("direct", 7, [] { check(direct().await_resume() == count); });
}
