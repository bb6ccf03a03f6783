// Copies between the host's pages and a GPU, through pinned memory.
#include "device/cuda/Staging.h"

#include "device/cuda/Gpu.h"

#include <algorithm>
#include <cstring>

namespace awg::rt {

using cuda::Result;

#define AWG_TRY(CALL, ...)                                                                                             \
  if (Result result = gpu.driver->CALL(__VA_ARGS__); result != Result::Success)                                        \
    return {result, #CALL};

//===-- To the device -----------------------------------------------------------------------------------------------===//

void UploadRing::close() {
  for (Piece &piece : pieces) {
    for (cuda::Event event : piece.events)
      if (event)
        gpu.driver->cuEventDestroy_v2(event);
    if (piece.memory)
      gpu.driver->cuMemFreeHost(piece.memory);
    piece = {};
  }
}

Fault UploadRing::open(Piece &piece) {
  static_assert(Gpu::copyStream + 1 == sizeof(Piece::events) / sizeof(cuda::Event));
  for (cuda::Event &event : piece.events)
    if (!event)
      AWG_TRY(cuEventCreate, &event, cuda::eventDisableTiming | cuda::eventBlockingSync)
  void *memory = nullptr;
  Result result = gpu.driver->cuMemHostAlloc(&memory, size_t(stagingBytes), cuda::hostAllocPortable);
  if (result != Result::Success)
    return {result, "cuMemHostAlloc", stagingBytes};
  piece.memory = static_cast<char *>(memory);
  return {};
}

/// Goes on with the other piece, once the copies from it are done.
Fault UploadRing::turn() {
  Piece &full = pieces[current];
  for (int32_t s = 0; s <= Gpu::copyStream; ++s)
    if (full.streams & (1u << s))
      AWG_TRY(cuEventRecord, full.events[s], gpu.streams[s].handle)
  current = 1 - current;
  Piece &next = pieces[current];
  for (int32_t s = 0; s <= Gpu::copyStream; ++s)
    if (next.streams & (1u << s))
      AWG_TRY(cuEventSynchronize, next.events[s])
  next.streams = 0;
  next.used = 0;
  return {};
}

Fault UploadRing::upload(int32_t stream, cuda::Address to, const char *from, int64_t bytes) {
  while (bytes > 0) {
    if (pieces[current].used == stagingBytes)
      if (Fault fault = turn())
        return fault;
    Piece &piece = pieces[current];
    if (!piece.memory)
      if (Fault fault = open(piece))
        return fault;
    int64_t part = std::min(bytes, stagingBytes - piece.used);
    memcpy(piece.memory + piece.used, from, size_t(part));
    piece.streams |= 1u << stream;
    AWG_TRY(cuMemcpyHtoDAsync_v2, to, piece.memory + piece.used, size_t(part), gpu.streams[stream].handle)
    piece.used += std::min((part + 63) & ~int64_t(63), stagingBytes - piece.used);
    to += cuda::Address(part);
    from += part;
    bytes -= part;
  }
  return {};
}

//===-- To the host -------------------------------------------------------------------------------------------------===//

void DownloadRing::close() {
  for (auto &piece : pieces) {
    if (piece.event)
      gpu.driver->cuEventDestroy_v2(piece.event);
    if (piece.memory)
      gpu.driver->cuMemFreeHost(piece.memory);
    piece = {};
  }
  if (stream)
    gpu.driver->cuStreamDestroy_v2(stream);
  stream = nullptr;
}

Fault DownloadRing::open() {
  if (!stream)
    AWG_TRY(cuStreamCreate, &stream, cuda::streamNonBlocking)
  for (auto &piece : pieces) {
    if (!piece.event)
      AWG_TRY(cuEventCreate, &piece.event, cuda::eventDisableTiming | cuda::eventBlockingSync)
    if (!piece.memory)
      AWG_TRY(cuMemHostAlloc, &piece.memory, size_t(stagingBytes), cuda::hostAllocPortable)
  }
  return {};
}

Fault DownloadRing::start(int32_t piece, cuda::Address from, int64_t bytes) {
  AWG_TRY(cuMemcpyDtoHAsync_v2, pieces[piece].memory, from, size_t(bytes), stream)
  AWG_TRY(cuEventRecord, pieces[piece].event, stream)
  return {};
}

Fault DownloadRing::download(char *to, cuda::Address from, int64_t bytes) {
  auto partAt = [&](int64_t at) { return std::min(bytes - at, stagingBytes); };
  if (Fault fault = start(0, from, partAt(0)))
    return fault;
  int32_t piece = 0;
  for (int64_t at = 0; at < bytes; at += stagingBytes, piece = 1 - piece) {
    int64_t next = at + stagingBytes;
    if (next < bytes)
      if (Fault fault = start(1 - piece, from + cuda::Address(next), partAt(next)))
        return fault;
    AWG_TRY(cuEventSynchronize, pieces[piece].event)
    memcpy(to + at, pieces[piece].memory, size_t(partAt(at)));
  }
  return {};
}

} // namespace awg::rt
