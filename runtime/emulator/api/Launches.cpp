// Launches and how many fit.
#include "emulator/api/Driver.h"

#include "emulator/api/Workers.h"
#include "emulator/exec/Block.h"
#include "emulator/memory/RaceChecker.h"

#include <algorithm>
#include <cstring>
#include <optional>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
std::atomic<uint64_t> instructions{0};

struct Shape {
  uint32_t grid[3], block[3];
  uint32_t dynamicShared;
  bool isCooperative;
};

Result resultOf(FaultKind kind) {
  switch (kind) {
  case FaultKind::IllegalAddress:
    return Result::IllegalAddress;
  case FaultKind::Misaligned:
    return Result::MisalignedAddress;
  case FaultKind::IllegalInstruction:
    return Result::IllegalInstruction;
  case FaultKind::InvalidPc:
    return Result::InvalidPC;
  case FaultKind::InvalidAddressSpace:
    return Result::InvalidAddressSpace;
  case FaultKind::StackOverflow:
    return Result::HardwareStackError;
  case FaultKind::Assert:
    return Result::Assert;
  case FaultKind::Deadlock:
  case FaultKind::Endless:
    return Result::LaunchTimeout;
  default:
    return Result::LaunchFailed;
  }
}

/// Blocks of so many threads that are on a multiprocessor at once.
int blocksPerMultiprocessor(const FunctionImpl &function, int threads, size_t dynamicShared) {
  if (threads < 1 || threads > 1024 || dynamicShared > size_t(function.mostDynamicShared))
    return 0;
  int shared = function.code->sharedBytes + dynamicShared + 1024;
  int all = (Driver::get()->settings.chip >= 90 ? 228 : 164) * 1024;
  int warps = (threads + 31) / 32;
  int registers = std::clamp<int>(function.code->registerBytes / 128, 16, 64);
  return std::min({32, 64 / warps, all / shared, 65536 / (registers * 32 * warps)});
}

Result checkShape(const FunctionImpl &function, const Shape &s) {
  const awg::emu::Function &f = *function.code->function;
  for (int i = 0; i < 3; ++i) {
    constexpr uint32_t mostBlock[] = {1024, 1024, 64}, mostGrid[] = {INT_MAX, 65535, 65535};
    if (!s.grid[i] || !s.block[i] || s.grid[i] > mostGrid[i] || s.block[i] > mostBlock[i])
      return Result::InvalidValue;
    if (f.requiredThreads[0] && f.requiredThreads[i] != s.block[i])
      return Result::InvalidValue;
  }
  uint64_t threads = uint64_t{s.block[0]} * s.block[1] * s.block[2];
  if (threads > 1024)
    return Result::InvalidValue;
  if (f.maxThreads[0] && threads > uint64_t{f.maxThreads[0]} * f.maxThreads[1] * f.maxThreads[2])
    return Result::InvalidValue;
  if (s.dynamicShared > uint32_t(function.mostDynamicShared))
    return Result::InvalidValue;
  if (s.isCooperative) {
    uint64_t fits =
        uint64_t{blocksPerMultiprocessor(function, threads, s.dynamicShared) * 1u} * Driver::get()->settings.threads;
    if (uint64_t{s.grid[0]} * s.grid[1] * s.grid[2] > fits)
      return cooperativeLaunchTooLarge;
  }
  return Result::Success;
}

