// `awgc test`: runs the tests of files.
#ifndef AWG_DRIVER_TEST_H
#define AWG_DRIVER_TEST_H

#include "driver/Tools.h"

namespace awg {

/// Runs the tests of a file, or of every `.awg` file below a folder, whose names hold `filter`, each in a process of its
/// own, and prints to standard output a line a test and a last line `N passed, N failed`. `report` prints why a file
/// does not compile, which counts as a failed test, and gives the exit code for it. Gives the exit code: 0 if none failed.
int runTests(llvm::StringRef path, llvm::StringRef filter, const CompilerOptions &options, Report report);

} // namespace awg

#endif // AWG_DRIVER_TEST_H
