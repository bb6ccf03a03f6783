// What the checker says: where code stands, and the steps that led to a failure.
#ifndef AWG_TEST_UNIT_MODEL_TRACE_H
#define AWG_TEST_UNIT_MODEL_TRACE_H

#include "World.h"

#include <string>

namespace awg::model {

std::string nameOf(int thread);

/// The steps of the world's last run, one a line, and what each thread was about to do.
std::string listSteps(const World &world);

} // namespace awg::model

#endif // AWG_TEST_UNIT_MODEL_TRACE_H