/// Takes the parameters' values: a pointer each, or one buffer with all, laid out as the kernel declares them.
Result collect(const FunctionImpl &function, void **parameters, void **extra, std::vector<uint64_t> &out) {
  const Code &code = *function.code;
  out.assign((code.paramBytes + 7) / 8 + 1, 0);
  auto *to = reinterpret_cast<char *>(out.data());
  if (parameters) {
    for (size_t i = 0; i < code.function->params.size(); ++i) {
      if (!parameters[i])
        return Result::InvalidValue;
      const Variable &v = *code.function->params[i];
      std::memcpy(to + v.address, parameters[i], v.size);
    }
    return Result::Success;
  }
  const void *buffer = nullptr;
  size_t size = 0;
  for (; extra && *extra; extra += 2) {
    if (reinterpret_cast<uintptr_t>(*extra) == 1) // CU_LAUNCH_PARAM_BUFFER_POINTER
      buffer = extra[1];
    else if (reinterpret_cast<uintptr_t>(*extra) == 2) // CU_LAUNCH_PARAM_BUFFER_SIZE
      size = *static_cast<size_t *>(extra[1]);
    else
      return Result::InvalidValue;
  }
  if (code.paramBytes && (!buffer || size < code.paramBytes))
    return Result::InvalidValue;
  if (buffer)
    std::memcpy(to, buffer, std::min<size_t>(size, code.paramBytes));
  return Result::Success;
}

Result execute(Driver &driver, int device, const FunctionImpl &function, const Shape &shape,
               const std::vector<uint64_t> &params, const Turn &turn) {
  if (Result wished = driver.faults.next(FaultPoint::Launch, device); wished != Result::Success)
    return wished;
  Launch launch;
  launch.program = function.module->program.get();
  launch.code = function.code;
  std::copy(shape.grid, shape.grid + 3, launch.grid);
  std::copy(shape.block, shape.block + 3, launch.block);
  launch.dynamicShared = shape.dynamicShared;
  launch.params = params;
  launch.memory = &driver.memory;
  launch.device = device;
  launch.number = ++driver.devices[device]->launches;
  launch.isCooperative = shape.isCooperative;
  launch.mostTurns = driver.settings.turns;
  if (shape.isCooperative) {
    launch.workspace = driver.memory.allocate(device, 8, MemoryKind::Variable, 16, "of a cooperative launch");
    if (!launch.workspace)
      return Result::OutOfMemory;
    std::memset(reinterpret_cast<void *>(launch.workspace), 0, 8);
  }
  std::optional<RaceChecker> checker;
  if (driver.settings.check)
    launch.checker = &checker.emplace(driver.shadow, driver.order, driver.memory, launch, turn.number);
  Workers::shared(driver.settings.threads).carryOut(launch);
  if (launch.workspace)
    driver.memory.release(launch.workspace, MemoryKind::Variable);
  instructions += launch.executed;
  if (!launch.hasFailed)
    return Result::Success;
  report(launch.finding);
  return resultOf(launch.failure);
}

Result notSupported(const char *what) {
  report({"not-supported", std::string(what) + " are not supported by the emulator"});
  return Result::NotSupported;
}

Result launch(awg::cuda::Function function, const Shape &shape, Stream handle, void **parameters, void **extra) {
  AWG_EMU_ENTER();
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  AWG_EMU_STREAM(stream, handle);
  if (stream->context->device != function->module->context->device)
    return Result::InvalidHandle;
  if (Result result = checkShape(*function, shape); result != Result::Success)
    return result;
  std::vector<uint64_t> params;
  if (Result result = collect(*function, parameters, extra, params); result != Result::Success)
    return result;
  Work work;
  work.function = function;
  work.run = [&driver, device = stream->context->device, function, shape, params = std::move(params)](
                 const Turn &turn) { return execute(driver, device, *function, shape, params, turn); };
  return driver.submit(*stream, std::move(work));
}
} // namespace

AWG_EMU_API unsigned long long awgemu_instructions() { return instructions; }

