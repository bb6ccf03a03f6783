// The compiler as a library: from source text to IR, objects, executables, or a program in this process.
#ifndef AWG_DRIVER_COMPILER_H
#define AWG_DRIVER_COMPILER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>
#include <vector>

struct awgrt_error;

namespace awg {

/// What a compilation can be asked for, in the order of the way down.
enum class Emit { Tokens, AST, Awg, Async, LLVM, LLVMIR, PTX, Cubin, Assembly, Object, Header, Graph, Executable };

/// A place in a source file, counted from 1; `file` empty: unknown.
struct FoundPlace {
  std::string message, file;
  unsigned line = 0, column = 0;
};

/// What was found wrong as a program ran, and notes on it.
struct Found {
  FoundPlace at;
  std::vector<FoundPlace> notes;
};

struct CompilerOptions {
  unsigned optLevel = 2;       ///< 0 to 3
  bool boundsChecks = true;    ///< check subscripts that are not proved to be in range
  bool gpu = true;             ///< make PTX for kernels
  bool tests = false;          ///< compile the tests too
  bool explainKernels = false; ///< for Compiler::explain: what kernels compile to
  bool explainAwaits = false;  ///< likewise: how awaits are done
  bool native = false;         ///< code for this machine alone, as for a program that runs at once
#ifdef NDEBUG
  bool verifyIR = false; ///< check the IR after each pass: finds faults of the compiler itself
#else
  bool verifyIR = true;
#endif
  bool debugInfo = false;                ///< line tables, for debuggers and profilers
  bool jsonDiagnostics = false;          ///< one JSON object a line instead of text
  std::string chip = "sm_80";            ///< the least GPU that PTX is for
  std::vector<std::string> libraryPaths; ///< `-L`
  std::vector<std::string> libraries;    ///< `-l`: linked, or loaded by a program that runs at once
};

/// A compiled program in this process. Not thread-safe; the functions that it gives are.
class JITProgram {
public:
  ~JITProgram();
  JITProgram(JITProgram &&);

  /// Generates the code of the program's main now rather than when it runs; false if there is none.
  bool prepare();
  /// Runs the program's main and gives its exit code.
  int run(const std::vector<std::string> &arguments);
  /// Runs the test of that position in Compiler::tests and gives its exit code; what it rejects with is printed to
  /// standard error. Once a process.
  int runTest(size_t position);

  /// The result of a function that may reject; `error` is null or owned by the caller (awgrt_error_release).
  template <typename R> struct Result {
    awgrt_error *error;
    R value;
  };
  /// The address of a `pub` or `export` plain function with scalar parameters and result, or null if there is none. Its
  /// C type is `R (P...)`, or `Result<R> (P...)` if it may reject (see mayReject). Valid as long as the program.
  void *lookup(llvm::StringRef function);
  bool mayReject(llvm::StringRef function) const;

  struct Impl;
  explicit JITProgram(std::unique_ptr<Impl> impl);

private:
  std::unique_ptr<Impl> impl;
};

/// A `test` of a program.
struct TestCase {
  std::string name;
  unsigned line;
};

/// One compilation of one program. Each method does what is still missing before it; a failed one returns false (or
/// null) and leaves diagnostics. Not thread-safe; several compilers may be used at once.
class Compiler {
public:
  explicit Compiler(CompilerOptions options = {});
  ~Compiler();

  /// Reads a file, or takes a text under a name that stands in diagnostics.
  bool loadFile(llvm::StringRef path);
  bool loadText(llvm::StringRef name, llvm::StringRef text);

  /// Parses and checks. A program needs a main function; a library, a file that exports something, does not.
  bool check();
  /// Parses, and gives the text in its canonical layout (see frontend/Format).
  bool format(std::string &out);
  /// The text as read; empty if there is none.
  llvm::StringRef text() const;
  /// The text with the fixes of its diagnostics applied.
  std::string fixed() const;
  /// Parses, and gives the program's tests as written; none after errors.
  std::vector<TestCase> tests();
  /// Writes what `emit` names: text, or an object's bytes. Not for Executable.
  bool emit(Emit emit, llvm::raw_pwrite_stream &out);
  /// Says what kernels compile to on a CPU (lanes, tiles, how each access reaches memory, checks), or by what mechanism awaits are
  /// done, as the options ask.
  bool explain(llvm::raw_ostream &out);
  /// Compiles and links to an executable file.
  bool emitExecutable(llvm::StringRef path);
  /// Compiles into this process. `needsMain` as above.
  std::unique_ptr<JITProgram> compile(bool needsMain = false);

  /// Enters what was found as the program ran, as an error of the kind `sanitizer`.
  void add(const Found &found);

  /// Prints what was found, also faults of linking.
  void printDiagnostics(llvm::raw_ostream &out) const;
  bool hasErrors() const;
  /// True if something failed that is the compiler's own fault; it was printed to standard error.
  bool isInternalFault() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace awg

#endif // AWG_DRIVER_COMPILER_H
