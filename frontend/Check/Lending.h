// The lending rules: what a running task was lent is left alone until the task is joined.
#ifndef AWG_FRONTEND_CHECK_LENDING_H
#define AWG_FRONTEND_CHECK_LENDING_H

#include "frontend/Check/FlowFacts.h"
#include "frontend/Diag/Diag.h"

namespace awg::flow {

/// `live`: the slots in use after the event; a view lends its owner as long as it is one of them.
/// Reports `use-while-lent` if the event touches what a task that may run in `state` reads or writes, or ends a variable
/// before a task that it is lent to. To be called before the event is applied to the state.
void checkLending(const Event &event, const Graph &graph, const Facts &facts, const State &state, const State &live,
                  DiagEngine &diags);

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_LENDING_H