AWG_EMU_API Result awg::cuda::cuLaunchKernel(Function function, unsigned gridX, unsigned gridY, unsigned gridZ,
                                             unsigned blockX, unsigned blockY, unsigned blockZ,
                                             unsigned dynamicSharedBytes, Stream stream, void **parameters,
                                             void **extra) {
  AWG_EMU_CALL();
  return launch(function, {{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, dynamicSharedBytes, false}, stream,
                parameters, extra);
}

AWG_EMU_API Result awg::cuda::cuLaunchCooperativeKernel(Function function, unsigned gridX, unsigned gridY,
                                                        unsigned gridZ, unsigned blockX, unsigned blockY,
                                                        unsigned blockZ, unsigned dynamicSharedBytes, Stream stream,
                                                        void **parameters) {
  return launch(function, {{gridX, gridY, gridZ}, {blockX, blockY, blockZ}, dynamicSharedBytes, true}, stream,
                parameters, nullptr);
}

AWG_EMU_API Result awg::cuda::cuLaunchKernelEx(const LaunchConfig *config, Function function, void **parameters, void **extra) {
  if (!config || (config->count && !config->attributes))
    return Result::InvalidValue;
  Shape shape = {{config->grid[0], config->grid[1], config->grid[2]},
                 {config->block[0], config->block[1], config->block[2]},
                 config->dynamicSharedBytes,
                 false};
  for (unsigned i = 0; i < config->count; ++i) {
    const LaunchAttribute &a = config->attributes[i];
    if (a.id == LaunchAttribute::Cooperative)
      shape.isCooperative = a.value[1];
    if (a.id == LaunchAttribute::ClusterDimension && uint64_t(a.value[1]) * a.value[2] * a.value[3] != 1)
      return notSupported("clusters of several blocks");
  }
  return launch(function, shape, config->stream, parameters, extra);
}

//--- Occupancy

AWG_EMU_API Result awg::cuda::cuOccupancyMaxActiveBlocksPerMultiprocessor(int *outBlocks, Function function,
                                                                          int blockSize, size_t dynamicSharedBytes) {
  AWG_EMU_ENTER();
  if (!outBlocks || blockSize < 1)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  *outBlocks = blocksPerMultiprocessor(*function, blockSize, dynamicSharedBytes);
  return Result::Success;
}

AWG_EMU_API Result awg::cuda::cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *outBlocks, Function function,
                                                                                   int blockSize,
                                                                                   size_t dynamicSharedBytes,
                                                                                   unsigned) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessor(outBlocks, function, blockSize, dynamicSharedBytes);
}

/// The size of block with which most threads are on a multiprocessor, the largest of those.
AWG_EMU_API Result awg::cuda::cuOccupancyMaxPotentialBlockSize(int *outGridSize, int *outBlockSize, Function function,
                                                               BlockSizeToSharedBytes sharedBytes,
                                                               size_t dynamicSharedBytes, int mostThreads) {
  AWG_EMU_ENTER();
  if (!outGridSize || !outBlockSize)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  int most = 1024;
  cuFuncGetAttribute(&most, FunctionAttribute::MaxThreadsPerBlock, function);
  if (mostThreads > 0)
    most = std::min(most, mostThreads);
  int best = 0, bestThreads = 0;
  for (int threads = most; threads > 0; threads = (threads - 1) / 32 * 32) {
    size_t bytes = sharedBytes ? sharedBytes(threads) : dynamicSharedBytes;
    int blocks = blocksPerMultiprocessor(*function, threads, bytes);
    if (blocks * threads <= bestThreads)
      continue;
    bestThreads = blocks * threads;
    best = threads;
    *outGridSize = blocks * driver.settings.threads;
  }
  *outBlockSize = best;
  return best ? Result::Success : Result::InvalidValue;
}

AWG_EMU_API Result awg::cuda::cuOccupancyAvailableDynamicSMemPerBlock(size_t *outBytes, Function function, int blocks,
                                                                      int blockSize) {
  AWG_EMU_ENTER();
  if (!outBytes || blocks < 1 || blockSize < 1)
    return Result::InvalidValue;
  if (!driver.handles.isLive(HandleKind::Function, function))
    return Result::InvalidHandle;
  int each = (driver.settings.chip >= 90 ? 228 : 164) * 1024 / blocks - 1024 - int(function->code->sharedBytes);
  *outBytes = std::clamp(each, 0, function->mostDynamicShared);
  return Result::Success;
}
