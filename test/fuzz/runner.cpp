// Compiles programs and runs each of them on several devices, for run.py: one process starts the compiler once, and a
// program that is compiled once runs as often as there are devices.
//
// A line on standard input asks for a program: `LEVEL FILE DEVICES...`, with the values that AWG_DEVICES takes. Each
// run writes FILE.0.out and FILE.0.err, FILE.1.out and so on; then a line on standard output has the exit code of each,
// 128 more than the signal if it was ended by one. A compilation that fails is told in FILE.0.err, and its exit code
// stands for all.
#include "driver/Compiler.h"

#include "awg/awgrt.h"

#include "llvm/ADT/StringExtras.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// What takes more seconds of the processor, or of the clock on a machine that may be busy, hangs, and is ended by a signal.
constexpr unsigned busySeconds = 300, totalSeconds = 7200;

struct Request {
  unsigned level = 0;
  std::string file;
  std::vector<std::string> devices;
};

/// Has this process write to a run's files from now on.
void redirect(const Request &request, size_t run) {
  std::string stem = request.file + "." + std::to_string(run);
  const char *ends[] = {".out", ".err"};
  for (int target : {1, 2}) {
    int file = open((stem + ends[target - 1]).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || dup2(file, target) < 0)
      _exit(70);
    close(file);
  }
}

/// Does something in a process of its own, and gives its exit code.
template <typename Action> int apart(Action action) {
  pid_t child = fork();
  if (child == 0) {
    rlimit busy{busySeconds, busySeconds};
    setrlimit(RLIMIT_CPU, &busy);
    alarm(totalSeconds);
    int code = action();
    fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) < 0)
    return 70;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Compiles the program and writes the exit codes of its runs to `codes`.
int compileAndRun(const Request &request, int codes) {
  redirect(request, 0);
  awg::CompilerOptions options;
  options.optLevel = request.level;
  options.native = true;
  options.gpu =
      llvm::any_of(request.devices, [](const std::string &devices) { return awgrt_needs_gpu_code(devices.c_str()); });
  awg::Compiler compiler(options);
  std::unique_ptr<awg::JITProgram> program;
  if (compiler.loadFile(request.file))
    program = compiler.compile(/*needsMain=*/true);
  if (!program || !program->prepare()) {
    compiler.printDiagnostics(llvm::errs());
    return compiler.isInternalFault() ? 70 : 1;
  }
  std::string line;
  for (size_t run = 0; run != request.devices.size(); ++run) {
    int code = apart([&] {
      redirect(request, run);
      setenv("AWG_DEVICES", request.devices[run].c_str(), 1);
      return program->run({request.file});
    });
    line += (run ? " " : "") + std::to_string(code);
  }
  line += '\n';
  if (write(codes, line.data(), line.size()) != ssize_t(line.size()))
    return 70;
  _exit(0); // one answer a request, even if the compiler should fail to end
}

} // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    Request request;
    std::istringstream words(line);
    words >> request.level >> request.file;
    for (std::string devices; words >> devices;)
      request.devices.push_back(devices);
    int codes = dup(1);
    int code = apart([&] { return compileAndRun(request, codes); });
    close(codes);
    if (code != 0)
      std::cout << code << std::endl;
  }
  return 0;
}
