// Failures: a message, where it arose, and the chain of awaits that passed it on.
#ifndef AWG_RUNTIME_ASYNC_ERROR_H
#define AWG_RUNTIME_ASYNC_ERROR_H

#include "awg/awgrt.h"

namespace awg::rt {

class Text;

/// A new failure that says `message`. `place` may be null.
awgrt_error *createError(const awgrt_place *place, const Text &message);

/// The failure of a task that was asked to stop.
awgrt_error *createCancellation(const awgrt_place *place);

/// Orders failures within a runtime.
void stampError(awgrt_error *error, uint64_t stamp);
uint64_t stampOf(const awgrt_error *error);

/// Has `other` (owned; may be null) reported below `error`, with what was noted on it: it failed too, and nobody else will hear
/// of it. Of a cancellation only the notes count.
void noteFailure(awgrt_error *error, awgrt_error *other);

/// Adds an await at `place` to the end of the chain.
void addAwait(awgrt_error *error, const awgrt_place *place);

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_ERROR_H
