// Links of several PTX texts: what is shared, what is not, and what is wrong with them.
#include "Emulator.h"

#include <cstdio>
#include <cstring>
#include <fstream>

using namespace emutest;
using namespace awg::cuda;

namespace {
constexpr int ptx = 1; // CU_JIT_INPUT_PTX

/// A link and what it says.
struct Linker {
  Link handle = nullptr;
  char log[4096] = "";

  Linker() {
    device();
    JITOption options[] = {JITOption::ErrorLogBuffer, JITOption::ErrorLogBufferSizeBytes};
    void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
    EXPECT_EQ(cuLinkCreate_v2(2, options, values, &handle), Result::Success);
  }
  Linker(const Linker &) = delete;
  ~Linker() {
    if (handle)
      EXPECT_EQ(cuLinkDestroy(handle), Result::Success);
  }
  Result add(const std::string &text, const char *name) {
    std::string copy = text; // what is given need not last
    return cuLinkAddData_v2(handle, ptx, copy.data(), copy.size() + 1, name, 0, nullptr, nullptr);
  }
  Result complete(void **image) {
    size_t size = 0;
    Result result = cuLinkComplete(handle, image, &size);
    if (result == Result::Success)
      EXPECT_GT(size, 0u);
    return result;
  }
};

/// Both have a function, a variable and a file 1 of their own by the same name.
const char *const mainUnit = R"(.file 1 "main.cu"
.extern .func (.param .b32 r) scale(.param .b32 x);
.extern .global .align 4 .b32 offset;
.global .align 4 .b32 own = 1000;
.func (.param .b32 r) helper(.param .b32 x) { .reg .b32 %x; ld.param.b32 %x, [x]; add.u32 %x, %x, 1; st.param.b32 [r], %x; ret; }
.visible .entry k(.param .u64 out) {
  .reg .b32 %x, %y; .reg .b64 %o;
  ld.param.u64 %o, [out]; mov.u32 %x, %tid.x;
  { .param .b32 p; st.param.b32 [p], %x; .param .b32 q; call.uni (q), helper, (p); ld.param.b32 %x, [q]; }
  { .param .b32 p; st.param.b32 [p], %x; .param .b32 q; call.uni (q), scale, (p); ld.param.b32 %x, [q]; }
  ld.global.b32 %y, [offset]; add.u32 %x, %x, %y; ld.global.b32 %y, [own]; add.u32 %x, %x, %y;
  mov.u32 %y, %tid.x; mad.wide.u32 %o, %y, 4, %o; st.global.b32 [%o], %x; ret; }
)";
const char *const otherUnit = R"(.file 1 "scale.cu"
.visible .global .align 4 .b32 offset = 7;
.global .align 4 .b32 own = 3;
.func (.param .b32 r) helper(.param .b32 x) { .reg .b32 %x; .reg .b64 %a; ld.param.b32 %x, [x];
  .loc 1 31 1
  ld.global.b32 %x, [own]; st.param.b32 [r], %x; ret; }
.visible .func (.param .b32 r) scale(.param .b32 x) { .reg .b32 %x, %y; .reg .b64 %a; .reg .pred %p;
  ld.param.b32 %x, [x]; { .param .b32 q; call.uni (q), helper, (x); ld.param.b32 %y, [q]; }
  setp.eq.u32 %p, %x, 999; mov.u64 %a, 0;
  .loc 1 42 1
  @%p st.global.b32 [%a], %x;
  mul.lo.u32 %x, %x, %y; st.param.b32 [r], %x; ret; }
)";

TEST(Links, ShareWhatIsVisibleAlone) {
  Linker linker;
  ASSERT_EQ(linker.add(module(mainUnit), "main.ptx"), Result::Success) << linker.log;
  ASSERT_EQ(linker.add(module(otherUnit), "scale.ptx"), Result::Success) << linker.log;
  void *image = nullptr;
  ASSERT_EQ(linker.complete(&image), Result::Success) << linker.log;
  Program program(static_cast<const char *>(image));
  ASSERT_EQ(program.result, Result::Success) << program.log;
  Buffer<uint32_t> out(4);
  ASSERT_EQ(launch(program.function("k"), 1, 4, 0, out.address), Result::Success) << awgemu_last_report();
  EXPECT_EQ(out.read(), (std::vector<uint32_t>{1010, 1013, 1016, 1019})); // (t + 1) * 3 + 7 + 1000
  Address address = 0;
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, program.handle, "offset"), Result::Success);
  EXPECT_EQ(cuModuleGetGlobal_v2(&address, nullptr, program.handle, "own"), Result::NotFound);
}

