// Arrays and strings on their way to and from functions of C.
#include "awg/awgrt.h"

#include "async/Sync.h"
#include "memory/Buffer.h"
#include "memory/Elements.h"
#include "memory/View.h"
#include "std/Str.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace awg::rt;

awgrt_array *awgrt_array_wrap(void *elements, int32_t kind, int32_t rank, int64_t e0, int64_t e1, int64_t e2, int64_t e3,
                              int64_t e4, int64_t e5, int64_t e6, int64_t e7) {
  const int64_t extents[AWGRT_MAX_RANK] = {e0, e1, e2, e3, e4, e5, e6, e7};
  const int64_t none[AWGRT_MAX_RANK] = {};
  awgrt_array *array = nullptr;
  if (awgrt_array_create_uninit(nullptr, kind, rank, none, &array))
    fatal("out of memory");
  awgrt_array_data(array, /*write=*/1); // no longer fresh
  array->data = elements;
  array->owner = array; // what is assigned to it goes to the caller's elements
  int64_t stride = 1;
  for (int32_t d = rank; d-- > 0;) {
    array->extents[d] = std::max<int64_t>(extents[d], 0);
    array->strides[d] = stride;
    stride *= array->extents[d];
  }
  bufferOf(*array).base = static_cast<char *>(elements);
  bufferOf(*array).bytes = bytesOf(*array);
  return array;
}

void awgrt_array_unwrap(awgrt_array *array, void *elements) {
  if (awgrt_array_data(array, /*write=*/0) != elements)
    memcpy(elements, PackedElements(*array).data(), size_t(bytesOf(*array)));
}

void *awgrt_array_lend(awgrt_array *array, int32_t write) {
  void *data = awgrt_array_data(array, write);
  if (isContiguous(*array))
    return data;
  void *copy = allocate(std::max<size_t>(size_t(bytesOf(*array)), 64), 64);
  packElements(*array, copy);
  return copy;
}

void awgrt_array_take_back(awgrt_array *array, void *elements, int32_t write) {
  if (isContiguous(*array))
    return;
  if (write)
    unpackElements(*array, elements);
  free(elements);
}

awgrt_str *awgrt_str_from_c(const char *text) { return createStr(text ? text : "", text ? strlen(text) : 0); }
