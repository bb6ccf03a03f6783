// The flow-sensitive checks: builds the graph of each body, solves it, and reports event by event.
#include "frontend/Check/Flow.h"
#include "frontend/Check/FlowBuilder.h"
#include "frontend/Check/FlowFacts.h"
#include "frontend/Check/FlowLive.h"
#include "frontend/Check/Lending.h"

namespace awg {

namespace flow {
namespace {

StringRef participle(How how) {
  switch (how) {
  case How::Awaited:
    return "awaited";
  case How::Cancelled:
    return "cancelled";
  case How::Captured:
    return "taken by a task";
  case How::Caught:
    return "used up in the `try`";
  default:
    return "moved";
  }
}

StringRef leaving(How how) {
  switch (how) {
  case How::Return:
    return "this `return` leaves it unused";
  case How::Break:
    return "this `break` leaves it unused";
  case How::Continue:
    return "this `continue` leaves it unused";
  default:
    return "its scope ends here";
  }
}

/// Reports what is wrong with the moves and futures of one solved graph.
class Reporter {
public:
  Reporter(const Graph &graph, const Facts &facts, DiagEngine &diags) : graph(graph), facts(facts), diags(diags) {}

  void run() {
    State state, nothing;
    Liveness liveness(graph);
    for (unsigned index : facts.reached()) {
      state = facts.before(index);
      std::vector<State> live = liveness.after(index);
      for (auto [number, event] : llvm::enumerate(graph.blocks[index].events)) {
        check(event, state);
        checkLending(event, graph, facts, state, live.empty() ? nothing : live[number], diags);
        facts.apply(event, state);
      }
    }
  }

private:
  void check(const Event &event, const State &state) {
    switch (event.kind) {
    case Event::Move:
      checkOwner(event);
      return checkUsed(event, state);
    case Event::Read:
    case Event::Write:
    case Event::Lend:
      return checkUsed(event, state);
    case Event::Assign:
      if (event.partSlot != none)
        return checkUsed(event, state);
      return checkDropped(event, state);
    case Event::EndScope:
      return checkUnused(event, state);
    default:
      return;
    }
  }

  const VarDecl *varOf(const Event &event) const { return graph.slots[event.slot].var; }
  static std::string sourceOf(const Event &event) {
    return std::string(event.range.Start.getPointer(), event.range.End.getPointer());
  }
  std::string nameOf(const Event &event) const { return ("`" + varOf(event)->name + "`").str(); }

  /// Only an owner may give an array away.
  void checkOwner(const Event &event) {
    Slot::Ownership ownership = graph.slots[event.slot].ownership;
    if (ownership == Slot::Owned)
      return;
    std::string name = nameOf(event);
    bool isParam = ownership == Slot::LentByCaller, isTask = ownership == Slot::LentToTask;
    bool isPattern = ownership == Slot::LentToPattern;
    DiagBuilder report =
        diags.error(DiagKind::UseAfterMove, event.range,
                    name + (isParam  ? " is only lent to this function, so it cannot be moved: the caller goes on using it"
                            : isTask ? " is only lent to this task, so it cannot be moved"
                            : isPattern ? " is lent by what its pattern takes apart, so it cannot be moved"
                                     : " is only lent to this loop, so it cannot be moved"));
    report.note(varOf(event)->loc, name + " is declared here");
    std::string other;
    const auto *function = isParam ? static_cast<const FnDecl *>(varOf(event)->owner) : nullptr;
    if (function && function->name != "main" && !function->isExport)
      other = ", or take the parameter as `move " + varOf(event)->name.str() + "`";
    else if (isTask && event.partSlot == none)
      other = ", or give the array to the task with `move` before an argument inside it";
    report.help("move a copy" + other);
    report.fixValue(event.range, "copy(" + sourceOf(event) + ")");
  }