TEST(Links, TakeTheirPartsInAnyOrder) {
  Linker linker;
  ASSERT_EQ(linker.add(module(otherUnit), nullptr), Result::Success) << linker.log;
  ASSERT_EQ(linker.add(module(mainUnit), nullptr), Result::Success) << linker.log;
  void *image = nullptr;
  ASSERT_EQ(linker.complete(&image), Result::Success) << linker.log;
  Program program(static_cast<const char *>(image));
  Buffer<uint32_t> out(1);
  ASSERT_EQ(launch(program.function("k"), 1, 1, 0, out.address), Result::Success) << awgemu_last_report();
  EXPECT_EQ(out.read(), std::vector<uint32_t>(1, 1010));
}

TEST(Links, FaultsAreInTheirUnits) {
  Linker linker;
  ASSERT_EQ(linker.add(module(mainUnit), "main.ptx"), Result::Success);
  ASSERT_EQ(linker.add(module(otherUnit), "scale.ptx"), Result::Success);
  void *image = nullptr;
  ASSERT_EQ(linker.complete(&image), Result::Success) << linker.log;
  Program program(static_cast<const char *>(image));
  Address out = 0;
  ASSERT_EQ(cuMemAlloc_v2(&out, 8192), Result::Success);
  EXPECT_EQ(launch(program.function("k"), 1, 1024, 0, out), Result::IllegalAddress);
  std::string report = awgemu_last_report();
  EXPECT_NE(report.find("at scale.cu:42 (PTX line 14 of scale.ptx: @%p st.global.b32 [%a], %x;)"), std::string::npos) << report;
  EXPECT_NE(report.find("in function 'scale'"), std::string::npos) << report;
  EXPECT_NE(report.find("thread (998, 0, 0)"), std::string::npos) << report;
  program.handle = nullptr;
  EXPECT_EQ(cuDevicePrimaryCtxReset_v2(0), Result::Success);
}

TEST(Links, WeakOnesGiveWay) {
  const std::string weak = ".weak .func (.param .b32 r) f() { .reg .b32 %x; mov.u32 %x, 1; st.param.b32 [r], %x; ret; }\n"
                           ".weak .global .align 4 .b32 v = 10;\n";
  const std::string strong = ".visible .func (.param .b32 r) f() { .reg .b32 %x; mov.u32 %x, 2; st.param.b32 [r], %x; ret; }\n"
                             ".visible .global .align 4 .b32 v = 20;\n";
  const std::string kernel = ".visible .entry k(.param .u64 out) { .reg .b32 %x, %y; .reg .b64 %o; ld.param.u64 %o, [out];\n"
                             " { .param .b32 q; call.uni (q), f; ld.param.b32 %x, [q]; } ld.global.b32 %y, [v];\n"
                             " add.u32 %x, %x, %y; st.global.b32 [%o], %x; ret; }\n";
  for (bool isFirst : {false, true}) {
    Linker linker;
    ASSERT_EQ(linker.add(module(isFirst ? strong : weak + kernel), "a"), Result::Success) << linker.log;
    ASSERT_EQ(linker.add(module(isFirst ? weak + kernel : strong), "b"), Result::Success) << linker.log;
    ASSERT_EQ(linker.add(module(weak), "c"), Result::Success) << linker.log;
    void *image = nullptr;
    ASSERT_EQ(linker.complete(&image), Result::Success) << linker.log;
    Program program(static_cast<const char *>(image));
    Buffer<uint32_t> out(1);
    ASSERT_EQ(launch(program.function("k"), 1, 1, 0, out.address), Result::Success) << awgemu_last_report();
    EXPECT_EQ(out.read(), std::vector<uint32_t>(1, 22));
  }
}

TEST(Links, FromFiles) {
  std::string path = testing::TempDir() + "awgemu-link-" + std::to_string(reinterpret_cast<uintptr_t>(&path)) + ".ptx";
  std::ofstream(path) << module(".visible .entry k() { ret; }\n");
  Linker linker;
  EXPECT_EQ(cuLinkAddFile_v2(linker.handle, ptx, path.c_str(), 0, nullptr, nullptr), Result::Success) << linker.log;
  EXPECT_EQ(std::remove(path.c_str()), 0);
  EXPECT_EQ(int(cuLinkAddFile_v2(linker.handle, ptx, path.c_str(), 0, nullptr, nullptr)), 301); // CUDA_ERROR_FILE_NOT_FOUND
  void *image = nullptr;
  EXPECT_EQ(linker.complete(&image), Result::Success) << linker.log;
  EXPECT_EQ(Program(static_cast<const char *>(image)).result, Result::Success);
}

