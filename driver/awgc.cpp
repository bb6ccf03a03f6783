// awgc: the command.
#include "driver/Compiler.h"
#include "driver/Sanitize.h"
#include "driver/StandardLibrary.h"
#include "driver/Test.h"
#include "driver/Tools.h"
#include "awg/awgrt.h"
#include "frontend/Diag/Diag.h"
#include "frontend/Diag/Nearest.h"
#include "lowering/Pipelines.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <new>
#include <thread>
#include <unistd.h>

using namespace awg;

static constexpr int exitFailure = 1, exitUsage = 2, exitFault = 70;

namespace {
/// What the command line says.
struct Command {
  CompilerOptions compiler;
  std::string file, output, emit = "exe", target = "host", diagnostics = "text", kind, filter;
  std::vector<std::string> arguments, paths;
  bool checkOnly = false, fix = false, sanitize = false;
};
} // namespace

/// Prints what was found; gives the exit code of a compilation that failed.
static int report(const Compiler &compiler) {
  llvm::outs().flush();
  compiler.printDiagnostics(llvm::errs());
  if (!compiler.isInternalFault())
    return exitFailure;
  llvm::errs() << "error: this is a fault of awgc itself, not of the program. Please report it with the program, the "
                  "command line and the lines above.\n";
  return exitFault;
}

static const std::map<std::string, Emit> emitKinds = {
    {"tokens", Emit::Tokens}, {"ast", Emit::AST},     {"awg", Emit::Awg},        {"async", Emit::Async},
    {"llvm", Emit::LLVM},     {"llvm-ir", Emit::LLVMIR}, {"ptx", Emit::PTX},     {"cubin", Emit::Cubin},
    {"asm", Emit::Assembly},  {"obj", Emit::Object}, {"header", Emit::Header},
    {"graph", Emit::Graph},   {"exe", Emit::Executable}};

/// Binary output goes to a file named after the source unless -o says otherwise, text to standard output.
static std::string defaultOutput(const Command &command, Emit emit) {
  llvm::StringRef stem = llvm::sys::path::stem(command.file);
  if (emit == Emit::Executable)
    return stem.str();
  if (emit == Emit::Object)
    return stem.str() + ".o";
  if (emit == Emit::Cubin)
    return stem.str() + ".cubin";
  return "-";
}

static int explainCode(Command &command) {
  command.compiler.native = true;
  command.compiler.gpu = false;
  Compiler compiler(command.compiler);
  return compiler.loadFile(command.file) && compiler.explain(llvm::outs()) ? 0 : report(compiler);
}

static int compile(Command &command) {
  if (command.compiler.explainKernels && command.compiler.explainAwaits) {
    llvm::errs() << "error: --explain-kernels and --explain-awaits do not go together\n";
    return exitUsage;
  }
  if (command.compiler.explainKernels || command.compiler.explainAwaits)
    return explainCode(command);
  Emit emit = emitKinds.at(command.emit);
  Compiler compiler(command.compiler);
  if (!compiler.loadFile(command.file))
    return report(compiler);
  std::string output = command.output.empty() ? defaultOutput(command, emit) : command.output;
  if (llvm::sys::fs::equivalent(output, command.file)) {
    llvm::errs() << "error: " << output << " is the program itself: say with -o what to write\n";
    return exitUsage;
  }
  if (emit == Emit::Executable)
    return compiler.emitExecutable(output) ? 0 : report(compiler);
  llvm::SmallVector<char, 0> content;
  llvm::raw_svector_ostream buffer(content);
  bool good = compiler.emit(emit, buffer);
  if (!good && emit != Emit::Tokens)
    return report(compiler);
  if (int code = writeFile(output, buffer.str()))
    return code;
  return good ? 0 : report(compiler);
}

static int run(Command &command) {
  if (std::string problem; command.sanitize && !chooseEmulatedGPUs(problem)) {
    llvm::errs() << "error: " << problem << '\n';
    return exitUsage;
  }
  command.compiler.debugInfo |= command.sanitize;
  command.compiler.native = true;
  command.compiler.gpu = awgrt_needs_gpu_code(getenv("AWG_DEVICES")); // where there is no GPU, PTX would only take time
  Compiler compiler(command.compiler);
  if (!compiler.loadFile(command.file))
    return report(compiler);
  std::unique_ptr<JITProgram> program = compiler.compile(/*needsMain=*/true);
  if (!program)
    return report(compiler);
  std::set_new_handler(nullptr); // a program that needs too much rejects
  std::vector<std::string> arguments{command.file};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  if (!command.sanitize)
    return program->run(arguments);
  int code = runSanitized(compiler, *program, arguments);
  if (compiler.hasErrors())
    report(compiler);
  return code;
}

