// Finds and runs the linker and ptxas.
#include "driver/Link.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace awg;
using llvm::StringRef;

namespace {
/// A file that is deleted at the end of the scope.
class TemporaryFile {
public:
  explicit TemporaryFile(StringRef suffix) {
    error = llvm::sys::fs::createTemporaryFile("awg", suffix, path);
    if (!error)
      llvm::sys::RemoveFileOnSignal(path);
  }
  ~TemporaryFile() {
    if (!path.empty()) {
      llvm::sys::fs::remove(path);
      llvm::sys::DontRemoveFileOnSignal(path);
    }
  }
  bool write(StringRef content) {
    if (error)
      return false;
    llvm::raw_fd_ostream out(path, error);
    out << content;
    out.close();
    if (!error)
      error = out.error();
    out.clear_error(); // which would end the process
    return !error;
  }
  std::string read() {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }
  llvm::SmallString<128> path;
  std::error_code error;
};
} // namespace

/// Runs a tool; on failure `fault` holds what it printed.
static bool runTool(StringRef program, llvm::ArrayRef<StringRef> arguments, std::string &fault) {
  TemporaryFile log("log");
  std::string message;
  std::optional<StringRef> redirects[] = {std::nullopt, StringRef(log.path), StringRef(log.path)};
  int code = llvm::sys::ExecuteAndWait(program, arguments, std::nullopt, redirects, 0, 0, &message);
  if (code == 0)
    return true;
  std::string text = log.read();
  // A tool that crashes adds what its own authors would want to know.
  StringRef said = StringRef(text).split("PLEASE submit a bug report").first.split("Stack dump:").first;
  fault = llvm::sys::path::filename(program).str() + " failed: " + message + (message.empty() ? "" : ": ") + said.rtrim().str();
  return false;
}

static std::string findTool(llvm::ArrayRef<StringRef> names, llvm::ArrayRef<StringRef> places) {
  for (StringRef name : names) {
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
    if (auto found = llvm::sys::findProgramByName(name, places))
      return *found;
  }
  return {};
}

static std::string findFile(StringRef name, llvm::ArrayRef<std::string> directories) {
  for (const std::string &directory : directories) {
    std::string path = directory + "/" + name.str();
    if (llvm::sys::fs::exists(path))
      return path;
  }
  return {};
}

/// GCC's own directory of the highest version, for libstdc++ and libgcc.
static std::string findGCC() {
  std::string best;
  long bestVersion = -1;
  std::error_code error;
  for (StringRef base : {"/usr/lib/gcc/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-redhat-linux", "/usr/lib/gcc/x86_64-pc-linux-gnu"})
    for (llvm::sys::fs::directory_iterator entry(base, error), end; !error && entry != end; entry.increment(error)) {
      long version = 0;
      StringRef name = llvm::sys::path::filename(entry->path());
      if (!name.take_until([](char c) { return c == '.'; }).getAsInteger(10, version) && version > bestVersion &&
          llvm::sys::fs::exists(entry->path() + "/libgcc.a")) {
        bestVersion = version;
        best = entry->path();
      }
    }
  return best;
}

/// libawgrt.a: beside the compiler's own place, as built or installed.
static std::string findRuntime() {
  static int anchor;
  std::string self = llvm::sys::fs::getMainExecutable(nullptr, &anchor);
  StringRef prefix = llvm::sys::path::parent_path(llvm::sys::path::parent_path(self));
  return findFile("libawgrt.a", {(prefix + "/lib").str(), "/usr/local/lib", "/usr/lib"});
}

bool awg::linkExecutable(StringRef object, StringRef path, const CompilerOptions &options, std::string &fault) {
  std::string linker = findTool({"ld.lld", "ld.lld-22", "ld"}, {"/usr/lib/llvm-22/bin", "/usr/bin"});
  if (linker.empty()) {
    fault = "no linker found: install the package lld (or binutils)";
    return false;
  }
  std::string runtime = findRuntime();
  if (runtime.empty()) {
    fault = "libawgrt.a is not beside this compiler (../lib): install awg again";
    return false;
  }
  std::string gcc = findGCC();
  std::vector<std::string> libraries{"/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"};
  std::string start = findFile("Scrt1.o", libraries);
  if (start.empty() || gcc.empty()) {
    fault = "the C library's development files are missing: install the packages libc6-dev and libstdc++-12-dev";
    return false;
  }
  TemporaryFile input("o");
  if (!input.write(object)) {
    fault = "cannot write a temporary file: " + input.error.message();
    return false;
  }
  std::vector<std::string> command{linker,
                                   "-pie",
                                   "--gc-sections",
                                   "--as-needed",
                                   "--eh-frame-hdr",
                                   "-dynamic-linker",
                                   "/lib64/ld-linux-x86-64.so.2",
                                   "-o",
                                   path.str(),
                                   start,
                                   findFile("crti.o", libraries),
                                   gcc + "/crtbeginS.o",
                                   input.path.str().str()};
  for (const std::string &directory : options.libraryPaths)
    command.push_back("-L" + directory);
  for (const std::string &directory : libraries)
    command.push_back("-L" + directory);
  for (const std::string &library : options.libraries)
    command.push_back("-l" + library);
  command.insert(command.end(), {runtime, gcc + "/libstdc++.a", "-lm", "-lc", gcc + "/libgcc.a", gcc + "/libgcc_eh.a",
                                 "-lc", gcc + "/crtendS.o", findFile("crtn.o", libraries)});
  std::vector<StringRef> arguments(command.begin(), command.end());
  return runTool(linker, arguments, fault);
}

std::string awg::assemblePTX(StringRef text, StringRef chip, std::string &fault) {
  std::string ptxas = findTool({"ptxas"}, {"/usr/local/cuda/bin", "/usr/lib/nvidia-cuda-toolkit/bin"});
  if (ptxas.empty()) {
    fault = "--emit=cubin needs ptxas, which is not installed (it comes with NVIDIA's CUDA toolkit)";
    return {};
  }
  TemporaryFile input("ptx"), output("cubin");
  if (!input.write(text)) {
    fault = "cannot write a temporary file: " + input.error.message();
    return {};
  }
  std::string arch = "-arch=" + chip.str();
  runTool(ptxas, {ptxas, arch, "-o", output.path, input.path}, fault);
  return output.read();
}
