// Opening, reading, writing and closing files.
#include "std/File.h"

#include "async/Error.h"
#include "async/Simulation.h"
#include "async/Task.h"
#include "std/FileThreads.h"
#include "std/Str.h"
#include "std/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace awg::rt {

namespace {

/// Milliseconds between looks at what nobody tells of.
constexpr int pause = 5;

awgrt_error *cannot(const char *what, const awgrt_place *place, const awgrt_str *path, const Text &problem) {
  Text message;
  message.add(what).add(path).add(": ").add(problem.data(), problem.size());
  return createError(place, message);
}

/// Without changing errno.
bool isPipe(const char *path) {
  int before = errno;
  struct stat status;
  bool result = stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
  errno = before;
  return result;
}

} // namespace

//===-- Waiting -----------------------------------------------------------------------------------------------------===//

Interrupt::~Interrupt() {
  uint64_t count = 0;
  if (event >= 0)
    (void)!::read(event, &count, sizeof count);
}

/// Waits for so many milliseconds, if not -1. Whether anything came, which includes the interruption.
bool Interrupt::look(int descriptor, short events, int milliseconds) {
  pollfd watched[2] = {{descriptor, events, 0}, {event, POLLIN, 0}};
  bool came = poll(watched, 2, milliseconds) > 0;
  seen = watched[1].revents || (event < 0 && isCancelled(&task));
  return came || seen;
}

bool Interrupt::wait(int descriptor, short events, int milliseconds) {
  if (look(descriptor, events, 0))
    return !seen;
  threads.beginWait();
  bool isForever = milliseconds < 0;
  int longest = thisSimulation ? 0 : isForever && event < 0 ? pause : milliseconds;
  while (!look(descriptor, events, longest) && isForever)
    interleave();
  threads.endWait();
  return !seen;
}

bool File::wait(short events) { return !mayBlock || interrupt.wait(descriptor, events, -1); }

//===-- Files -------------------------------------------------------------------------------------------------------===//

awgrt_error *cannotRead(const awgrt_place *place, const awgrt_str *path, const Text &problem) {
  return cannot("cannot read ", place, path, problem);
}

awgrt_error *cannotWrite(const awgrt_place *place, const awgrt_str *path, const Text &problem) {
  return cannot("cannot write ", place, path, problem);
}

File::~File() {
  if (descriptor >= 0)
    ::close(descriptor);
}

bool File::fail(int error) {
  char text[128];
  problem.add(strerror_r(error, text, sizeof text));
  return false;
}

bool File::open(const awgrt_str &path, int flags) {
  if (strlen(path.bytes) != size_t(path.length)) {
    problem.add("its name contains a zero byte");
    return false;
  }
  // A pipe is opened without waiting for its other end, so that the wait can be interrupted.
  while ((descriptor = ::open(path.bytes, flags | O_CLOEXEC | O_NONBLOCK, 0666)) < 0) {
    if (errno != EINTR && !(errno == ENXIO && isPipe(path.bytes)))
      return fail(errno);
    if (errno == ENXIO && !interrupt.wait(-1, 0, pause)) // nobody reads it yet
      return false;
  }
  struct stat status;
  mayBlock = fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  return true;
}

bool File::openToRead(const awgrt_str &path) { return open(path, O_RDONLY); }
bool File::openToWrite(const awgrt_str &path) { return open(path, O_WRONLY | O_CREAT | O_TRUNC); }

bool File::read(void *bytes, size_t size, size_t &outRead) {
  outRead = 0;
  while (outRead < size) {
    size_t piece = std::min(size - outRead, size_t(1) << 30);
    if (!wait(POLLIN))
      return false;
    ssize_t got = ::read(descriptor, static_cast<char *>(bytes) + outRead, piece);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (got < 0)
      return fail(errno);
    if (got == 0)
      break;
    outRead += size_t(got);
  }
  return true;
}

bool File::readText(Text &out) {
  char piece[16384];
  size_t got = sizeof piece;
  while (got == sizeof piece) {
    if (!read(piece, sizeof piece, got))
      return false;
    out.add(piece, got);
  }
  size_t valid = utf8Prefix(out.data(), out.size());
  if (valid == out.size())
    return true;
  problem.add("it is not UTF-8 at byte ").addUnsigned(valid);
  return false;
}

bool File::write(const void *bytes, size_t size) {
  auto *at = static_cast<const char *>(bytes);
  while (size > 0) {
    if (!wait(POLLOUT))
      return false;
    ssize_t written = ::write(descriptor, at, std::min(size, size_t(1) << 30));
    if (written < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (written < 0)
      return fail(errno);
    at += written;
    size -= size_t(written);
  }
  return true;
}

bool File::close() {
  int closed = ::close(descriptor);
  descriptor = -1;
  return closed == 0 || fail(errno);
}

int64_t File::bytesLeft() const {
  struct stat status;
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
    return -1;
  off_t at = lseek(descriptor, 0, SEEK_CUR);
  return at < 0 ? -1 : std::max<int64_t>(0, status.st_size - at);
}

} // namespace awg::rt
