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

/// Two numbers of small files, such as a quota and its period.
struct Quota {
  int64_t quota = -1, period = -1;
};

/// `max 100000` or `150000 100000`.
Quota readMax(const char *path) {
  char text[64];
  if (!readSmall(path, text, sizeof text) || text[0] == 'm')
    return {};
  const char *space = strchr(text, ' ');
  return space ? Quota{readInteger(text), readInteger(space + 1)} : Quota{};
}

/// The tightest of `read(folder)` from the folder of a control group below `base` up to `base` itself.
template <typename Read> int32_t tightest(const char *base, const char *group, Read read) {
  char folder[4300];
  size_t floor = size_t(snprintf(folder, sizeof folder, "%s", base));
  snprintf(folder + floor, sizeof folder - floor, "%s", group);
  int32_t least = INT32_MAX;
  for (;;) {
    Quota found = read(folder);
    least = std::min(least, cpusOfQuota(found.quota, found.period));
    char *slash = strrchr(folder + floor, '/');
    if (!slash)
      return least;
    *slash = 0;
  }
}

/// The process's group where `/proc/self/cgroup` has a line with these controllers: `0::/a/b`, `4:cpu,cpuacct:/a/b`.
bool findGroup(const char *root, bool (*isWanted)(const char *controllers), char (&group)[4096]) {
  char path[4200], text[4096];
  snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
  if (!readSmall(path, text, sizeof text))
    return false;
  char *rest = nullptr;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(nullptr, "\n", &rest)) {
    char *controllers = strchr(line, ':');
    char *name = controllers ? strchr(controllers + 1, ':') : nullptr;
    if (!name)
      continue;
    *name++ = 0;
    if (isWanted(controllers + 1)) {
      snprintf(group, sizeof group, "%s", strcmp(name, "/") == 0 ? "" : name);
      return true;
    }
  }
  return false;
}

/// Of control groups of version 2.
int32_t quotaV2(const char *root) {
  char group[4096], base[4200];
  if (!findGroup(root, [](const char *controllers) { return !*controllers; }, group))
    return INT32_MAX;
  snprintf(base, sizeof base, "%s/sys/fs/cgroup", root);
  return tightest(base, group, [](const char *folder) {
    char path[4400];
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    return readMax(path);
  });
}

/// Of version 1, whose controller of processors is mounted by itself. In a container its own group may be what is mounted.
int32_t quotaV1(const char *root) {
  char group[4096], base[4200];
  auto isCpu = [](const char *controllers) {
    for (const char *at = controllers; (at = strstr(at, "cpu")); at += 3)
      if ((at == controllers || at[-1] == ',') && (!at[3] || at[3] == ','))
        return true;
    return false;
  };
  if (!findGroup(root, isCpu, group))
    return INT32_MAX;
  snprintf(base, sizeof base, "%s/sys/fs/cgroup/cpu", root);
  return tightest(base, group, [](const char *folder) {
    char path[4400], quota[64], period[64];
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!readSmall(path, quota, sizeof quota))
      return Quota{};
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    return readSmall(path, period, sizeof period) ? Quota{readInteger(quota), readInteger(period)} : Quota{};
  });
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

int32_t usableCpus(const char *root) { return std::max(1, std::min({affinityCount(), quotaV2(root), quotaV1(root)})); }

} // namespace awg::rt
