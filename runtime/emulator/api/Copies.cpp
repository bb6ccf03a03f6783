// Copies and memset.
//
// A copy from pageable host memory reads it when it is given, one to such memory has ended when the call returns, as
// with the driver; pinned memory is read and written when the stream gets there.
#include "emulator/api/Driver.h"

#include "emulator/memory/RaceChecker.h"

#include <cstring>

using namespace awg::emu;
using namespace awg::cuda;

namespace {
enum class Side { Host, Device, Any };

bool isPinned(Driver &driver, uint64_t address) {
  Allocation a;
  return driver.memory.find(address, a);
}

/// Whether `[address, address + bytes)` is memory that the driver knows, for sides that are said to be a device's.
bool isValid(Driver &driver, int device, Side side, uint64_t address, size_t bytes) {
  if (!bytes)
    return true;
  Allocation a;
  bool isKnown = driver.memory.find(address, a);
  if (side != Side::Device && !isKnown)
    return address != 0;
  if (isKnown && bytes <= a.end() - address)
    return true;
  report({"illegal-address",
          "invalid copy of " + std::to_string(bytes) + " bytes: " + driver.memory.explain(device, address, bytes)});
  return false;
}


/// What comes before the bytes move: faults that are wished for, and the checks. `from` is 0 for what is no memory.
Result use(Driver &driver, int device, const Turn &turn, uint64_t to, uint64_t from, size_t bytes) {
  if (Result wished = driver.faults.next(FaultPoint::Copy, device); wished != Result::Success)
    return wished;
  if (!driver.settings.check || !bytes)
    return Result::Success;
  std::string problem;
  bool isToPinned = isPinned(driver, to);
  if (isToPinned)
    problem = useByCopy(driver.shadow, driver.order, turn.number, "a copy to", to, bytes, true);
  if (problem.empty() && from && isPinned(driver, from))
    problem = useByCopy(driver.shadow, driver.order, turn.number, "a copy from", from, bytes, false);
  if (problem.empty()) {
    if (Allocation a; isToPinned && from && driver.memory.find(from, a) && a.mayBeUnwritten())
      driver.shadow.copyWritten(to, from, bytes);
    return Result::Success;
  }
  report({nameOf(FaultKind::StreamRace), problem});
  return Result::LaunchFailed;
}

struct Copy {
  Side toSide, fromSide;
  uint64_t to, from;
  size_t bytes;
};

Result copy(const Copy &c, Stream handle, bool waits) {
  AWG_EMU_ENTER();
  if (!isValid(driver, context->device, c.toSide, c.to, c.bytes) ||
      !isValid(driver, context->device, c.fromSide, c.from, c.bytes))
    return Result::InvalidValue;
  AWG_EMU_STREAM(stream, handle);
  Work work;
  int device = context->device;
  bool fromPageable = c.fromSide != Side::Device && !isPinned(driver, c.from);
  bool toPageable = c.toSide != Side::Device && !isPinned(driver, c.to);
  if (fromPageable && !stream->capture) {
    auto *bytes = reinterpret_cast<const char *>(c.from);
    work.run = [&driver, device, to = c.to, staged = std::vector<char>(bytes, bytes + c.bytes)](const Turn &turn) {
      if (Result result = use(driver, device, turn, to, 0, staged.size()); result != Result::Success)
        return result;
      std::memcpy(reinterpret_cast<void *>(to), staged.data(), staged.size());
      return Result::Success;
    };
  } else {
    work.run = [&driver, device, c](const Turn &turn) {
      if (Result result = use(driver, device, turn, c.to, c.from, c.bytes); result != Result::Success)
        return result;
      std::memmove(reinterpret_cast<void *>(c.to), reinterpret_cast<void *>(c.from), c.bytes);
      return Result::Success;
    };
  }
  Result result = driver.submit(*stream, std::move(work));
  if (result != Result::Success || (!waits && (!toPageable || stream->capture)))
    return result;
  return driver.synchronize(*stream);
}

template <class T> Result set(Address to, T value, size_t count, Stream handle) {
  AWG_EMU_ENTER();
  if (to % sizeof(T) || !isValid(driver, context->device, Side::Device, to, count * sizeof(T)))
    return Result::InvalidValue;
  Work work;
  work.run = [=, &driver, device = context->device](const Turn &turn) {
    if (Result result = use(driver, device, turn, to, 0, count * sizeof(T)); result != Result::Success)
      return result;
    std::fill_n(reinterpret_cast<T *>(to), count, value);
    return Result::Success;
  };
  AWG_EMU_STREAM(stream, handle);
  return driver.submit(*stream, std::move(work));
}

uint64_t host(const void *pointer) { return reinterpret_cast<uint64_t>(pointer); }

/// Row by row.
Result copyRows(const Copy2D *copy2D, Stream stream, bool waits) {
  if (!copy2D)
    return Result::InvalidValue;
  auto place = [&](const Copy2D::Side &s, size_t row) {
    return (s.kind == Copy2D::Host ? host(s.host) : s.device) + (s.y + row) * s.pitch + s.x;
  };
  auto side = [](const Copy2D::Side &s) {
    return s.kind == Copy2D::Host ? Side::Host : s.kind == Copy2D::Device ? Side::Device : Side::Any;
  };
  const Copy2D &c = *copy2D;
  for (const Copy2D::Side *s : {&c.from, &c.to})
    if (s->kind == Copy2D::Array || (c.height > 1 && s->pitch < s->x + c.width))
      return Result::InvalidValue;
  Result result = Result::Success;
  for (size_t row = 0; row < c.height && result == Result::Success; ++row)
    result = copy({side(c.to), side(c.from), place(c.to, row), place(c.from, row), c.width}, stream,
                  waits && row + 1 == c.height);
  return result;
}

template <class T> Result setRows(Address to, size_t pitch, T value, size_t width, size_t height, Stream stream) {
  if (height > 1 && pitch < width * sizeof(T))
    return Result::InvalidValue;
  Result result = Result::Success;
  for (size_t row = 0; row < height && result == Result::Success; ++row)
    result = set(to + row * pitch, value, width, stream);
  return result;
}
} // namespace

