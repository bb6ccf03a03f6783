// Arrays and the memory of their elements.
//
// A small array is one piece of malloc memory: its record, then its elements. The elements of a large one are pages of
// their own, aligned and advised so that the system may back them with huge pages.
#include "awg/awgrt.h"

#include "async/Error.h"
#include "async/Sync.h"
#include "memory/Buffer.h"
#include "memory/Elements.h"
#include "memory/Pages.h"
#include "memory/View.h"
#include "std/Text.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

namespace awg::rt {

namespace {

constexpr size_t alignment = 64;
constexpr int64_t largeBytes = int64_t(1) << 20;

/// An array's record, and what it points to.
struct alignas(alignment) ArrayRecord {
  awgrt_array array;
  Buffer buffer;
};

size_t roundUp(size_t size, size_t to) { return (size + to - 1) & ~(to - 1); }

awgrt_error *outOfMemory(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents) {
  Text message;
  message.add("out of memory: ").add(kindName(kind)).add('[');
  for (int32_t d = 0; d < rank; ++d)
    message.add(d ? ", " : "").addSigned(extents[d]);
  message.add(']');
  for (int32_t d = 0; d < rank; ++d)
    if (extents[d] < 0) {
      message.add(" has a negative extent");
      return createError(place, message);
    }
  int64_t bytes;
  if (countBytes(kind, rank, extents, bytes))
    message.add(" takes ").addSigned(bytes).add(" bytes");
  else
    message.add(" is too large");
  return createError(place, message);
}

bool isOnHost(const awgrt_array &array, bool write) {
  HostState allowed = write ? HostState::Owned : HostState::Shared;
  return bufferOf(array).host.load(std::memory_order_acquire) <= allowed;
}

bool holdsPointers(int32_t kind) { return kind >= AWGRT_STR; }

awgrt_error *create(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents, bool zero,
                    awgrt_array **outArray) {
  int64_t bytes;
  if (!countBytes(kind, rank, extents, bytes) || bytes > INT64_MAX / 2)
    return outOfMemory(place, kind, rank, extents);
  bool large = bytes >= largeBytes;
  size_t elements = std::max<size_t>(roundUp(size_t(bytes), alignment), alignment);
  auto *record = new (allocate(sizeof(ArrayRecord) + (large ? 0 : elements), alignment)) ArrayRecord;
  record->buffer.pages = {};
  bool needsZero = zero || holdsPointers(kind); // pointers must be valid or null at any time
  void *data = large ? takePages(elements, needsZero, record->buffer.pages) : record + 1;
  if (!data) {
    free(record);
    return outOfMemory(place, kind, rank, extents);
  }
  if (!large && needsZero)
    memset(data, 0, elements);
  record->buffer.base = static_cast<char *>(data);
  record->buffer.bytes = bytes;
  record->buffer.host.store(HostState::Owned, std::memory_order_relaxed);
  record->buffer.residency.store(nullptr, std::memory_order_relaxed);
  awgrt_array &array = record->array;
  array.data = data;
  array.rank = rank;
  array.kind = kind;
  array.buffer = &record->buffer;
  array.owner = nullptr;
  int64_t stride = 1;
  for (int32_t d = AWGRT_MAX_RANK; d-- > 0;) {
    array.extents[d] = d < rank ? extents[d] : 0;
    array.strides[d] = stride;
    if (d < rank && __builtin_mul_overflow(stride, extents[d], &stride))
      stride = 0; // only beside an extent of 0
  }
  *outArray = &array;
  return nullptr;
}

/// Says of a new array that its elements need not be brought anywhere until somebody has touched them.
awgrt_error *markFresh(awgrt_error *error, awgrt_array *array, bool isZero) {
  if (error || holdsPointers(array->kind))
    return error;
  Buffer &buffer = bufferOf(*array);
  buffer.isZero = isZero;
  buffer.host.store(HostState::Fresh, std::memory_order_relaxed);
  return nullptr;
}

template <typename T> void fillAs(awgrt_array &array, uint64_t value) {
  std::fill_n(static_cast<T *>(array.data), elementCount(array), static_cast<T>(value));
}

bool holdsStrings(const awgrt_array &array) {
  return array.kind == AWGRT_STR || array.kind == AWGRT_QUOTED_STR || array.kind == AWGRT_TEXT;
}

/// Elements with several owners each: strings or channels.
bool holdsShared(const awgrt_array &array) { return holdsStrings(array) || array.kind == AWGRT_CHAN; }

void releaseArrays(awgrt_array &array) {
  auto **elements = static_cast<awgrt_array **>(array.data);
  for (int64_t i = 0, count = elementCount(array); i < count; ++i)
    awgrt_array_release(elements[i]);
}

/// Replaces the elements, which another array owns, by copies. What is not copied becomes null.
awgrt_error *copyArrays(const awgrt_place *place, awgrt_array &array) {
  auto **elements = static_cast<awgrt_array **>(array.data);
  awgrt_error *error = nullptr;
  for (int64_t i = 0, count = elementCount(array); i < count; ++i) {
    awgrt_array *copy = nullptr;
    if (elements[i] && !error)
      error = awgrt_array_copy(place, elements[i], &copy);
    elements[i] = copy;
  }
  return error;
}

void releaseShared(awgrt_array &array) {
  auto **elements = static_cast<void **>(array.data);
  bool isText = holdsStrings(array);
  for (int64_t i = 0, count = elementCount(array); i < count; ++i)
    if (isText)
      awgrt_str_release(static_cast<awgrt_str *>(elements[i]));
    else
      awgrt_chan_release(static_cast<awgrt_chan *>(elements[i]));
}

void retainShared(awgrt_array &array) {
  auto **elements = static_cast<void **>(array.data);
  bool isText = holdsStrings(array);
  for (int64_t i = 0, count = elementCount(array); i < count; ++i)
    if (elements[i] && isText)
      awgrt_str_retain(static_cast<awgrt_str *>(elements[i]));
    else if (elements[i])
      awgrt_chan_retain(static_cast<awgrt_chan *>(elements[i]));
}

} // namespace

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_array_create(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                awgrt_array **out_array) {
  return markFresh(create(place, kind, rank, extents, /*zero=*/true, out_array), *out_array, /*isZero=*/true);
}

awgrt_error *awgrt_array_create_uninit(const awgrt_place *place, int32_t kind, int32_t rank, const int64_t *extents,
                                       awgrt_array **out_array) {
  return markFresh(create(place, kind, rank, extents, /*zero=*/false, out_array), *out_array, /*isZero=*/false);
}

awgrt_error *awgrt_array_copy(const awgrt_place *place, awgrt_array *source, awgrt_array **out_array) {
  awgrt_error *error = awgrt_array_reach(place, source, 0);
  if (!error)
    error = create(place, source->kind, source->rank, source->extents, /*zero=*/false, out_array);
  if (error)
    return error;
  packElements(*source, (*out_array)->data);
  if (holdsShared(*source))
    retainShared(**out_array);
  if (source->kind != AWGRT_ARRAY)
    return nullptr;
  error = copyArrays(place, **out_array);
  if (error)
    awgrt_array_release(*out_array);
  return error;
}

void awgrt_array_release(awgrt_array *array) {
  if (!array)
    return;
  if (array->owner) { // a view
    free(array);
    return;
  }
  if (holdsShared(*array))
    releaseShared(*array);
  if (array->kind == AWGRT_ARRAY)
    releaseArrays(*array);
  Buffer &buffer = bufferOf(*array);
  if (buffer.residency.load(std::memory_order_acquire))
    dropResidency(buffer);
  if (buffer.pages.begin)
    givePages(buffer.pages);
  free(array);
}

void *awgrt_array_data(awgrt_array *array, int32_t write) {
  if (!isOnHost(*array, write) && !bringToHost(*array, write)) [[unlikely]] {
    awgrt_error_print(awgrt_array_lost(nullptr, array));
    _exit(1);
  }
  return array->data;
}

void *awgrt_array_find(awgrt_array *array, int32_t write) {
  return isOnHost(*array, write) || bringToHost(*array, write) ? array->data : nullptr;
}

void *awgrt_array_bring(awgrt_array *array, int32_t write) {
  if (!isOnHost(*array, write)) [[unlikely]]
    bringToHost(*array, write);
  return array->data;
}

awgrt_error *awgrt_array_reach(const awgrt_place *place, awgrt_array *array, int32_t write) {
  bool isThere = !array || isOnHost(*array, write) || bringToHost(*array, write); // null: moved
  return isThere ? nullptr : awgrt_array_lost(place, array);
}

void awgrt_array_fill(awgrt_array *array, uint64_t value) {
  awgrt_array_data(array, /*write=*/1);
  if (holdsShared(*array)) {
    releaseShared(*array);
    fillAs<uint64_t>(*array, value);
    retainShared(*array);
    return;
  }
  switch (elementSize(array->kind)) {
  case 1:
    return fillAs<uint8_t>(*array, value);
  case 2:
    return fillAs<uint16_t>(*array, value);
  case 4:
    return fillAs<uint32_t>(*array, value);
  default:
    return fillAs<uint64_t>(*array, value);
  }
}

awgrt_error *awgrt_bytes(const awgrt_place *place, const awgrt_str *text, awgrt_array **out_array) {
  int64_t length = text ? text->length : 0;
  if (awgrt_error *error = create(place, AWGRT_U8, 1, &length, /*zero=*/false, out_array))
    return error;
  if (length)
    memcpy((*out_array)->data, text->bytes, size_t(length));
  return nullptr;
}
