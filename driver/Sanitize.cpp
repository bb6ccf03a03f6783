// Runs a program on emulated GPUs that check what it does, and turns what they report into diagnostics.
#include "driver/Sanitize.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace awg;

bool awg::chooseEmulatedGPUs(std::string &problem) {
  llvm::StringRef devices = getenv("AWG_DEVICES") ? getenv("AWG_DEVICES") : "";
  if (devices.empty())
    setenv("AWG_DEVICES", "emu:1", /*overwrite=*/1);
  else if (!devices.contains("emu"))
    problem = "--sanitize checks emulated GPUs, and AWG_DEVICES=" + devices.str() + " names none; say emu:1, or nothing";
  return problem.empty();
}

/// Runs the program in a child, so that it may end as it likes; gives how it ended, in the form of waitpid.
static int runInChild(JITProgram &program, const std::vector<std::string> &arguments, llvm::StringRef reports) {
  llvm::outs().flush();
  pid_t child = fork();
  if (child == 0) {
    setenv("AWG_EMU_CHECK", "1", /*overwrite=*/1);
    setenv("AWG_EMU_QUIET", "1", /*overwrite=*/1);
    setenv("AWG_EMU_REPORT", reports.str().c_str(), /*overwrite=*/1);
    exit(program.run(arguments)); // at exit the emulator looks for leaks
  }
  int status = 1 << 8;
  if (child < 0)
    llvm::errs() << "error: cannot start the program: " << strerror(errno) << '\n';
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

static FoundPlace placeOf(const llvm::json::Object &report) {
  auto number = [&](llvm::StringRef name) { return unsigned(report.getInteger(name).value_or(0)); };
  return {report.getString("message").value_or("").str(), report.getString("file").value_or("").str(), number("line"),
          number("column")};
}

/// ` (PTX line 12: ld.global.b32 %r1, [%rd1];)`, if the report says so.
static std::string instructionOf(const llvm::json::Object &report) {
  int64_t line = report.getInteger("ptxLine").value_or(0);
  if (!line)
    return "";
  return " (PTX line " + std::to_string(line) + ": " + report.getString("instruction").value_or("").str() + ")";
}

static Found foundBy(const llvm::json::Object &report) {
  Found found{placeOf(report), {}};
  if (const llvm::json::Array *related = report.getArray("related"))
    for (const llvm::json::Value &value : *related)
      if (const llvm::json::Object *other = value.getAsObject()) {
        found.notes.push_back(placeOf(*other));
        found.notes.back().message += instructionOf(*other);
      }
  llvm::StringRef kernel = report.getString("kernel").value_or("");
  kernel.consume_front("awg_");
  if (!kernel.empty()) {
    std::string where = "in kernel '" + kernel.str() + "', block " + report.getString("block").value_or("").str();
    if (llvm::StringRef thread = report.getString("thread").value_or(""); !thread.empty())
      where += ", thread " + thread.str();
    found.notes.push_back({where + instructionOf(report), "", 0, 0});
  }
  return found;
}

int awg::runSanitized(Compiler &compiler, JITProgram &program, const std::vector<std::string> &arguments) {
  llvm::SmallString<128> reports;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("awg-sanitize", "json", reports)) {
    llvm::errs() << "error: cannot make a temporary file: " << error.message() << '\n';
    return 1;
  }
  llvm::FileRemover remover(reports);
  int status = runInChild(program, arguments, reports);
  if (auto text = llvm::MemoryBuffer::getFile(reports))
    for (llvm::line_iterator line(**text); !line.is_at_end(); ++line) {
      llvm::Expected<llvm::json::Value> report = llvm::json::parse(*line);
      if (report && report->getAsObject())
        compiler.add(foundBy(*report->getAsObject()));
      llvm::consumeError(report.takeError());
    }
  if (WIFSIGNALED(status))
    llvm::errs() << "error: the program was ended by a signal: " << strsignal(WTERMSIG(status)) << '\n';
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  return compiler.hasErrors() ? std::max(code, 1) : code;
}