AWG_EMU_API Result awg::cuda::cuMemcpyHtoDAsync_v2(Address to, const void *from, size_t bytes, Stream stream) {
  AWG_EMU_CALL();
  return copy({Side::Device, Side::Host, to, host(from), bytes}, stream, false);
}
AWG_EMU_API Result awg::cuda::cuMemcpyDtoHAsync_v2(void *to, Address from, size_t bytes, Stream stream) {
  AWG_EMU_CALL();
  return copy({Side::Host, Side::Device, host(to), from, bytes}, stream, false);
}
AWG_EMU_API Result awg::cuda::cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, Stream stream) {
  AWG_EMU_CALL();
  return copy({Side::Device, Side::Device, to, from, bytes}, stream, false);
}
AWG_EMU_API Result awg::cuda::cuMemcpyPeerAsync(Address to, Context, Address from, Context, size_t bytes,
                                                Stream stream) {
  AWG_EMU_CALL();
  return copy({Side::Device, Side::Device, to, from, bytes}, stream, false);
}
AWG_EMU_API Result awg::cuda::cuMemcpyAsync(Address to, Address from, size_t bytes, Stream stream) {
  return copy({Side::Any, Side::Any, to, from, bytes}, stream, false);
}
AWG_EMU_API Result awg::cuda::cuMemcpyHtoD_v2(Address to, const void *from, size_t bytes) {
  return copy({Side::Device, Side::Host, to, host(from), bytes}, nullptr, true);
}
AWG_EMU_API Result awg::cuda::cuMemcpyDtoH_v2(void *to, Address from, size_t bytes) {
  return copy({Side::Host, Side::Device, host(to), from, bytes}, nullptr, true);
}
AWG_EMU_API Result awg::cuda::cuMemcpyDtoD_v2(Address to, Address from, size_t bytes) {
  return copy({Side::Device, Side::Device, to, from, bytes}, nullptr, true);
}
AWG_EMU_API Result awg::cuda::cuMemcpyPeer(Address to, Context, Address from, Context, size_t bytes) {
  return copy({Side::Device, Side::Device, to, from, bytes}, nullptr, true);
}
AWG_EMU_API Result awg::cuda::cuMemcpy(Address to, Address from, size_t bytes) {
  return copy({Side::Any, Side::Any, to, from, bytes}, nullptr, true);
}

AWG_EMU_API Result awg::cuda::cuMemsetD8Async(Address to, unsigned char value, size_t count, Stream stream) {
  AWG_EMU_CALL();
  return set(to, value, count, stream);
}
AWG_EMU_API Result awg::cuda::cuMemsetD16Async(Address to, unsigned short value, size_t count, Stream stream) {
  AWG_EMU_CALL();
  return set(to, value, count, stream);
}
AWG_EMU_API Result awg::cuda::cuMemsetD32Async(Address to, unsigned value, size_t count, Stream stream) {
  AWG_EMU_CALL();
  return set(to, value, count, stream);
}
AWG_EMU_API Result awg::cuda::cuMemsetD8_v2(Address to, unsigned char value, size_t count) {
  return set(to, value, count, nullptr);
}
AWG_EMU_API Result awg::cuda::cuMemsetD16_v2(Address to, unsigned short value, size_t count) {
  return set(to, value, count, nullptr);
}
AWG_EMU_API Result awg::cuda::cuMemsetD32_v2(Address to, unsigned value, size_t count) {
  return set(to, value, count, nullptr);
}

AWG_EMU_API Result awg::cuda::cuMemcpy2D_v2(const Copy2D *copy) { return copyRows(copy, nullptr, true); }
AWG_EMU_API Result awg::cuda::cuMemcpy2DUnaligned_v2(const Copy2D *copy) { return copyRows(copy, nullptr, true); }
AWG_EMU_API Result awg::cuda::cuMemcpy2DAsync_v2(const Copy2D *copy, Stream stream) { return copyRows(copy, stream, false); }
AWG_EMU_API Result awg::cuda::cuMemsetD2D8_v2(Address to, size_t pitch, unsigned char value, size_t width, size_t height) {
  return setRows(to, pitch, value, width, height, nullptr);
}
AWG_EMU_API Result awg::cuda::cuMemsetD2D8Async(Address to, size_t pitch, unsigned char value, size_t width, size_t height,
                                                Stream stream) {
  return setRows(to, pitch, value, width, height, stream);
}
AWG_EMU_API Result awg::cuda::cuMemsetD2D16_v2(Address to, size_t pitch, unsigned short value, size_t width, size_t height) {
  return setRows(to, pitch, value, width, height, nullptr);
}
AWG_EMU_API Result awg::cuda::cuMemsetD2D16Async(Address to, size_t pitch, unsigned short value, size_t width, size_t height,
                                                Stream stream) {
  return setRows(to, pitch, value, width, height, stream);
}
AWG_EMU_API Result awg::cuda::cuMemsetD2D32_v2(Address to, size_t pitch, unsigned value, size_t width, size_t height) {
  return setRows(to, pitch, value, width, height, nullptr);
}
AWG_EMU_API Result awg::cuda::cuMemsetD2D32Async(Address to, size_t pitch, unsigned value, size_t width, size_t height,
                                                Stream stream) {
  return setRows(to, pitch, value, width, height, stream);
}
