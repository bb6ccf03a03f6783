// What happens when every task waits at a channel for another.
#ifndef AWG_RUNTIME_ASYNC_DEADLOCK_H
#define AWG_RUNTIME_ASYNC_DEADLOCK_H

namespace awg::rt {

struct Runtime;

/// No worker has anything to do, nothing outside is pending, and operations wait at channels: ends each run that they belong
/// to, with a failure that says who waits where. Called by a worker while no other runs.
void endDeadlock(Runtime &runtime);

} // namespace awg::rt

#endif // AWG_RUNTIME_ASYNC_DEADLOCK_H
