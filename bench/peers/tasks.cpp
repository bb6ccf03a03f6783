// The tasks of tasks.awg with oneTBB, OpenMP (libomp) and C++20's coroutines; the argument is the number of threads.
#include <omp.h>
#include <tbb/flow_graph.h>
#include <tbb/global_control.h>
#include <tbb/task_group.h>

#include <chrono>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <future>
#include <memory>
#include <vector>

namespace {

constexpr long count = 500'000, joinCount = 262'144, fibTasks = 635'620, directCount = 5'000'000;
constexpr long layers = 500, width = 1000;

void check(bool condition) {
  if (!condition)
    std::abort();
}

/// Prints `NAME MICROSECONDS` for one of `pieces`: the best of several runs.
template <typename Work> void report(const char *name, long pieces, Work work) {
  double best = 1e300;
  for (int run = 0; run < 5; ++run) {
    auto start = std::chrono::steady_clock::now();
    work();
    std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = took.count() < best ? took.count() : best;
  }
  std::printf("%s %.6f\n", name, best / double(pieces));
  std::fflush(stdout);
}

//===-- oneTBB ------------------------------------------------------------------------------------------------------===//

void independentTBB() {
  std::vector<long> results(count);
  tbb::task_group group;
  for (long i = 0; i < count; ++i)
    group.run([&results, i] { results[i] = i + 1; });
  group.wait();
  check(results[count - 1] == count);
}

/// A result that is waited for by itself, as Awg's futures are: by a promise, or by a group of its own.
void promisesTBB() {
  std::vector<std::future<long>> futures;
  tbb::task_group group;
  for (long i = 0; i < count; ++i) {
    std::promise<long> promise;
    futures.push_back(promise.get_future());
    group.run([i, promise = std::make_shared<std::promise<long>>(std::move(promise))] { promise->set_value(i + 1); });
  }
  group.wait();
  long last = 0;
  for (std::future<long> &future : futures)
    last = future.get();
  check(last == count);
}

void groupsTBB() {
  std::deque<tbb::task_group> groups;
  std::vector<long> results(count);
  for (long i = 0; i < count; ++i)
    groups.emplace_back().run([&results, i] { results[i] = i + 1; });
  for (tbb::task_group &group : groups)
    group.wait();
  check(results[count - 1] == count);
}

using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;

/// Node i of a layer follows node i of the layer below, and i + 1 if i is odd.
long merge(const long *below, long i) { return i % 2 == 0 ? below[i] + 1 : (below[i] ^ below[(i + 1) % width]) + 1; }

void dagTBB() {
  std::vector<long> values((layers + 1) * width);
  tbb::flow::graph graph;
  std::vector<std::unique_ptr<Node>> nodes;
  for (long at = 0; at < layers * width; ++at) {
    nodes.push_back(std::make_unique<Node>(graph, [&values, at](tbb::flow::continue_msg) {
      values[at + width] = merge(&values[at - at % width], at % width);
    }));
    if (at < width)
      continue;
    tbb::flow::make_edge(*nodes[at - width], *nodes[at]);
    if (at % 2 == 1)
      tbb::flow::make_edge(*nodes[at - at % width - width + (at + 1) % width], *nodes[at]);
  }
  for (long i = 0; i < width; ++i)
    nodes[i]->try_put({});
  graph.wait_for_all();
  check(values[layers * width] == layers);
}

void chainTBB() {
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

void joinsTBB() {
  std::vector<long> level(joinCount, 1), above;
  tbb::task_group group;
  for (long i = 0; i < joinCount; ++i)
    group.run([&level, i] { level[i] = 1; });
  group.wait();
  for (long width = joinCount / 2; width > 0; width /= 2) {
    above.assign(width, 0);
    for (long i = 0; i < width; ++i)
      group.run([&, i] { above[i] = level[2 * i] + level[2 * i + 1]; });
    group.wait();
    level.swap(above);
  }
  check(level[0] == joinCount);
}

long fibTBB(long n) {
  if (n < 2)
    return n;
  long a, b;
  tbb::task_group group;
  group.run([&a, n] { a = fibTBB(n - 1); });
  group.run([&b, n] { b = fibTBB(n - 2); });
  group.wait();
  return a + b;
}

//===-- OpenMP ------------------------------------------------------------------------------------------------------===//

template <typename Work> void inOpenMP(Work work) {
#pragma omp parallel
#pragma omp single
  work();
}

void independentOpenMP() {
  std::vector<long> results(count);
  long *to = results.data();
  inOpenMP([&] {
    for (long i = 0; i < count; ++i) {
#pragma omp task firstprivate(to, i)
      to[i] = i + 1;
    }
#pragma omp taskwait
  });
  check(results[count - 1] == count);
}

void chainOpenMP() {
  long value = 0;
  inOpenMP([&] {
    for (long i = 0; i < count; ++i) {
#pragma omp task shared(value) depend(inout : value)
      ++value;
    }
#pragma omp taskwait
  });
  check(value == count);
}

void promisesOpenMP() {
  std::vector<std::promise<long>> promises(count);
  std::promise<long> *to = promises.data();
  inOpenMP([&] {
    for (long i = 0; i < count; ++i) {
#pragma omp task firstprivate(to, i)
      to[i].set_value(i + 1);
    }
#pragma omp taskwait
  });
  long last = 0;
  for (std::promise<long> &promise : promises)
    last = promise.get_future().get();
  check(last == count);
}

void dagOpenMP() {
  std::vector<long> all((layers + 1) * width);
  long *values = all.data();
  inOpenMP([&] {
    for (long at = 0; at < layers * width; ++at) {
      long *below = values + at - at % width, *left = values + at, *right = below + (at % width + at % 2) % width;
#pragma omp task firstprivate(below, at) depend(in : *left, *right) depend(out : values[at + width])
      values[at + width] = merge(below, at % width);
    }
#pragma omp taskwait
  });
  check(values[layers * width] == layers);
}

long fibOpenMP(long n) {
  if (n < 2)
    return n;
  long a, b;
#pragma omp task shared(a)
  a = fibOpenMP(n - 1);
#pragma omp task shared(b)
  b = fibOpenMP(n - 2);
#pragma omp taskwait
  return a + b;
}

//===-- C++20 -------------------------------------------------------------------------------------------------------===//

/// A coroutine that runs as it is called and is awaited by its caller.
struct Call {
  struct promise_type {
    unsigned long value;
    Call get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(unsigned long result) { value = result; }
    void unhandled_exception() { std::abort(); }
  };
  std::coroutine_handle<promise_type> handle;
  bool await_ready() const { return handle.done(); }
  void await_suspend(std::coroutine_handle<>) const {}
  unsigned long await_resume() const {
    unsigned long value = handle.promise().value;
    handle.destroy();
    return value;
  }
};

[[gnu::noinline]] Call step(unsigned long i) { co_return i + 1; }

Call direct() {
  unsigned long value = 1;
  for (unsigned long i = 0; i < directCount; ++i)
    value = (co_await step(value * 5)) ^ i;
  co_return value;
}

} // namespace

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  omp_set_num_threads(threads);
  tbb::global_control limit(tbb::global_control::max_allowed_parallelism, size_t(threads));
  report("bare/oneTBB", count, independentTBB);
  report("independent/oneTBB-promises", count, promisesTBB);
  report("independent/oneTBB-groups", count, groupsTBB);
  report("chain/oneTBB", count, chainTBB);
  report("dag/oneTBB", layers * width, dagTBB);
  report("joins/oneTBB", 2 * joinCount - 1, joinsTBB);
  report("fib/oneTBB", fibTasks, [] { check(fibTBB(27) == 196'418); });
  report("bare/OpenMP", count, independentOpenMP);
  report("independent/OpenMP-promises", count, promisesOpenMP);
  report("dag/OpenMP", layers * width, dagOpenMP);
  report("chain/OpenMP", count, chainOpenMP);
  report("fib/OpenMP", fibTasks, [] { inOpenMP([] { check(fibOpenMP(27) == 196'418); }); });
  report("direct/coroutine", directCount, [] { check(direct().await_resume() != 0); });
}
