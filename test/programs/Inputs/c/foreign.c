// Functions of C for extern.awg.
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int64_t c_add(int64_t a, int64_t b) { return a + b; }
int8_t c_negate(int8_t x) { return (int8_t)-x; }
uint16_t c_wrap(uint16_t x) { return (uint16_t)(x + 1); }
bool c_is_even(int32_t x) { return x % 2 == 0; }
float c_half(float x) { return x / 2; }
double c_mean(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += x[i];
  return sum / (double)n;
}
void c_scale(float factor, float *y, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows * columns; ++i)
    y[i] *= factor;
}
int64_t c_length(const char *text) { return (int64_t)strlen(text); }
const char *c_greeting(bool isLate) { return isLate ? "good evening" : "good morning"; }
int64_t c_dot3(const int64_t *a, const int64_t *b, int64_t n, const int64_t *c, int64_t m) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + n * m + c[0];
}
int64_t c_nanoseconds(int64_t duration) { return duration; }
