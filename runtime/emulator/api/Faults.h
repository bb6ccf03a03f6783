// Faults that are wished for: AWG_EMU_FAULTS.
#ifndef AWG_EMULATOR_API_FAULTS_H
#define AWG_EMULATOR_API_FAULTS_H

#include "device/cuda/DriverAPI.h"

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

namespace awg::emu {

/// The outermost function of the API that this thread is in, for the time that it is in it.
class ApiCall {
public:
  ApiCall(const char *function, const void *caller);
  ~ApiCall();
  ApiCall(const ApiCall &) = delete;
  ApiCall &operator=(const ApiCall &) = delete;
  /// The calling thread's, or null.
  static ApiCall *get();

  const char *const function;
  const void *const caller; ///< where it returns to
  bool isCounted = false;   ///< as a call that may be made to fail

private:
  const bool isOutermost;
};

/// Notes that the calling thread is in a function of the API, which calls others of them.
#define AWG_EMU_CALL() ApiCall apiCall(__func__, __builtin_return_address(0))

/// What can be made to fail.
enum class FaultPoint : uint8_t { Call, Allocation, Launch, Copy };

/// `AWG_EMU_FAULTS=KIND@N[:DEVICE],...`: the Nth (from 1) fails; with a device, the Nth of that device.
///
///   call@N     a call of the driver that needs a context: CUDA_ERROR_UNKNOWN
///   refuse@N   a call of the driver that needs a context: CUDA_ERROR_INVALID_VALUE
///   oom@N      an allocation: CUDA_ERROR_OUT_OF_MEMORY
///   launch@N   a launch: CUDA_ERROR_LAUNCH_FAILED, from then on the context's error
///   illegal@N  a launch: CUDA_ERROR_ILLEGAL_ADDRESS, likewise
///   copy@N     a copy or memset: CUDA_ERROR_LAUNCH_FAILED, likewise
///   lost@N     a launch: CUDA_ERROR_ECC_UNCORRECTABLE, likewise, and the device stays lost
///   slow=F     what a device does takes F times as long: launches and copies, and callbacks too
///   list=FILE  writes what can be made to fail, a line each: `call N FUNCTION CALLER`, where CALLER is the place in the
///              calling file's code, `oom N`, `launch N`, `copy N`
class Faults {
public:
  /// Null or empty: none. What cannot be read is reported on stderr and left out.
  explicit Faults(const char *text);

  /// Counts; gives the error, if this one is to fail. Any thread may call.
  cuda::Result next(FaultPoint point, int device);
  double slowness() const { return slow; }
  bool isLost(int device) const;

private:
  struct Wish {
    FaultPoint point;
    cuda::Result result;
    uint64_t at;
    int device; ///< -1: any
    bool isLoss;
    uint64_t count = 0;
  };
  bool parse(const std::string &item);
  void write(FaultPoint point);

  mutable std::mutex mutex;
  std::vector<Wish> wishes;
  std::vector<int> lost;
  double slow = 1;
  std::FILE *list = nullptr;
  uint64_t counts[4] = {}; ///< of each point, for the list
};

} // namespace awg::emu

#endif // AWG_EMULATOR_API_FAULTS_H
