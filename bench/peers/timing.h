// Takes the best of several runs of a piece of code, as the Awg programs do.
#pragma once
#include <chrono>
#include <cstdio>

/// Prints `NAME MICROSECONDS`: the shortest of `runs` calls.
template <typename Work> void report(const char *name, int runs, Work work) {
  double best = 1e300;
  for (int run = 0; run < runs; ++run) {
    auto start = std::chrono::steady_clock::now();
    work();
    std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    best = took.count() < best ? took.count() : best;
  }
  std::printf("%s %.3f\n", name, best);
}