  /// The first move, of the whole or of a part that the event touches, that may have come before.
  int findUse(const Event &event, const State &state) const {
    int fact = Facts::first(state, facts.used(event.slot));
    if (fact != -1 || event.kind == Event::Assign) // a part that was moved may be assigned
      return fact;
    PartRange touched = event.partSlot == none ? event.part : graph.slots[event.partSlot].range;
    for (SlotId part : graph.slots[event.slot].parts)
      if (fact == -1 && graph.slots[part].range.meets(touched))
        fact = Facts::first(state, facts.used(part));
    return fact;
  }

  /// One report for each move: its first wrong use.
  void checkUsed(const Event &event, const State &state) {
    int fact = findUse(event, state);
    if (fact == -1 || !reported.insert(fact).second)
      return;
    const Event &use = facts.event(fact);
    std::string name = nameOf(event);
    bool isLoop = &use == &event;
    DiagBuilder report = diags.error(DiagKind::UseAfterMove, event.range,
                                     isLoop ? name + " was " + participle(use.how) + " in an earlier iteration of the loop"
                                            : name + " is used after it was " + participle(use.how));
    if (isLoop)
      report.note(varOf(event)->loc, name + " is declared here, outside the loop");
    else
      report.note(use.range.Start, name + " is " + participle(use.how) + " here");
    addRemedy(report, use);
  }

  void addRemedy(DiagBuilder &report, const Event &use) {
    if (graph.slots[use.slot].holdsFuture) {
      report.help(use.how == How::Caught ? "a future that the `try` may have used is joined as its `catch` is entered"
                                         : "a future is used exactly once: keep the value that its `await` gave");
      return;
    }
    std::string copy = "copy(" + (use.partSlot == none ? varOf(use)->name.str() : sourceOf(use)) + ")";
    report.help("to keep the array, give away `" + copy + "`");
    if (use.how == How::Moved)
      report.fixValue(use.range, copy);
  }

  void checkDropped(const Event &event, const State &state) {
    int fact = Facts::first(state, facts.unused(event.slot));
    if (fact == -1)
      return;
    reported.insert(fact);
    std::string name = nameOf(event);
    DiagBuilder report = diags.error(DiagKind::UnusedFuture, event.range,
                                     "assigning to " + name + " drops the unused future that it may still hold");
    const Event &bound = facts.event(fact);
    if (&bound != &event)
      report.note(bound.range.Start, name + " gets that future here");
    report.help("`await " + varOf(event)->name + "` or `cancel " + varOf(event)->name + ";` before");
  }

  void checkUnused(const Event &event, const State &state) {
    for (int fact = Facts::first(state, facts.unused(event.slot)); fact != -1;
         fact = state.find_first_in(fact + 1, facts.unused(event.slot).end)) {
      if (!reported.insert(fact).second)
        continue;
      StringRef name = varOf(event)->name;
      diags
          .error(DiagKind::UnusedFuture, facts.event(fact).range,
                 "the future `" + name + "` may reach the end of its scope unused")
          .note(event.range.Start, leaving(event.how))
          .help("`await " + name + "` or `cancel " + name + ";` on every path");
    }
  }

  const Graph &graph;
  const Facts &facts;
  DiagEngine &diags;
  llvm::DenseSet<unsigned> reported;
};

} // namespace
} // namespace flow

/// Builds, solves and reports one body; adds the tasks in it to `tasks`.
template <typename Body>
static void checkBody(const Body &body, llvm::SmallVectorImpl<flow::Task> &tasks, DiagEngine &diags) {
  flow::Builder builder(diags);
  flow::Graph graph = builder.build(body);
  flow::Facts facts(graph);
  flow::Reporter(graph, facts, diags).run();
  tasks.append(builder.tasks);
}

void checkFlow(const FnDecl &function, DiagEngine &diags) {
  llvm::SmallVector<flow::Task> tasks;
  checkBody(function, tasks, diags);
  while (!tasks.empty())
    checkBody(tasks.pop_back_val(), tasks, diags);
}

} // namespace awg
