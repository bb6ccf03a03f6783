// Runs one instruction on many operands and compares it with a function of the host, bit by bit.
#ifndef AWG_TEST_UNIT_EMULATOR_INSTRUCTION_H
#define AWG_TEST_UNIT_EMULATOR_INSTRUCTION_H

#include "Emulator.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace emutest {

/// Integers around the ends and around the widths of words.
template <class T> std::vector<T> edges() {
  if constexpr (std::is_floating_point_v<T>) {
    using L = std::numeric_limits<T>;
    std::vector<T> values = {0,
                             1,
                             T(0.5),
                             T(1.5),
                             T(2.5),
                             T(3.14159265358979),
                             L::min(),
                             L::max(),
                             L::denorm_min(),
                             L::min() / 2,
                             L::infinity(),
                             T(1e10),
                             T(1e-10),
                             T(123456),
                             L::epsilon(),
                             1 + L::epsilon(),
                             T(2147483648.0),
                             T(0.1),
                             T(65504),
                             T(0.33333334)};
    for (size_t i = 0, n = values.size(); i < n; ++i)
      values.push_back(-values[i]);
    values.push_back(L::quiet_NaN());
    return values;
  } else {
    using L = std::numeric_limits<T>;
    std::vector<T> values = {0,
                             1,
                             2,
                             3,
                             5,
                             7,
                             8,
                             15,
                             16,
                             17,
                             31,
                             32,
                             33,
                             63,
                             64,
                             100,
                             T(-1),
                             T(-2),
                             T(-7),
                             T(-32),
                             L::max(),
                             L::min(),
                             T(L::max() - 1),
                             T(L::min() + 1),
                             T(0x1234567890abcdefull),
                             T(0xfedcba9876543210ull),
                             T(0x55555555aaaaaaaaull),
                             T(0x80008000),
                             T(0x7fff)};
    return values;
  }
}

inline std::string registerType(size_t size) { return size == 8 ? ".b64" : size == 4 ? ".b32" : ".b16"; }

/// Bits of a value; all NaNs are one.
template <class T> uint64_t bitsOf(T value) {
  if constexpr (std::is_floating_point_v<T>)
    if (value != value)
      return ~uint64_t{0};
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

/// Runs `text`, which computes %d from %a, %b and %c (with %p, %q, %x, %y, %z free to use), for each index of the
/// operands.
template <class D, class A, class B, class C>
std::vector<D> run(const std::string &text, const std::vector<A> &a, const std::vector<B> &b, const std::vector<C> &c) {
  auto load = [](const char *name, size_t size) {
    return "  ld.param.u64 %base, [" + std::string(name) + "];\n  mad.wide.u32 %base, %index, " + std::to_string(size) +
           ", %base;\n  ld.global" + registerType(size) + " %" + name + ", [%base];\n";
  };
  std::string body =
      ".visible .entry k(.param .u64 d, .param .u64 a, .param .u64 b, .param .u64 c, .param .u32 n)\n{\n"
      "  .reg .pred %p, %q, %out; .reg .b32 %index, %n, %x, %y, %z; .reg .b64 %base, %wide;\n  .reg " +
      registerType(sizeof(D)) + " %d; .reg " + registerType(sizeof(A)) + " %a; .reg " + registerType(sizeof(B)) +
      " %b; .reg " + registerType(sizeof(C)) +
      " %c;\n  mov.u32 %index, %ctaid.x;\n  mov.u32 %x, %ntid.x;\n  mov.u32 %y, %tid.x;\n"
      "  mad.lo.u32 %index, %index, %x, %y;\n  ld.param.u32 %n, [n];\n  setp.ge.u32 %out, %index, %n;\n  @%out ret;\n";
  body += load("a", sizeof(A)) + load("b", sizeof(B)) + load("c", sizeof(C));
  body += "  " + text + "\n  ld.param.u64 %base, [d];\n  mad.wide.u32 %base, %index, " + std::to_string(sizeof(D)) +
          ", %base;\n  st.global" + registerType(sizeof(D)) + " [%base], %d;\n  ret;\n}\n";
  Program program(module(body));
  EXPECT_EQ(program.result, Result::Success) << program.log;
  if (program.result != Result::Success)
    return std::vector<D>(a.size());
  Buffer<A> onA(a);
  Buffer<B> onB(b);
  Buffer<C> onC(c);
  Buffer<D> onD(a.size());
  EXPECT_EQ(launch(program.function("k"), (a.size() + 63) / 64, 64, 0, onD.address, onA.address, onB.address,
                   onC.address, uint32_t(a.size())),
            Result::Success)
      << awgemu_last_report();
  return onD.read();
}

/// Compares on all combinations of the edges of A and B, with C going round its own.
template <class D, class A, class B, class C, class F> void check3(const std::string &text, F expected) {
  std::vector<A> a;
  std::vector<B> b;
  std::vector<C> c;
  std::vector<C> cs = edges<C>();
  size_t k = 0;
  for (A x : edges<A>())
    for (B y : edges<B>())
      for (int round = 0; round < 3; ++round)
        a.push_back(x), b.push_back(y), c.push_back(cs[k++ % cs.size()]);
  std::vector<D> d = run<D>(text, a, b, c);
  for (size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(bitsOf(d[i]), bitsOf(D(expected(a[i], b[i], c[i]))))
        << text << " of " << +a[i] << ", " << +b[i] << ", " << +c[i] << " gives " << +d[i];
}
template <class D, class A, class B = A, class F> void check2(const std::string &text, F expected) {
  check3<D, A, B, uint32_t>(text, [&](A a, B b, uint32_t) { return expected(a, b); });
}
template <class D, class A, class F> void check1(const std::string &text, F expected) {
  std::vector<A> a = edges<A>();
  std::vector<D> d = run<D>(text, a, a, a);
  for (size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(bitsOf(d[i]), bitsOf(D(expected(a[i])))) << text << " of " << +a[i] << " gives " << +d[i];
}

} // namespace emutest

#endif // AWG_TEST_UNIT_EMULATOR_INSTRUCTION_H
