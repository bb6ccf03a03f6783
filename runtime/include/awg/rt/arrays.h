// Arrays and views.
#ifndef AWG_RT_ARRAYS_H
#define AWG_RT_ARRAYS_H

#include "awg/rt/values.h"

AWGRT_BEGIN

/// The largest rank of an array.
#define AWGRT_MAX_RANK 8

/// An array: row-major, owned by one variable of the program. The layout is known to compiled code.
struct awgrt_array {
  void *data;                       ///< host address of element 0, aligned to 64 bytes; valid after awgrt_array_data
  int64_t extents[AWGRT_MAX_RANK];  ///< the first `rank` count
  int32_t rank;
  int32_t kind;                     ///< awgrt_kind of the elements
  void *buffer;                     ///< the runtime's record of where the elements are valid; begins with an int32_t that is 0 if
                                    ///< the host may read and write them as they are, 1 if it may read them, else more
  int64_t strides[AWGRT_MAX_RANK];  ///< elements from one index of a dimension to the next
  awgrt_array *owner;               ///< of a view: the array whose elements these are; else null
};

/// Creates an array of zeros. `out_array` gets it. A negative extent or too large a size rejects at `place`
/// (`out of memory: ...`).
awgrt_error *awgrt_array_create(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                awgrt_array **out_array);
/// The same without setting the elements.
awgrt_error *awgrt_array_create_uninit(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                       awgrt_array **out_array);
awgrt_error *awgrt_array_copy(const awgrt_place *place, awgrt_array *source, awgrt_array **out_array);
/// Frees the array and its elements (strings are released); null is allowed.
void awgrt_array_release(awgrt_array *array);
/// Makes the elements valid on the host, for reading or for writing too, and returns `data`. If they were lost with a GPU, the
/// process ends.
void *awgrt_array_data(awgrt_array *array, int32_t write);
/// Likewise, but gives the failure if the elements were lost with a GPU. `data` is valid after it. `array` may be null.
awgrt_error *awgrt_array_reach(const awgrt_place *place, awgrt_array *array, int32_t write);
/// Likewise, but gives null if the elements were lost.
void *awgrt_array_find(awgrt_array *array, int32_t write);
/// Likewise, but returns `data` though the elements were lost: for what is not used before awgrt_array_reach has been asked.
void *awgrt_array_bring(awgrt_array *array, int32_t write);
/// The failure that says why awgrt_array_find gave null.
awgrt_error *awgrt_array_lost(const awgrt_place *place, awgrt_array *array);
/// Sets every element to the low bytes of `value`.
void awgrt_array_fill(awgrt_array *array, uint64_t value);
/// A new view of a part of an array, to be released before its owner is: of each dimension `lengths[d]` indices from
/// `begins[d]` on, which must be in range, or the one index `begins[d]`, without the dimension, if the length is -1.
awgrt_array *awgrt_array_view(awgrt_array *array, const int64_t *begins, const int64_t *lengths);
/// A new array of other extents with the same elements in row-major order. Rejects at `place` if it would have more or fewer
/// (`extents differ: ...`).
awgrt_error *awgrt_array_reshape(const awgrt_place *place, awgrt_array *source, int32_t rank, const int64_t *extents,
                                 awgrt_array **out_array);
/// `out_array` gets what stands for `old` once it is assigned `value`: `value`, and `old` is freed; or, if `old` is a view, `old`
/// with the elements of `value`, which is freed. Rejects at `place` if that has other extents (`extents differ: 4 and 3`), and
/// then leaves both.
awgrt_error *awgrt_array_replace(const awgrt_place *place, awgrt_array *old, awgrt_array *value,
                                 awgrt_array **out_array);
/// An array of the caller's elements, row-major, which it does not own: a view. An extent below 0 counts as 0. Freed with
/// awgrt_array_release.
awgrt_array *awgrt_array_wrap(void *elements, int32_t kind, int32_t rank, int64_t e0, int64_t e1, int64_t e2, int64_t e3,
                              int64_t e4, int64_t e5, int64_t e6, int64_t e7);
/// Puts an array's elements where the caller has them, if they are elsewhere.
void awgrt_array_unwrap(awgrt_array *array, void *elements);
/// The elements for a function of C, row-major: where they are, or copies of those of a view.
void *awgrt_array_lend(awgrt_array *array, int32_t write);
/// Ends that: copies are put back, if they were lent for writing, and freed.
void awgrt_array_take_back(awgrt_array *array, void *elements, int32_t write);
/// The text's bytes as a new u8 array.
awgrt_error *awgrt_bytes(const awgrt_place *place, const awgrt_str *text, awgrt_array **out_array);

AWGRT_END

#endif // AWG_RT_ARRAYS_H