static int test(Command &command) {
  command.compiler.native = true;
  command.compiler.gpu = awgrt_needs_gpu_code(getenv("AWG_DEVICES"));
  command.compiler.tests = true;
  return runTests(command.file, command.filter, command.compiler, report);
}

static int check(Command &command) {
  if (command.fix)
    return fixFile(command.file, command.compiler, report);
  Compiler compiler(command.compiler);
  return compiler.loadFile(command.file) && compiler.check() ? 0 : report(compiler);
}

static int explain(const Command &command) {
  for (const StandardModule &page : errorPages())
    if (page.name == command.kind + ".md") {
      llvm::outs() << page.text;
      return 0;
    }
  Nearest nearest(command.kind);
  for (const StandardModule &page : errorPages())
    nearest.consider(page.name.drop_back(3));
  llvm::errs() << "error: no diagnostic is of kind '" << command.kind << "'";
  if (!nearest.found().empty())
    llvm::errs() << "; did you mean '" << nearest.found() << "'?";
  llvm::errs() << '\n';
  return exitUsage;
}

static int devices() {
  llvm::outs() << "cpu: " << llvm::sys::getHostCPUName() << ", " << std::thread::hardware_concurrency()
               << " threads\n";
  awgrt_str *gpus = nullptr;
  if (awgrt_error *error = awgrt_gpus_describe(getenv("AWG_DEVICES"), &gpus)) {
    awgrt_error_print(error);
    awgrt_error_release(error);
    return 1;
  }
  llvm::outs() << gpus->bytes;
  awgrt_str_release(gpus);
  return 0;
}

/// Does what the command line asks for, and gives the exit code.
static int carryOut(Command &command, const CLI::App &app) {
  if (app.got_subcommand("run"))
    return run(command);
  if (app.got_subcommand("test"))
    return test(command);
  if (app.got_subcommand("fmt"))
    return formatFiles(command.paths, command.checkOnly, command.compiler, report);
  if (app.got_subcommand("check"))
    return check(command);
  if (app.got_subcommand("explain"))
    return explain(command);
  if (app.got_subcommand("devices"))
    return devices();
  if (command.file.empty()) {
    llvm::errs() << app.help();
    return exitUsage;
  }
  return compile(command);
}

/// Keeps files from taking the places of standard streams that are closed: writing there is to fail.
static void holdStandardStreams() {
  for (int stream : {0, 1, 2})
    if (fcntl(stream, F_GETFD) < 0)
      open("/dev/null", O_RDONLY);
}

/// Ends the compiler where the system has no memory left for it.
[[noreturn]] static void outOfMemory(void *, const char *, bool) {
  static constexpr char message[] = "error: out of memory: awgc was given too little for this program\n";
  (void)!write(2, message, sizeof message - 1);
  _exit(exitFailure);
}

/// The first word behind `from` that is no option, nor the value of one.
static size_t nextWord(llvm::ArrayRef<std::string> words, size_t from) {
  static const llvm::StringRef withValue[] = {"-O", "-l", "-L", "-o", "--emit", "--target", "--diagnostics"};
  while (from < words.size() && llvm::StringRef(words[from]).starts_with("-"))
    from += llvm::is_contained(withValue, words[from]) ? 2 : 1;
  return from;
}

/// What follows the program's name on `run` is the program's own, options included; it is taken away from `words`.
static std::vector<std::string> takeOwn(std::vector<std::string> &words) {
  size_t command = nextWord(words, 0);
  size_t file = command < words.size() && words[command] == "run" ? nextWord(words, command + 1) : words.size();
  if (file >= words.size())
    return {};
  std::vector<std::string> own(words.begin() + file + 1, words.end());
  words.resize(file + 1);
  return own;
}

/// Of a word that was taken for a file and is none.
static void suggestCommand(const CLI::App &app, llvm::StringRef word) {
  if (word.empty() || llvm::sys::fs::exists(word))
    return;
  Nearest nearest(word);
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; }))
    names.push_back(command->get_name());
  for (const std::string &name : names)
    nearest.consider(name);
  if (!nearest.found().empty())
    llvm::errs() << "error: there is no command '" << word << "'; did you mean '" << nearest.found() << "'?\n";
}

