// Modules that are refused, with the line, and hostile ones.
#include "Emulator.h"

using namespace emutest;
using namespace awg::cuda;

namespace {
TEST(Module, MistakesAreReportedWithTheirLine) {
  struct Case {
    const char *text, *message;
  };
  for (Case c :
       {Case{".visible .entry k() { frob.u32 %r; }", "'frob.u32' is not supported"},
        {".visible .entry k() { .reg .b32 %r; add.u32 %r, %r, %q; }", "unknown register '%q'"},
        {".visible .entry k() { .reg .b64 %d; .reg .b32 %r; add.u32 %r, %r, %d; }", "has 64 bits, not 32"},
        {".visible .entry k() { bra NOWHERE; }", "unknown label 'NOWHERE'"},
        {".visible .entry k() { .reg .b32 %r; add.u32 %r, %r; }", "has 2 operands, not 3"},
        {".visible .entry k() { .reg .b32 %r; add.rn.u32 %r, %r, %r; }", "unknown modifier '.rn'"},
        {".visible .entry k() { .shared .b8 s[50000]; .reg .b32 %r; mov.u32 %r, s; }", "50000 bytes of shared memory"},
        {".visible .entry k() { ld.global.u32 %r, [nothing]; }", "unknown name 'nothing'"},
        {".visible .entry k() { .reg .b32 %r<262143>, %q<2>; ret; }", "too many registers"},
        {".global .u32 x[2] = {1, 2, 3};", "more initial values"},
        {".param .b64 y; .param .b64 x = y;", "a variable of this space has no initial value"},
        {".visible .entry k() { ret; } .visible .entry k() { ret; }", "defined twice"},
        {".visible .entry k() { ret;", "the end of the text"},
        {".func f(); .visible .entry k() { call f; }", "declared but not defined"}}) {
    Program program(module(c.text));
    EXPECT_EQ(program.result, Result::InvalidPTX) << c.text;
    EXPECT_NE(std::string(program.log).find(c.message), std::string::npos) << program.log;
    EXPECT_NE(std::string(program.log).find("line 4"), std::string::npos) << program.log;
  }
  EXPECT_EQ(Program("").result, Result::InvalidPTX);
  EXPECT_EQ(Program("\177ELF").result, Result::NoBinaryForGPU);
  EXPECT_EQ(Program(".version 8.5\n.target sm_120\n.address_size 64\n").result, Result::NoBinaryForGPU);
}

TEST(Module, HostileTextsAreRefused) {
  // What is nested without end is refused, and does not overflow the stack.
  const std::string deep(100000, '('), braces(100000, '{'), minus(100000, '-'), not_(100000, '!');
  for (const std::string &text :
       {".global .u32 x[" + deep, ".global .u32 x[1] = " + braces, ".global .u32 x[" + minus,
        ".visible .entry k() { .reg .pred %p; @%p mov.pred %p, " + not_,
        ".visible .entry k() { mov.u32 " + braces}) {
    Program program(module(text));
    EXPECT_EQ(program.result, Result::InvalidPTX);
    EXPECT_NE(std::string(program.log).find("nested too deeply"), std::string::npos) << program.log;
  }
  for (const char *text : {".global .b8 x[1099511627776][1099511627776];",
                           ".visible .entry k(.param .b8 p[4294967296]) { ret; }",
                           ".visible .entry k() { .reg .b32 %a<1000000>; .reg .b32 %b<1000000>; ret; }"}) {
    Program program(module(text));
    EXPECT_EQ(program.result, Result::InvalidPTX) << text;
  }
  // A chain of calls is of any length.
  std::string chain = ".shared .b32 s[4]; .func f0() { .reg .b32 %r; mov.u32 %r, s; ret; }\n";
  for (int i = 1; i < 2000; ++i)
    chain += ".func f" + std::to_string(i) + "() { call f" + std::to_string(i - 1) + "; ret; }\n";
  EXPECT_EQ(Program(module(chain + ".visible .entry k() { call f1999; ret; }")).result, Result::Success);
}
} // namespace
