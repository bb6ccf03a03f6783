// print and eprint: unbuffered, a line a write.
#include "std/Print.h"

#include "async/Sync.h"
#include "std/Text.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace awg::rt {

namespace {

/// The standard streams are the process's, whatever the number of runtimes.
constinit pthread_mutex_t streamMutex = PTHREAD_MUTEX_INITIALIZER;

/// What takeOutputError gives, under streamMutex.
int outputError = 0;

void writeLine(int descriptor, const awgrt_str *text) {
  Text line;
  line.add(text).add('\n');
  writeStream(descriptor, line.data(), line.size());
}

} // namespace

void writeStream(int descriptor, const char *bytes, size_t size) {
  StaticGuard guard(streamMutex);
  while (size > 0) {
    ssize_t written = write(descriptor, bytes, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      if (descriptor == STDOUT_FILENO && written < 0 && errno != EPIPE && outputError == 0)
        outputError = errno;
      break;
    }
    bytes += written;
    size -= size_t(written);
  }
}

int takeOutputError() {
  StaticGuard guard(streamMutex);
  return std::exchange(outputError, 0);
}

} // namespace awg::rt

void awgrt_print(const awgrt_str *text) { awg::rt::writeLine(STDOUT_FILENO, text); }
void awgrt_eprint(const awgrt_str *text) { awg::rt::writeLine(STDERR_FILENO, text); }
