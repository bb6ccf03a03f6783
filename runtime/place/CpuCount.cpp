// How many processors this process may use.
#include "place/Devices.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

namespace awg::rt {

namespace {

/// A small file's text, cut to the buffer and closed with a NUL; false if it cannot be read.
bool readSmall(const char *path, char *text, size_t size) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  ssize_t got = read(descriptor, text, size - 1);
  close(descriptor);
  text[got > 0 ? got : 0] = 0;
  return got > 0;
}

int64_t readInteger(const char *text) {
  int64_t value = -1;
  std::from_chars(text, text + strlen(text), value);
  return value;
}

/// The processors that `quota` of each `period` microseconds comes to; INT32_MAX for no limit.
int32_t cpusOfQuota(int64_t quota, int64_t period) {
  if (quota <= 0 || period <= 0)
    return INT32_MAX;
  return int32_t(std::clamp<int64_t>((quota + period - 1) / period, 1, INT32_MAX));
}

/// The tightest quota from the process's control group (version 2) up to the root.
int32_t quotaV2() {
  char text[4096], file[4200];
  if (!readSmall("/proc/self/cgroup", text, sizeof text))
    return INT32_MAX;
  char *group = strstr(text, "0::/");
  if (!group || (group != text && group[-1] != '\n'))
    return INT32_MAX;
  group += 3;
  group[strcspn(group, "\n")] = 0;
  int32_t least = INT32_MAX;
  for (;;) {
    char value[64];
    snprintf(file, sizeof file, "/sys/fs/cgroup%s/cpu.max", strcmp(group, "/") == 0 ? "" : group);
    if (readSmall(file, value, sizeof value) && value[0] != 'm')
      if (const char *space = strchr(value, ' '))
        least = std::min(least, cpusOfQuota(readInteger(value), readInteger(space + 1)));
    char *slash = strrchr(group, '/');
    if (!slash || strcmp(group, "/") == 0 || !group[0])
      return least;
    *slash = 0;
  }
}

int32_t quotaV1() {
  char quota[64], period[64];
  if (!readSmall("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota, sizeof quota) ||
      !readSmall("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period, sizeof period))
    return INT32_MAX;
  return cpusOfQuota(readInteger(quota), readInteger(period));
}

int32_t affinityCount() {
  // Room for 16384 processors, as the kernel refuses masks smaller than its own.
  unsigned long mask[16384 / (8 * sizeof(unsigned long))] = {};
  auto *set = reinterpret_cast<cpu_set_t *>(mask);
  if (sched_getaffinity(0, sizeof mask, set) != 0)
    return int32_t(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  return CPU_COUNT_S(sizeof mask, set);
}

} // namespace

int32_t usableCpus() { return std::max(1, std::min({affinityCount(), quotaV2(), quotaV1()})); }

} // namespace awg::rt
