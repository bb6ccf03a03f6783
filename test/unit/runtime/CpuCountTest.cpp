// How many threads a runtime gets: the processors that the process may use, less what its control group takes away.
#include "place/Devices.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sched.h>
#include <thread>
#include <unistd.h>

using awg::rt::usableCpus;

namespace {

/// A folder that stands for the root of the file system.
class CpuCount : public testing::Test {
protected:
  CpuCount() : root(std::filesystem::temp_directory_path() / ("awgrt-cpus-" + std::to_string(getpid()))) {}
  ~CpuCount() override { std::filesystem::remove_all(root); }

  void put(const std::string &path, const std::string &text) {
    std::filesystem::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  int32_t count() { return usableCpus(root.c_str()); }

  std::filesystem::path root;
  const int32_t all = usableCpus("/nowhere"); ///< by affinity alone
};

TEST_F(CpuCount, Version2) {
  EXPECT_GE(all, 1);
  put("proc/self/cgroup", "0::/job/step\n");
  EXPECT_EQ(count(), all);
  put("sys/fs/cgroup/job/step/cpu.max", "max 100000\n");
  EXPECT_EQ(count(), all);
  put("sys/fs/cgroup/job/step/cpu.max", "100000 100000\n");
  EXPECT_EQ(count(), 1);
  put("sys/fs/cgroup/job/step/cpu.max", "150000 100000\n"); // a part of one is rounded up
  EXPECT_EQ(count(), std::min(all, 2));
  put("sys/fs/cgroup/job/cpu.max", "50000 100000\n"); // the group above has less
  EXPECT_EQ(count(), 1);
  put("sys/fs/cgroup/job/cpu.max", "900000000 100000\n");
  EXPECT_EQ(count(), std::min(all, 2));
}

TEST_F(CpuCount, Version2AtTheRootOfAContainer) {
  put("proc/self/cgroup", "12:memory:/x\n0::/\n");
  put("sys/fs/cgroup/cpu.max", "20000 100000\n");
  EXPECT_EQ(count(), 1);
}

TEST_F(CpuCount, Version1) {
  put("proc/self/cgroup", "5:cpuset:/a\n4:cpu,cpuacct:/docker/abc\n3:memory:/b\n");
  EXPECT_EQ(count(), all);
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(count(), all);
  put("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "100000\n");
  put("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(count(), 1);
}

TEST_F(CpuCount, Malformed) {
  for (const char *text : {"", "\n", "0:", "0::", "::::", "4:cpu,cpuacct"}) {
    put("proc/self/cgroup", text);
    put("sys/fs/cgroup/cpu.max", "x y\n");
    EXPECT_EQ(count(), all) << text;
  }
}

// Of a thread that may run on one processor alone.
TEST_F(CpuCount, Affinity) {
  std::thread bound([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(count(), 1);
  });
  bound.join();
}

} // namespace
