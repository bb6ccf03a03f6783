// A C++ program with the Awg compiler inside: compiles a text in memory and calls its functions.
#include "driver/Compiler.h"

#include <awg/awgrt.h>

#include <cstdio>

static constexpr const char *source = R"(
pub fn horner(x: f64) -> f64 { return (2.0 * x - 1.0) * x + 0.5; }
pub fn divide(a: i64, b: i64) -> i64 { return a / b; }
)";

int main() {
  awg::Compiler compiler;
  compiler.loadText("functions.awg", source);
  std::unique_ptr<awg::JITProgram> program = compiler.compile();
  if (!program) {
    compiler.printDiagnostics(llvm::errs());
    return 1;
  }

  // A function that cannot reject is an ordinary C function.
  auto *horner = reinterpret_cast<double (*)(double)>(program->lookup("horner"));
  std::printf("%g\n", horner(3.0));

  // One that can gives its failure too.
  using Quotient = awg::JITProgram::Result<int64_t>;
  auto *divide = reinterpret_cast<Quotient (*)(int64_t, int64_t)>(program->lookup("divide"));
  Quotient quotient = divide(7, 0);
  if (quotient.error)
    awgrt_error_print(quotient.error);
  awgrt_error_release(quotient.error);
  return quotient.error ? 0 : 1;
}
