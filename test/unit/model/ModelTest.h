// What a test of scenarios includes first: GoogleTest as it is, and from there on the system as the checker gives it.
#ifndef AWG_TEST_UNIT_MODEL_MODELTEST_H
#define AWG_TEST_UNIT_MODEL_MODELTEST_H

#include "Model.h"

#include <gtest/gtest.h>

#include "Replace.h"

#include "place/Devices.h"

namespace awg::model {

/// The host with so many workers, and no other device.
inline rt::DeviceChoice onHost(int workers) {
  rt::DeviceChoice choice;
  choice.cpuThreads = workers;
  choice.usesCpu = true;
  return choice;
}

/// Explores a scenario class to the end and expects that nothing goes wrong.
template <typename S> void expectNoFailure(const Options &options = {}) {
  Result result = explore<S>(options);
  EXPECT_TRUE(result.failure.empty()) << result.failure;
  EXPECT_TRUE(result.isComplete);
  EXPECT_FALSE(result.ends.empty());
  printf("             %ld states in %ld runs\n", long(result.states), long(result.runs));
}

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_MODELTEST_H
