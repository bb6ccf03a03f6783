// The binary interface of the CUDA driver (libcuda.so.1), as far as the runtime uses it: own declarations, so that neither
// building nor running needs a toolkit.
//
// The meaning of functions, constants and errors is in the CUDA driver API reference,
// https://docs.nvidia.com/cuda/cuda-driver-api/. The constants' values are part of the binary interface.
#ifndef AWG_RUNTIME_DEVICE_CUDA_DRIVERAPI_H
#define AWG_RUNTIME_DEVICE_CUDA_DRIVERAPI_H

#include <cstddef>
#include <cstdint>

namespace awg::cuda {

/// CUresult.
enum class Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialized = 3,
  Deinitialized = 4,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidImage = 200,
  InvalidContext = 201,
  NoBinaryForGPU = 209,
  ECCUncorrectable = 214,
  PeerAccessUnsupported = 217,
  InvalidPTX = 218,
  NVLinkUncorrectable = 220,
  JITCompilerNotFound = 221,
  UnsupportedPTXVersion = 222,
  Contained = 226,
  InvalidHandle = 400,
  IllegalState = 401,
  NotFound = 500,
  NotReady = 600,
  IllegalAddress = 700,
  LaunchOutOfResources = 701,
  LaunchTimeout = 702,
  PeerAccessAlreadyEnabled = 704,
  PeerAccessNotEnabled = 705,
  ContextIsDestroyed = 709,
  Assert = 710,
  HardwareStackError = 714,
  IllegalInstruction = 715,
  MisalignedAddress = 716,
  InvalidAddressSpace = 717,
  InvalidPC = 718,
  LaunchFailed = 719,
  NotPermitted = 800,
  NotSupported = 801,
  SystemDriverMismatch = 803,
  StreamCaptureUnsupported = 900,
  StreamCaptureInvalidated = 901,
  StreamCaptureUnmatched = 903,
  StreamCaptureImplicit = 906,
  StreamCaptureWrongThread = 908,
  ExternalDevice = 911,
  Unknown = 999
};

/// CUdevice: the ordinal's handle.
using Device = int;
/// CUdeviceptr.
using Address = unsigned long long;

using Context = struct ContextImpl *;
using Module = struct ModuleImpl *;
using Function = struct FunctionImpl *;
using Stream = struct StreamImpl *;
using Event = struct EventImpl *;
using MemoryPool = struct MemoryPoolImpl *;
using Graph = struct GraphImpl *;
using GraphExec = struct GraphExecImpl *;
/// CUhostFn: must not call the driver. Not called once the context has an error.
using HostFunction = void (*)(void *argument);
/// CUstreamCallback: must not call the driver. Called with the error if the context has one, for everything that was in the stream.
using StreamCallback = void (*)(Stream stream, Result status, void *argument);
/// CUoccupancyB2DSize.
using BlockSizeToSharedBytes = size_t (*)(int blockSize);

/// CUdevice_attribute.
enum class DeviceAttribute : int {
  MaxThreadsPerBlock = 1,
  MaxBlockDimX = 2,
  MaxGridDimX = 5,
  MaxSharedMemoryPerBlock = 8,
  WarpSize = 10,
  MaxRegistersPerBlock = 12,
  ClockRateKHz = 13,
  MultiprocessorCount = 16,
  ConcurrentKernels = 31,
  MemoryClockRateKHz = 36,
  GlobalMemoryBusWidth = 37,
  L2CacheSize = 38,
  MaxThreadsPerMultiprocessor = 39,
  AsyncEngineCount = 40,
  UnifiedAddressing = 41,
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  MaxSharedMemoryPerMultiprocessor = 81,
  MaxRegistersPerMultiprocessor = 82,
  MaxSharedMemoryPerBlockOptin = 97,
  MaxBlocksPerMultiprocessor = 106,
  MemoryPoolsSupported = 115
};

/// CUfunction_attribute.
enum class FunctionAttribute : int {
  MaxThreadsPerBlock = 0,
  SharedSizeBytes = 1,
  ConstSizeBytes = 2,
  LocalSizeBytes = 3,
  NumRegs = 4,
  PTXVersion = 5,
  BinaryVersion = 6,
  MaxDynamicSharedSizeBytes = 8
};

/// CUjit_option; a size or number is passed as the pointer's value.
enum class JITOption : int {
  InfoLogBuffer = 3,
  InfoLogBufferSizeBytes = 4,
  ErrorLogBuffer = 5,
  ErrorLogBufferSizeBytes = 6,
  OptimizationLevel = 7
};

/// CUmemPool_attribute; ReleaseThreshold, Reserved... and Used... are 64-bit numbers of bytes.
enum class MemoryPoolAttribute : int {
  ReuseFollowEventDependencies = 1,
  ReuseAllowOpportunistic = 2,
  ReuseAllowInternalDependencies = 3,
  ReleaseThreshold = 4,
  ReservedMemCurrent = 5,
  ReservedMemHigh = 6,
  UsedMemCurrent = 7,
  UsedMemHigh = 8
};

/// CUmemAccessDesc with its CUmemLocation.
struct MemoryAccess {
  enum LocationType : int { OnDevice = 1 };
  enum Flags : int { None = 0, Read = 1, ReadWrite = 3 };
  LocationType type;
  int device;
  Flags flags;
};
static_assert(sizeof(MemoryAccess) == 12);

/// CUstreamCaptureMode and CUstreamCaptureStatus.
enum class CaptureMode : int { Global = 0, ThreadLocal = 1, Relaxed = 2 };
enum class CaptureStatus : int { None = 0, Active = 1, Invalidated = 2 };

constexpr unsigned streamNonBlocking = 1;  ///< CU_STREAM_NON_BLOCKING
constexpr unsigned eventBlockingSync = 1;  ///< CU_EVENT_BLOCKING_SYNC
constexpr unsigned eventDisableTiming = 2; ///< CU_EVENT_DISABLE_TIMING
constexpr unsigned hostAllocPortable = 1;  ///< CU_MEMHOSTALLOC_PORTABLE

/// The driver's functions, by their symbols' names.
struct DriverFunctions {
#define AWG_CUDA(SYMBOL, PARAMETERS) Result(*SYMBOL) PARAMETERS;
#include "device/cuda/DriverFunctions.def"
};

} // namespace awg::cuda

#endif // AWG_RUNTIME_DEVICE_CUDA_DRIVERAPI_H