/// What is wrong is said with the line of the text that it is in.
TEST(Links, Mistakes) {
  void *image = nullptr;
  auto expectLog = [](Linker &linker, Result result, const char *text) {
    EXPECT_EQ(result, Result::InvalidPTX);
    EXPECT_STREQ(linker.log, text);
  };
  {
    Linker linker;
    expectLog(linker, linker.add(module(".visible .entry k() {"), "a"), "ptx, line 4: error: expected an instruction, found the end of the text");
    ASSERT_EQ(linker.add(module("\n.visible .entry k() { frob.u32 1; }"), "b"), Result::Success);
    EXPECT_EQ(linker.complete(&image), Result::InvalidPTX);
    EXPECT_NE(std::strstr(linker.log, "ptx, line 5 of b: error: the instruction 'frob.u32' is not supported"), nullptr) << linker.log;
  }
  {
    Linker linker;
    ASSERT_EQ(linker.add(module(".visible .entry j() { ret; }"), "first"), Result::Success);
    ASSERT_EQ(linker.add(module(".extern .func f();\n.visible .entry k() {\n call f; ret; }"), "second"), Result::Success);
    expectLog(linker, linker.complete(&image),
              "ptx, line 6 of second: error: the function 'f' is declared but not defined (in 'k')");
  }
  {
    Linker linker;
    ASSERT_EQ(linker.add(module("\n.extern .global .align 4 .b32 v;\n"), "a\"b"), Result::Success);
    expectLog(linker, linker.complete(&image), "ptx, line 5 of a_b: error: the variable 'v' is declared but not defined");
  }
  for (const char *twice : {".visible .func f() { ret; }", ".visible .global .b32 f;"}) {
    Linker linker;
    ASSERT_EQ(linker.add(module(twice), "a"), Result::Success);
    ASSERT_EQ(linker.add(module(twice), "b"), Result::Success);
    EXPECT_EQ(linker.complete(&image), Result::InvalidPTX);
    EXPECT_NE(std::strstr(linker.log, "line 4 of b: error: the "), nullptr) << linker.log;
    EXPECT_NE(std::strstr(linker.log, "'f' is defined twice"), nullptr) << linker.log;
  }
  {
    // What is a unit's own is not what another asks for.
    Linker linker;
    ASSERT_EQ(linker.add(module(".func f() { ret; }"), "a"), Result::Success);
    ASSERT_EQ(linker.add(module(".extern .func f(); .visible .entry k() { call f; ret; }"), "b"), Result::Success);
    EXPECT_EQ(linker.complete(&image), Result::InvalidPTX);
  }
  {
    Linker linker;
    ASSERT_EQ(linker.add(module(".extern .func f(); .visible .entry k() { call f; ret; }"), "a"), Result::Success);
    ASSERT_EQ(linker.add(module(".func f() { ret; }"), "b"), Result::Success);
    EXPECT_EQ(linker.complete(&image), Result::InvalidPTX);
  }
}

TEST(Links, RefuseWhatIsNoPtxAndWrongUses) {
  void *image = nullptr;
  Linker linker;
  char elf[] = "\177ELF";
  EXPECT_EQ(linker.complete(&image), Result::InvalidValue); // of nothing
  EXPECT_EQ(cuLinkAddData_v2(linker.handle, 0, elf, sizeof elf, "a", 0, nullptr, nullptr), Result::NoBinaryForGPU);
  EXPECT_STREQ(linker.log, "the emulator links PTX alone");
  EXPECT_EQ(cuLinkAddData_v2(linker.handle, ptx, nullptr, 0, "a", 0, nullptr, nullptr), Result::InvalidValue);
  EXPECT_EQ(linker.add(".version 8.5\n.target sm_120\n.address_size 64\n", "a"), Result::NoBinaryForGPU);
  ASSERT_EQ(linker.add(module(".visible .entry k() { ret; }"), "a"), Result::Success);
  EXPECT_EQ(cuLinkComplete(linker.handle, nullptr, nullptr), Result::InvalidValue);
  EXPECT_EQ(linker.complete(&image), Result::Success);
  EXPECT_EQ(linker.add(module(".visible .entry j() { ret; }"), "b"), Result::InvalidValue); // too late
  Link gone = linker.handle;
  EXPECT_EQ(cuLinkDestroy(gone), Result::Success);
  linker.handle = nullptr;
  EXPECT_EQ(cuLinkDestroy(gone), Result::InvalidHandle);
  EXPECT_EQ(cuLinkComplete(gone, &image, nullptr), Result::InvalidHandle);
  EXPECT_EQ(cuLinkDestroy(nullptr), Result::InvalidValue);
  void *function = nullptr;
  EXPECT_EQ(cuGetProcAddress_v2("cuLinkAddData", &function, 12000, 0, nullptr), Result::Success);
  EXPECT_EQ(function, reinterpret_cast<void *>(&cuLinkAddData_v2));
}
} // namespace
