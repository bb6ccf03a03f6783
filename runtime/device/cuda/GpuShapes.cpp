// The kernels that carry out a launch's shape on a GPU, one after the other in its stream.
#include "device/cuda/GpuLaunch.h"

#include <algorithm>
#include <cstring>

namespace awg::rt {

using cuda::Result;

namespace {

/// Fixed by the kernels' code: see awgrt_kernel_shape.
constexpr int64_t reducingThreads = 128, scanningThreads = 256;
/// 16^15 > 2^59: no scan has more levels.
constexpr int32_t maxLevels = 16;

/// Hands out aligned pieces of the scratch memory.
class Scratch {
public:
  explicit Scratch(cuda::Address begin) : at(begin) {}
  cuda::Address take(int64_t bytes) {
    cuda::Address piece = at;
    at += sizeOf(bytes);
    return piece;
  }
  static uint64_t sizeOf(int64_t bytes) { return (uint64_t(bytes) + 255) & ~uint64_t(255); }

private:
  cuda::Address at;
};

} // namespace

/// `arguments` are the kernel's, 8 bytes each; `mayFail`: the record follows them.
Fault GpuLaunch::start(cuda::Function function, int64_t groups, int64_t threads, uint64_t *arguments, int32_t count,
                       bool mayFail) {
  if (isChained) // the record is there for its address alone
    return startChained(function, groups, threads, arguments, count);
  uint64_t recordAddress = gpu.records.onDevice(std::max(record, 0));
  auto **parameters = static_cast<void **>(__builtin_alloca(sizeof(void *) * size_t(count + 1)));
  for (int32_t k = 0; k < count; ++k)
    parameters[k] = arguments + k;
  if (mayFail)
    parameters[count] = &recordAddress;
  Result result = gpu.driver->cuLaunchKernel(function, unsigned(groups), 1, 1, unsigned(threads), 1, 1, 0,
                                             gpu.streams[use.stream].handle, parameters, nullptr);
  if (result != Result::Success)
    return {result, "cuLaunchKernel"};
  return {};
}

Fault GpuLaunch::startChained(cuda::Function function, int64_t groups, int64_t threads, const uint64_t *arguments,
                              int32_t count) {
  auto *words = static_cast<uint64_t *>(__builtin_alloca(sizeof(uint64_t) * size_t(count + 1)));
  memcpy(words, arguments, sizeof(uint64_t) * size_t(count));
  words[count] = gpu.records.onDevice(0);
  return gpu.streams[use.stream].chain.start({function, unsigned(groups), unsigned(threads), count + 1, words});
}

Fault GpuLaunch::run(const KernelEntries &entries) {
  switch (kernel.shape) {
  case AWGRT_REDUCE:
    return runReduce(entries);
  case AWGRT_SCAN:
    return runScan(entries);
  default:
    return runEach(entries);
  }
}

Fault GpuLaunch::runEach(const KernelEntries &entries) {
  int64_t groups = kernel.is_block ? total : divideUp(total, entries.threads);
  return start(entries.main, groups, entries.threads, slots, kernel.slot_count, /*mayFail=*/true);
}

/// Blocks of 4096, then blocks of their results, until one is left: in the record.
Fault GpuLaunch::runReduce(const KernelEntries &entries) {
  uint64_t bytes = 0;
  for (int64_t blocks = divideUp(total, blockLength); blocks > 1; blocks = divideUp(blocks, blockLength))
    bytes += Scratch::sizeOf(blocks * kernel.partial_size);
  if (bytes > 0)
    if (Fault fault = gpu.allocate(int64_t(bytes), use.stream, scratch))
      return fault;
  Scratch pieces(scratch);
  int64_t count = total;
  cuda::Address input = 0;
  Fault fault;
  do {
    int64_t blocks = divideUp(count, blockLength);
    cuda::Address output =
        blocks == 1 ? gpu.records.resultOnDevice(record) : pieces.take(blocks * kernel.partial_size);
    if (!input) {
      slots[kernel.slot_count - 1] = output;
      fault = start(entries.main, blocks, reducingThreads, slots, kernel.slot_count, /*mayFail=*/true);
    } else {
      uint64_t own[] = {uint64_t(count), input, output};
      fault = start(entries.combine, blocks, reducingThreads, own, 3, /*mayFail=*/false);
    }
    input = output;
    count = blocks;
  } while (count > 1 && !fault);
  gpu.release(scratch, use.stream);
  return fault;
}

/// Up the levels by `combine`, down again by `finish`.
Fault GpuLaunch::runScan(const KernelEntries &entries) {
  int64_t size = kernel.partial_size;
  int64_t counts[maxLevels];
  cuda::Address outputs[maxLevels], totals[maxLevels];
  int32_t levels = 0;
  uint64_t bytes = 0;
  for (int64_t count = total; levels == 0 || count > 1; ++levels, count = divideUp(count, runLength)) {
    counts[levels] = count;
    bytes += Scratch::sizeOf(divideUp(count, runLength) * size) + (levels > 0 ? Scratch::sizeOf(count * size) : 0);
  }
  if (Fault fault = gpu.allocate(int64_t(bytes), use.stream, scratch))
    return fault;
  Scratch pieces(scratch);
  Fault fault;
  for (int32_t level = 0; level < levels && !fault; ++level) {
    int64_t runs = divideUp(counts[level], runLength);
    outputs[level] = level == 0 ? slots[kernel.slot_count - 2] : pieces.take(counts[level] * size);
    totals[level] = pieces.take(runs * size);
    int64_t groups = divideUp(runs, scanningThreads);
    if (level == 0) {
      slots[kernel.slot_count - 1] = totals[0];
      fault = start(entries.main, groups, scanningThreads, slots, kernel.slot_count, /*mayFail=*/true);
    } else {
      uint64_t own[] = {uint64_t(counts[level]), totals[level - 1], outputs[level], totals[level]};
      fault = start(entries.combine, groups, scanningThreads, own, 4, /*mayFail=*/false);
    }
  }
  for (int32_t level = levels - 1; level > 0 && !fault; --level) {
    uint64_t own[] = {uint64_t(counts[level - 1]), outputs[level - 1], outputs[level]};
    int64_t groups = divideUp(counts[level - 1], scanningThreads);
    fault = start(entries.finish, groups, scanningThreads, own, 3, /*mayFail=*/false);
  }
  gpu.release(scratch, use.stream);
  return fault;
}

} // namespace awg::rt
