// What a function does beyond giving a value: whether it can run inside an `each`, and whether it may reject. Found in
// the bodies, then carried along the calls.
#include "frontend/Check/Checker.h"

#include "llvm/ADT/DenseSet.h"

using namespace awg;

DiagBuilder Checker::markHostOnly(SMRange range, const Twine &why) {
  FnDecl *function = body->function;
  if (isQuiet || body->side == Side::Host)
    return {};
  if (body->side == Side::Device)
    return diags.error(DiagKind::HostOnly, range, "this " + why + ", which a kernel cannot do");
  if (function->isHostOnly)
    return {};
  function->isHostOnly = true;
  function->hostOnlyWhy = context.string(("it " + why).str());
  info(function).hostOnlyLoc = range.Start;
  return {};
}

void Checker::recordCall(FnDecl *callee, SMLoc loc, Side side) {
  reach(callee);
  info(body->function).calls.push_back({callee, loc});
  if (side == Side::Device)
    deviceCalls.push_back({callee, loc});
}

void Checker::propagateEffects() {
  propagateHostOnly();
  propagateMayFail();
  reportDeviceCalls();
  reportBareEaches();
}

/// Breadth first from what is host-only to its callers, so that each is explained by a shortest chain.
void Checker::propagateHostOnly() {
  llvm::DenseMap<FnDecl *, SmallVector<Call, 2>> callers;
  SmallVector<FnDecl *> reached;
  for (FnDecl *function : program.functions) {
    for (const Call &call : info(function).calls)
      callers[call.callee].push_back({function, call.loc});
    if (function->isHostOnly)
      reached.push_back(function);
  }
  for (size_t next = 0; next < reached.size(); ++next) {
    FnDecl *callee = reached[next];
    for (auto &[caller, loc] : callers[callee]) {
      if (caller->isHostOnly || caller->flavour != FnDecl::Plain)
        continue;
      caller->isHostOnly = true;
      caller->hostOnlyWhy = context.string(("it calls `" + callee->name + "`").str());
      info(caller).hostOnlyLoc = loc;
      info(caller).hostOnlyVia = callee;
      reached.push_back(caller);
    }
  }
}

/// Takes away functions of which all callees are known; those left call each other in a circle and may overflow the
/// stack, which rejects, or call such.
void Checker::propagateMayFail() {
  llvm::DenseMap<FnDecl *, SmallVector<FnDecl *, 2>> callers;
  llvm::DenseMap<FnDecl *, size_t> unknown;
  SmallVector<FnDecl *> known;
  for (FnDecl *function : program.functions) {
    ArrayRef<Call> calls = info(function).calls;
    for (const Call &call : calls)
      callers[call.callee].push_back(function);
    unknown[function] = calls.size();
    if (calls.empty())
      known.push_back(function);
  }
  for (size_t next = 0; next < known.size(); ++next)
    for (FnDecl *caller : callers[known[next]]) {
      caller->mayFail |= known[next]->mayFail;
      if (--unknown[caller] == 0)
        known.push_back(caller);
    }
  for (auto &[function, count] : unknown) {
    function->mayFail |= count > 0;
    // A kernel has no stack: what it calls becomes part of it.
    if (count > 0 && !function->isHostOnly && function->flavour == FnDecl::Plain) {
      function->isHostOnly = true;
      function->hostOnlyWhy = "it calls itself, or a function that does";
      info(function).hostOnlyLoc = function->loc;
    }
  }
}

void Checker::reportDeviceCalls() {
  static constexpr unsigned longestChain = 8;
  for (auto &[callee, loc] : deviceCalls) {
    if (!callee->isHostOnly)
      continue;
    DiagBuilder report =
        diags.error(DiagKind::HostOnly, loc, "`" + callee->name + "` cannot run in a kernel: " + callee->hostOnlyWhy);
    FnDecl *function = callee;
    for (unsigned length = 0; function && length < longestChain; ++length) {
      FnInfo &of = info(function);
      report.note(of.hostOnlyLoc, "`" + function->name + "`: " + function->hostOnlyWhy);
      function = of.hostOnlyVia;
    }
  }
}

void Checker::reportBareEaches() {
  llvm::DenseSet<FnDecl *> inKernels;
  SmallVector<FnDecl *> reached;
  auto add = [&](const Call &call) {
    if (inKernels.insert(call.callee).second)
      reached.push_back(call.callee);
  };
  llvm::for_each(deviceCalls, add);
  for (size_t next = 0; next < reached.size(); ++next)
    llvm::for_each(info(reached[next]).calls, add);

  for (auto &[function, each] : bareEaches)
    if (!inKernels.contains(function))
      reportUnawaited(each, "`" + title(each) + "`", function, /*canAwait=*/false);
}
