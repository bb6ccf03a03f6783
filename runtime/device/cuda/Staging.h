// Pinned memory through which elements travel between the host's pages and a GPU.
#ifndef AWG_RUNTIME_DEVICE_CUDA_STAGING_H
#define AWG_RUNTIME_DEVICE_CUDA_STAGING_H

#include "device/cuda/DriverAPI.h"

namespace awg::rt {

class Gpu;
struct Fault;

/// Bytes of a piece of pinned memory.
constexpr int64_t stagingBytes = int64_t(4) << 20;

/// Two pieces that are filled in turn, by many small copies or by parts of a large one. The caller synchronises.
class UploadRing {
public:
  explicit UploadRing(Gpu &gpu) : gpu(gpu) {}
  /// Gives the memory back, in the GPU's context. Nothing may use it any more.
  void close();
  /// Copies to the device in `stream`; `from` has been read when this returns.
  Fault upload(int32_t stream, cuda::Address to, const char *from, int64_t bytes);

private:
  struct Piece {
    char *memory = nullptr;
    int64_t used = 0;
    unsigned streams = 0; ///< a bit a stream that copies from it
    cuda::Event events[5] = {};
  };
  Fault turn();
  Fault open(Piece &piece);

  Gpu &gpu;
  Piece pieces[2];
  int32_t current = 0;
};

/// Two pieces that are filled and emptied in turn, and a stream for that. The caller synchronises.
class DownloadRing {
public:
  explicit DownloadRing(Gpu &gpu) : gpu(gpu) {}
  void close();
  /// Opens it if need be.
  Fault open();
  cuda::Stream handle() const { return stream; }
  /// Copies to the host, and waits until that is done.
  Fault download(char *to, cuda::Address from, int64_t bytes);

private:
  Fault start(int32_t piece, cuda::Address from, int64_t bytes);

  Gpu &gpu;
  cuda::Stream stream = nullptr;
  struct {
    void *memory = nullptr;
    cuda::Event event = nullptr;
  } pieces[2];
};

} // namespace awg::rt

#endif // AWG_RUNTIME_DEVICE_CUDA_STAGING_H
