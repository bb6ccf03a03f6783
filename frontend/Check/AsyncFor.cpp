// `async for`: what it runs over, its limit, and its body, which is a task an iteration.
#include "frontend/Check/Checker.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace awg;

void Checker::checkAsyncFor(AsyncForStmt *stmt) {
  bool isRefused = refuseWaiting(stmt->range.Start, "async for");
  llvm::SaveAndRestore quiet(isQuiet, isQuiet || isRefused);
  markMayFail();
  const Type *item = checkIterable(stmt->iterable);
  if (stmt->limit)
    checkInteger(stmt->limit, "the limit of an `async for`");

  Body iteration{Body::AsyncFor, stmt, body->function, /*canAwait=*/!onDevice(), body->side};
  iteration.outer = body;
  iteration.returnType = types.unit;
  body = &iteration;
  {
    Scope scope(*this);
    bindItem(stmt->pattern, item, stmt->iterable);
    expectNoValue(stmt->body, "the body of `async for`");
  }
  body = iteration.outer;
  stmt->captures = captures(iteration, stmt->body);
}
