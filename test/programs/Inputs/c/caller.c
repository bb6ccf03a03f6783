// Calls what export.awg exports.
#include "exported.h"

#include <stdio.h>
#include <string.h>

static void tell(awgrt_error *error) {
  if (!error) {
    puts("no failure");
    return;
  }
  awgrt_str *message = awgrt_error_message(error), *place = awgrt_error_place(error);
  const char *file = strrchr(place->bytes, '/');
  printf("%s at %s\n", message->bytes, file ? file + 1 : place->bytes);
  awgrt_str_release(message);
  awgrt_str_release(place);
  awgrt_error_release(error);
}

int main(void) {
  printf("%lld %d %d\n", (long long)add(2, 40), is_even(-8), (int)narrow(300));
  int64_t quotient = -1;
  tell(divide(7, 2, &quotient));
  printf("%lld\n", (long long)quotient);
  tell(divide(7, 0, &quotient));

  float x[7] = {0, 1, 2, 3, 4, 5, 6}, y[6] = {0};
  tell(saxpy(2.0f, x + 1, 6, y, 6));
  for (int i = 0; i < 6; ++i)
    printf("%g ", y[i]);
  puts("");
  tell(saxpy(2.0f, x, 7, y, 6));
  _Alignas(64) float aligned[4] = {1, 2, 3, 4};
  tell(saxpy(1.0f, x, 4, aligned, 4));
  printf("%g %g %g %g\n", aligned[0], aligned[1], aligned[2], aligned[3]);

  awgrt_array *squares = NULL;
  tell(make_squares(5, &squares));
  const int64_t *elements = awgrt_array_data(squares, 0);
  printf("%lld:", (long long)squares->extents[0]);
  for (int i = 0; i < 5; ++i)
    printf(" %lld", (long long)elements[i]);
  puts("");
  awgrt_array_release(squares);
  tell(make_squares(-1, &squares));

  awgrt_str *text = NULL;
  tell(greet("Ada", &text));
  puts(text->bytes);
  awgrt_str_release(text);

  double total = 0, matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
  tell(total_later(&matrix[0][0], 2, 20000000, &total));
  printf("%g\n", total);
  tell(total_later(&matrix[0][0], 0, 0, &total));
  int64_t counts[4] = {0};
  tell(count_later(counts, 4, "abcab"));
  printf("%lld %lld %lld %lld\n", (long long)counts[0], (long long)counts[1], (long long)counts[2], (long long)counts[3]);
  tell(replace_later(counts, 4));
  printf("%lld\n", (long long)counts[3]);
  return 0;
}
