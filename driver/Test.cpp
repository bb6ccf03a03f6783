// Runs tests: a file is compiled into this process, and each of its tests runs in a child of its own, so that a test which
// ends the process (a deadlock, no memory) fails alone.
#include "driver/Test.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>
#include <sys/wait.h>
#include <unistd.h>

using namespace awg;

namespace {
/// What has been run so far.
struct Counts {
  unsigned passed = 0, failed = 0;
  int code = 0;
};
} // namespace

/// Runs a test in a child; gives how it ended, in the form of waitpid.
static int runInChild(JITProgram &program, size_t position) {
  llvm::outs().flush();
  pid_t child = fork();
  if (child == 0) {
    std::set_new_handler(nullptr); // a test that needs too much rejects
    _exit(program.runTest(position));
  }
  int status = 1;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

static void runTest(JITProgram &program, size_t position, llvm::StringRef title, Counts &counts) {
  int status = runInChild(program, position);
  bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  ++(good ? counts.passed : counts.failed);
  llvm::outs() << title << (good ? ": passed" : ": failed");
  if (WIFSIGNALED(status))
    llvm::outs() << " (" << strsignal(WTERMSIG(status)) << ')';
  llvm::outs() << '\n';
  llvm::outs().flush();
}

static void runFile(const std::string &path, llvm::StringRef filter, const CompilerOptions &options, Counts &counts,
                    Report report) {
  Compiler compiler(options);
  std::vector<TestCase> tests;
  if (compiler.loadFile(path))
    tests = compiler.tests();
  auto isWanted = [&](const TestCase &test) { return llvm::StringRef(test.name).contains(filter); };
  std::unique_ptr<JITProgram> program;
  if (!compiler.hasErrors()) {
    if (llvm::none_of(tests, isWanted))
      return;
    program = compiler.compile();
  }
  if (!program) {
    counts.code = std::max(counts.code, report(compiler));
    ++counts.failed;
    llvm::outs() << path << ": failed: it does not compile\n";
    return;
  }
  for (auto [position, test] : llvm::enumerate(tests))
    if (isWanted(test))
      runTest(*program, position, path + ":" + std::to_string(test.line) + ": test \"" + test.name + "\"", counts);
}

int awg::runTests(llvm::StringRef path, llvm::StringRef filter, const CompilerOptions &options, Report report) {
  std::vector<std::string> files;
  if (!findSources(path, files))
    return 1;
  Counts counts;
  for (const std::string &file : files)
    runFile(file, filter, options, counts, report);
  llvm::outs() << counts.passed << " passed, " << counts.failed << " failed\n";
  return std::max(counts.code, counts.failed ? 1 : 0);
}
