// Times several runs of a piece of code, as the Awg programs do.
#pragma once
#include <chrono>
#include <cstdio>

/// Prints `NAME MICROSECONDS` for each of `runs` calls; `scale` calls' worth of work are in one.
template <typename Work> void report(const char *name, int runs, Work work, int scale = 1) {
  for (int run = 0; run < runs; ++run) {
    auto start = std::chrono::steady_clock::now();
    work();
    std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    std::printf("%s %.4f\n", name, took.count() / scale);
  }
}
