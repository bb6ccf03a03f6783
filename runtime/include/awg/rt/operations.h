// Operations that the runtime offers, each of which starts and returns its task, and the functions beside them.
#ifndef AWG_RT_OPERATIONS_H
#define AWG_RT_OPERATIONS_H

#include "awg/rt/arrays.h"

AWGRT_BEGIN

/// No result. A negative duration is zero.
awgrt_task *awgrt_sleep(awgrt_task *self, const awgrt_place *place, int64_t nanoseconds);
/// Result: an awgrt_array *, of exactly `kind` and `rank`. `extents[k]` >= 0 asks for that extent, -1 takes any.
awgrt_task *awgrt_read_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int32_t kind, int32_t rank,
                           const int64_t *extents);
/// No result. NumPy format 1.0, C order. The array is lent until the task is done.
awgrt_task *awgrt_write_npy(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array);
/// No result. The array is u8: [height, width] grey, [height, width, 3] RGB or [height, width, 4] RGBA.
awgrt_task *awgrt_write_png(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_array *array);
/// Result: an awgrt_array *, of exactly `kind` (a number, a bool or a str) and `rank` (1: a value a line; 2: lines and
/// columns) from a file of comma-separated values (RFC 4180). `extents` as above. `header_lines` are passed over; below 0:
/// the first line, if none of its cells is a number.
awgrt_task *awgrt_read_csv(awgrt_task *self, const awgrt_place *place, awgrt_str *path, int64_t header_lines,
                           int32_t kind, int32_t rank, const int64_t *extents);
/// Result: an awgrt_str *. Bytes that are not UTF-8 reject.
awgrt_task *awgrt_read_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path);
/// No result.
awgrt_task *awgrt_write_text(awgrt_task *self, const awgrt_place *place, awgrt_str *path, awgrt_str *text);

/// Nanoseconds since the program began.
int64_t awgrt_now(void);
/// The program's arguments after its name, as a new str array (empty outside awgrt_main).
awgrt_array *awgrt_args(void);
/// The value of an environment variable, as a new string; "" if unset.
awgrt_str *awgrt_env(const awgrt_str *name);

/// c = a b of row-major matrices by a vendor's library, with bits of its own. 1 if that was done; 0 if there is none, or it does not
/// take such extents. Array parameters as for any function of C that a program declares: the elements, then each extent.
int32_t awgrt_matmul_f32(const float *a, int64_t m, int64_t k, const float *b, int64_t b_rows, int64_t n, float *c,
                         int64_t c_rows, int64_t c_columns);

AWGRT_END

#endif // AWG_RT_OPERATIONS_H
