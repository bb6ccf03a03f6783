// Failures: their making, their chain of awaits and how they are printed.
#include "async/Error.h"

#include "async/Sync.h"
#include "std/Format.h"
#include "std/Print.h"
#include "std/Str.h"
#include "std/Text.h"

#include <cstdlib>

struct awgrt_error {
  awgrt_str *message;
  uint64_t stamp;
  awgrt_place place; ///< `file` is null where there is none
  bool cancellation;
  uint32_t awaitCount;
  uint32_t awaitCapacity;
  awgrt_place *awaits; ///< innermost first
  awgrt_error *notes;  ///< owned: failures that are reported with this one, the first to happen first, linked by `next`
  awgrt_error *next;
  uint32_t noteCount;  ///< of which those beyond the first `keptNotes` are only counted
};

namespace awg::rt {

namespace {

/// Of a longer chain, the ends are printed.
constexpr uint32_t printedFirst = 24, printedLast = 8;

/// Failures that are kept with the one that is reported.
constexpr uint32_t keptNotes = 4;

awgrt_error *create(const awgrt_place *place, awgrt_str *message, bool cancellation) {
  auto *error = static_cast<awgrt_error *>(allocate(sizeof(awgrt_error)));
  *error = {message, 0, place ? *place : awgrt_place{nullptr, "", 0, 0, nullptr, nullptr}, cancellation, 0, 0, nullptr, nullptr, nullptr, 0};
  return error;
}

void appendPlace(Text &out, const awgrt_place &place) {
  out.add(place.file).add(':').addUnsigned(place.line).add(':').addUnsigned(place.column);
}

void appendLine(Text &out, const char *start, const awgrt_place &place) {
  if (!place.file)
    return;
  out.add(start).add(' ');
  appendPlace(out, place);
  if (place.function && place.function[0])
    out.add(" in ").add(place.function);
  out.add('\n');
}

/// Puts `note` among those of `error` by the order in which they happened; it takes it over.
void insertNote(awgrt_error *error, awgrt_error *note) {
  ++error->noteCount;
  awgrt_error **at = &error->notes;
  uint32_t position = 0;
  for (; *at && (*at)->stamp <= note->stamp; at = &(*at)->next)
    ++position;
  note->next = *at;
  *at = note;
  for (; *at && position < keptNotes; at = &(*at)->next)
    ++position;
  awgrt_error_release(*at); // at most one is too many
  *at = nullptr;
}

void appendNotes(Text &out, const awgrt_error *error) {
  uint32_t left = error->noteCount;
  for (const awgrt_error *note = error->notes; note; note = note->next, --left) {
    out.add("  also failed: ").add(note->message->bytes, size_t(note->message->length)).add('\n');
    appendLine(out, "    at", note->place);
  }
  if (left > 0)
    out.add("  and ").addUnsigned(left).add(left == 1 ? " more failure\n" : " more failures\n");
}

} // namespace

awgrt_error *createError(const awgrt_place *place, const Text &message) {
  return create(place, message.toStr(), /*cancellation=*/false);
}

awgrt_error *createCancellation(const awgrt_place *place) {
  return create(place, createStr("cancelled", 9), /*cancellation=*/true);
}

void stampError(awgrt_error *error, uint64_t stamp) { error->stamp = stamp; }

uint64_t stampOf(const awgrt_error *error) { return error->stamp; }

void addAwait(awgrt_error *error, const awgrt_place *place) {
  if (error->awaitCount == error->awaitCapacity) {
    error->awaitCapacity = error->awaitCapacity ? 2 * error->awaitCapacity : 4;
    void *grown = realloc(error->awaits, error->awaitCapacity * sizeof(awgrt_place));
    if (!grown)
      fatal("out of memory");
    error->awaits = static_cast<awgrt_place *>(grown);
  }
  error->awaits[error->awaitCount++] = *place;
}

void noteFailure(awgrt_error *error, awgrt_error *other) {
  if (!other)
    return;
  error->noteCount += other->noteCount;
  while (awgrt_error *note = other->notes) {
    other->notes = note->next;
    --error->noteCount;
    insertNote(error, note);
  }
  if (other->cancellation) {
    awgrt_error_release(other);
    return;
  }
  free(other->awaits);
  other->awaits = nullptr;
  other->awaitCount = other->awaitCapacity = other->noteCount = 0;
  insertNote(error, other);
}

} // namespace awg::rt

using namespace awg::rt;

awgrt_error *awgrt_error_create(const awgrt_site *site, const uint64_t *args) {
  Text message;
  formatTo(message, site->format, site->kinds, site->count, args);
  return createError(&site->place, message);
}

awgrt_error *awgrt_error_from_str(const awgrt_place *place, awgrt_str *message) {
  return create(place, message ? awgrt_str_retain(message) : createStr("", 0), /*cancellation=*/false);
}

void awgrt_error_release(awgrt_error *error) {
  if (!error)
    return;
  while (awgrt_error *note = error->notes) {
    error->notes = note->next;
    awgrt_error_release(note);
  }
  awgrt_str_release(error->message);
  free(error->awaits);
  free(error);
}

int32_t awgrt_error_is_cancellation(const awgrt_error *error) { return error->cancellation; }

awgrt_str *awgrt_error_message(const awgrt_error *error) { return awgrt_str_retain(error->message); }

awgrt_str *awgrt_error_place(const awgrt_error *error) {
  Text text;
  if (error->place.file)
    appendPlace(text, error->place);
  return text.toStr();
}

void awgrt_error_print(const awgrt_error *error) {
  Text out;
  out.add("error: ").add(error->message->bytes, size_t(error->message->length)).add('\n');
  appendLine(out, "  at", error->place);
  uint32_t count = error->awaitCount;
  for (uint32_t i = 0; i < count; ++i) {
    if (i == printedFirst && count > printedFirst + printedLast) {
      uint32_t left = count - printedFirst - printedLast;
      out.add("  ... ").addUnsigned(left).add(" more awaits\n");
      i += left;
    }
    appendLine(out, "  awaited at", error->awaits[i]);
  }
  appendNotes(out, error);
  writeStream(2, out.data(), out.size());
}
