// Places in the source, failures, and strings.
#ifndef AWG_RT_VALUES_H
#define AWG_RT_VALUES_H

#include "awg/rt/base.h"

AWGRT_BEGIN

//===-- Places and failures -----------------------------------------------------------------------------------------===//

/// A place in the source. Static data of the compiled program.
typedef struct awgrt_place {
  const char *file;     ///< as given to the compiler
  const char *function; ///< the enclosing item, e.g. `brew_coffee` or `test "sums"`; "" if none
  uint32_t line;        ///< from 1
  uint32_t column;      ///< from 1
  const char *name;     ///< of a task: what is started there, e.g. `brew_coffee`, `async`, `sleep`; else null
  const struct awgrt_place *caller; ///< where the function was called, if it was put in place of the call; else null
} awgrt_place;

/// What a value in a format's argument list is. The same numbers are an array's element kind.
typedef enum awgrt_kind {
  AWGRT_BOOL = 0,
  AWGRT_I8, AWGRT_I16, AWGRT_I32, AWGRT_I64,
  AWGRT_U8, AWGRT_U16, AWGRT_U32, AWGRT_U64,
  AWGRT_F16, AWGRT_BF16, AWGRT_F32, AWGRT_F64,
  AWGRT_STR,        ///< an awgrt_str *, printed bare
  AWGRT_QUOTED_STR, ///< an awgrt_str *, printed in quotes with escapes (inside an aggregate)
  AWGRT_DURATION,   ///< i64 nanoseconds
  AWGRT_ARRAY,      ///< an awgrt_array *, printed `[1, 2]`, nested by extent
  AWGRT_TASK,       ///< an awgrt_task * (element kind of an array of futures; never printed)
  AWGRT_CSTR,       ///< a const char *, printed bare
  AWGRT_TEXT,       ///< an awgrt_str *, printed bare inside an aggregate too
  AWGRT_CHAN,       ///< an awgrt_chan * (never printed)
  AWGRT_DEVICE      ///< an i64, the number of a device
} awgrt_kind;

/// A text with holes and where it stands: what a rejection says. Static data of the compiled program.
///
/// `format` is UTF-8 with holes `{}` or `{:FORMAT}` (FORMAT as in the language: width, `.precision`, `<`, `>`, `x`,
/// `e`); `{{` and `}}` stand for the braces themselves. Hole k prints argument k, of kind `kinds[k]`. An argument is
/// 8 bytes: integers and bool extended by their own signedness to 64 bits, f16/bf16/f32/f64 as their bit pattern in
/// the low bits, pointers as they are.
typedef struct awgrt_site {
  awgrt_place place;
  const char *format;
  const uint8_t *kinds;
  uint32_t count;
} awgrt_site;

/// A new failure that says `site` with `args` filled in (formatted at once; `args` are borrowed).
awgrt_error *awgrt_error_create(const awgrt_site *site, const uint64_t *args);
/// A new failure that says `message` (borrowed).
awgrt_error *awgrt_error_from_str(const awgrt_place *place, awgrt_str *message);
/// Frees a failure; null is allowed.
void awgrt_error_release(awgrt_error *error);
/// 1 if the failure is a cancellation, which `catch` must pass on.
int32_t awgrt_error_is_cancellation(const awgrt_error *error);
/// The message, as a new string.
awgrt_str *awgrt_error_message(const awgrt_error *error);
/// `file:line:col` of where it arose, as a new string.
awgrt_str *awgrt_error_place(const awgrt_error *error);
/// Prints `error: message`, the place, the chain of awaits and what failed with it to standard error. Does not free it.
void awgrt_error_print(const awgrt_error *error);

//===-- Strings: immutable UTF-8, reference counted -----------------------------------------------------------------===//

/// The layout is known to compiled code, which emits literals as static data with `references` < 0 (never freed).
struct awgrt_str {
  int64_t references;
  int64_t length; ///< bytes, without the closing NUL
  char bytes[];   ///< `length` bytes and a NUL
};

awgrt_str *awgrt_str_retain(awgrt_str *text);
/// A new string of a text that ends with NUL; null is the empty one.
awgrt_str *awgrt_str_from_c(const char *text);
void awgrt_str_release(awgrt_str *text); ///< null is allowed
/// A new string: `format` with `args` filled in, by the rules of awgrt_site.
awgrt_str *awgrt_str_format(const char *format, const uint8_t *kinds, uint32_t count, const uint64_t *args);
awgrt_str *awgrt_str_concat(const awgrt_str *left, const awgrt_str *right);
/// Below 0, 0 or above 0, by bytes.
int32_t awgrt_str_compare(const awgrt_str *left, const awgrt_str *right);
/// Writes the text and a newline to standard output, as one write (so that two tasks' lines never mix).
void awgrt_print(const awgrt_str *text);
void awgrt_eprint(const awgrt_str *text);

AWGRT_END

#endif // AWG_RT_VALUES_H
