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

/// Explores a scenario class and expects that nothing goes wrong: to the end, if it has not many states or
/// AWG_MODEL=long.
template <typename S> void expectNoFailure(Options options = {}) {
  if (!options.mostStates && !isLong())
    options.mostStates = 12'000;
  Result result = explore<S>(options);
  EXPECT_TRUE(result.failure.empty()) << result.failure;
  EXPECT_TRUE(result.isComplete || !isLong());
  printf("             %ld states in %ld runs%s\n", long(result.states), long(result.runs),
         result.isComplete ? "" : ", and there are more");
}

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_MODELTEST_H
