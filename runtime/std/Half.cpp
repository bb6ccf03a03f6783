// What LLVM calls to move bf16 values where a chip has no instructions for them, and Debian's libgcc does not have.
#include <cstdint>
#include <cstring>

/// To nearest even; a NaN stays one.
extern "C" __attribute__((weak, visibility("default"))) __bf16 __truncsfbf2(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  bool isNaN = value != value;
  uint32_t rounded = isNaN ? (bits >> 16) | 0x40 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  auto half = uint16_t(rounded);
  __bf16 result;
  memcpy(&result, &half, sizeof half);
  return result;
}