int main(int argc, char **argv) {
  holdStandardStreams();
  llvm::install_bad_alloc_error_handler(outOfMemory);
  std::set_new_handler([] { outOfMemory(nullptr, nullptr, false); });
  Command command;
  int optLevel = 2;
  bool noBoundsChecks = false;

  CLI::App app{"awgc compiles Awg programs for CPUs and GPUs"};
  app.set_version_flag("--version", std::string("awgc ") + AWG_VERSION);
  app.require_subcommand(0, 1);
  auto addCommon = [&](CLI::App *to) {
    to->add_option("-O", optLevel, "optimisation level, 0 to 3")->check(CLI::Range(0, 3));
    to->add_flag("-g", command.compiler.debugInfo, "line tables for debuggers and profilers");
    to->add_flag("--no-bounds-checks", noBoundsChecks, "do not check subscripts");
    to->add_flag("--verify-ir", command.compiler.verifyIR)->group(""); // hidden: for tests of the compiler itself
    to->add_option("--diagnostics", command.diagnostics, "text or json")->check(CLI::IsMember({"text", "json"}));
    to->add_option("-l", command.compiler.libraries, "link a library")->allow_extra_args(false);
    to->add_option("-L", command.compiler.libraryPaths, "look for libraries there")->allow_extra_args(false);
  };
  addCommon(&app);
  app.add_option("file", command.file, "the program");
  app.add_option("-o", command.output, "the file to write");
  std::vector<std::string> kinds;
  for (auto &[name, kind] : emitKinds)
    kinds.push_back(name);
  app.add_option("--emit", command.emit, "what to write: " + llvm::join(kinds, " "))->check(CLI::IsMember(kinds));
  app.add_flag("--explain-kernels", command.compiler.explainKernels,
               "say what kernels compile to on this CPU: lanes, tiles, accesses, checks");
  app.add_flag("--explain-awaits", command.compiler.explainAwaits,
               "say by what mechanism each await is done, and why");
  app.add_flag("--native", command.compiler.native, "make code for this machine's processor alone");
  app.add_option("--target", command.target, "host, or the least GPU that kernels are compiled for: sm_80, sm_90, ...");

  CLI::App *runCommand = app.add_subcommand("run", "compile a program and run it");
  addCommon(runCommand);
  runCommand->add_flag("--sanitize", command.sanitize, "run kernels on emulated GPUs that find races, bad accesses and leaks");
  runCommand->add_option("file", command.file, "the program")->required();
  CLI::App *testCommand = app.add_subcommand("test", "run the tests of a file or of all files in a folder");
  addCommon(testCommand);
  testCommand->add_option("--filter", command.filter, "run those tests only whose name holds this text");
  testCommand->add_option("path", command.file, "the file or folder")->required();
  CLI::App *checkCommand = app.add_subcommand("check", "look for errors only");
  addCommon(checkCommand);
  checkCommand->add_option("file", command.file, "the program")->required();
  checkCommand->add_flag("--fix", command.fix, "apply the fixes that the diagnostics offer to the file");
  CLI::App *formatCommand = app.add_subcommand("fmt", "lay out files, or all files in folders, in place");
  formatCommand->add_flag("--check", command.checkOnly, "change nothing: name the files that are not laid out");
  formatCommand->add_option("paths", command.paths, "files and folders; - reads standard input")->required();
  CLI::App *explainCommand = app.add_subcommand("explain", "tell more of a kind of diagnostic");
  explainCommand->add_option("kind", command.kind, "the name in brackets")->required();
  app.add_subcommand("devices", "list this machine's devices");

  std::vector<std::string> words(argv + 1, argv + argc), own = takeOwn(words);
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError &error) {
    suggestCommand(app, command.file);
    return app.exit(error) == 0 ? 0 : exitUsage;
  }
  command.arguments = own;
  command.compiler.optLevel = optLevel;
  command.compiler.boundsChecks = !noBoundsChecks;
  command.compiler.jsonDiagnostics = command.diagnostics == "json";
  if (command.target != "host") {
    if (!lowering::isKnownChip(command.target)) {
      llvm::errs() << "error: --target=" << command.target << ": a target is host, or a GPU from sm_70 on\n";
      return exitUsage;
    }
    command.compiler.chip = command.target;
  }

  return finishOutput(carryOut(command, app));
}
