// now and env.
#include "async/Runtime.h"
#include "async/Sync.h"
#include "std/Str.h"

#include <cstdlib>
#include <cstring>

namespace {

/// Set as the process starts; the same for all its runtimes.
const int64_t programStart = awg::rt::monotonicNow();

} // namespace

int64_t awgrt_now(void) {
  using namespace awg::rt;
  if (Worker *worker = currentWorker())
    worker->runtime->gpus.waitDetached();
  return thisSimulation ? thisSimulation->elapsed() : monotonicNow() - programStart;
}

awgrt_str *awgrt_env(const awgrt_str *name) {
  const char *value = name ? getenv(name->bytes) : nullptr;
  if (!value)
    value = "";
  return awg::rt::createStr(value, strlen(value));
}
