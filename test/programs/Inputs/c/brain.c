// Calls what export-bf16.awg exports, and prints bits.
#include "brain.h"

#include <stdio.h>
#include <string.h>

static awg_bf16 fromBits(uint16_t bits) {
  awg_bf16 value;
  memcpy(&value, &bits, sizeof bits);
  return value;
}

static unsigned toBits(awg_bf16 value) {
  uint16_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

int main(void) {
  printf("%x\n", toBits(half(fromBits(0x3fc0)))); // 1.5
  awg_bf16 x[2] = {fromBits(0x3fc0), fromBits(0xbf80)};
  double_all(x, 2);
  printf("%x %x\n", toBits(x[0]), toBits(x[1]));
  return 0;
}
