// The lending rules.
#include "frontend/Check/Lending.h"

namespace awg::flow {

namespace {

/// What an event does to a variable, as far as lending goes; `verb` is empty if it does nothing.
struct Access {
  StringRef verb;
  bool isWrite = false;
};

Access accessOf(const Event &event, const Graph &graph) {
  switch (event.kind) {
  case Event::Read:
    return {"used", false};
  case Event::Write:
    return {"written", true};
  case Event::Assign:
    return {"assigned", true};
  case Event::Move:
    return {"moved", true};
  case Event::Lend:
    return graph.lends[event.fact].isMut ? Access{"lent for writing", true} : Access{"lent", false};
  default:
    return {};
  }
}

bool isView(SlotId slot, const Graph &graph) {
  const Slot &of = graph.slots[slot];
  return of.viewOf != none || (of.var && of.var->isView);
}

std::string quoted(const VarDecl *var) { return ("`" + var->name + "`").str(); }

void addAdvice(DiagBuilder &report, const Lend &lend, const VarDecl *var, const VarDecl *holder, bool isSelf) {
  if (lend.kind == LendKind::View) {
    report.note(lend.start.Start, "the view " + quoted(holder) + " is made here")
        .help("use " + quoted(holder) + " for the last time before this" +
              (lend.isMut ? "" : ", or make it `copy(...)` of the part"));
    return;
  }
  if (lend.kind == LendKind::Loop) {
    report.note(lend.start.Start, "the loop over " + quoted(var) + " starts here")
        .help(lend.isMut ? std::string("use the part that the loop binds")
                         : ("loop over `copy(" + var->name + ")`, or over the indices `0..len(" + var->name + ")`").str());
    return;
  }
  report.note(lend.start.Start, "the task that " + StringRef(lend.isMut ? "writes " : "reads ") + quoted(var) +
                                    " is started here");
  if (isSelf) {
    bool isArray = var->type && var->type->isArray();
    report.help(llvm::Twine("await each task before the next one starts, ") +
                (isArray ? "give each its part with `chunks`, " : "") + "or have each send its result over a `chan`");
    return;
  }
  std::string first = holder ? "await " + quoted(holder) + " first" : "await the task first";
  bool canCopy = var->type && var->type->isArray() && !lend.isMut;
  report.help(canCopy ? first + ", or lend the task `copy(" + var->name.str() + ")`" : first);
}

void reportConflict(const Event &event, const Access &access, unsigned fact, const Graph &graph, const Facts &facts,
                    DiagEngine &diags) {
  const Lend &lend = facts.lend(fact);
  const VarDecl *var = graph.slots[lend.slot].var;
  bool isSelf = event.kind == Event::Lend && &graph.lends[event.fact] == &lend;
  std::string message;
  if (lend.kind == LendKind::Operand) {
    diags
        .error(DiagKind::UseWhileLent, event.range,
               quoted(var) + " cannot be changed here: the expression around this uses it already")
        .note(lend.place.Start, "it is used here")
        .help("compute this value first, and name it with `let`");
    return;
  }
  if (isSelf)
    message = quoted(var) + " is still lent to the task that an earlier iteration started here, which writes it";
  else if (lend.kind == LendKind::View)
    message = quoted(var) + " cannot be " + access.verb.str() + " here: its view " +
              quoted(graph.slots[facts.holder(fact)].var) + (lend.isMut ? " writes it" : " reads it") + " later";
  else if (lend.kind == LendKind::Loop)
    message = quoted(var) + " cannot be " + access.verb.str() + " here: the loop around this runs over it";
  else
    message = quoted(var) + " cannot be " + access.verb.str() + " here: a running task " +
              (lend.isMut ? "writes it" : "reads it");
  DiagBuilder report = diags.error(DiagKind::UseWhileLent, event.range, message);
  addAdvice(report, lend, var, graph.slots[facts.holder(fact)].var, isSelf);
}

void reportEnd(const Lend &lend, SlotId holderSlot, const Graph &graph, DiagEngine &diags) {
  const VarDecl *var = graph.slots[lend.slot].var;
  const VarDecl *holder = graph.slots[holderSlot].var;
  DiagBuilder report = diags.error(DiagKind::UseWhileLent, lend.place,
                                   quoted(var) + " does not live as long as the task that it is lent to");
  if (graph.slots[lend.slot].isOfTemporary) {
    report.note(var->loc, quoted(var) + " is a part of an array without a name, which ends with the loop")
        .help("bind the array to a name with `let` before the loop, or await the task in the loop's body");
    return;
  }
  report.note(var->loc, quoted(var) + " is declared here, and ends with the block around it");
  if (holder)
    report.note(holder->loc, "the task belongs to the scope of " + quoted(holder) + ", which lives longer")
        .help("declare " + quoted(var) + " where " + quoted(holder) + " is, or bind the task to a new name in this block");
  else
    report.help("await the task in the block that declares " + quoted(var));
}

/// A task belongs to the scope of the variable that holds it, and is joined there if a rejection ends the scopes: what it
/// was lent must live that long, even where the task is awaited earlier.
void checkLifetime(const Lend &lend, SlotId holder, const Graph &graph, DiagEngine &diags) {
  const Slot &lent = graph.slots[lend.slot], &owner = graph.slots[holder];
  if (isView(lend.slot, graph) && !lent.isOfTemporary) // what it is a view of must live that long
    return;
  if (lend.kind == LendKind::Task && (owner.var || lent.isOfTemporary) && owner.depth < lent.depth)
    reportEnd(lend, holder, graph, diags);
}

} // namespace

/// The event and the lend reach the variable through parts of one `split`, or of one loop over chunks, that have no element
/// in common. Parts of two runs of it meet: that is seen where the second one begins.
static bool isApart(const Event &event, const Lend &lend, SlotId holder, const Graph &graph) {
  auto partsOn = [&](SlotId via, SlotId made) {
    llvm::SmallVector<SlotId, 2> parts;
    for (; via != none; via = graph.slots[via].viewOf)
      parts.push_back(via);
    if (made != none)
      parts.push_back(made);
    return parts;
  };
  for (SlotId mine : partsOn(event.via, event.other))
    for (SlotId other : partsOn(lend.via, holder)) {
      const Slot &left = graph.slots[mine], &right = graph.slots[other];
      bool isSame = left.family != none && left.family == right.family;
      if (isSame && (left.part != right.part || left.part == Slot::everyRound))
        return true;
    }
  return false;
}

/// What of its variable an event touches.
static PartRange touched(const Event &event, const Graph &graph) {
  return event.partSlot == none ? event.part : graph.slots[event.partSlot].range;
}

/// A view through which arrays can be exchanged that are elements of what it is a view of.
static bool mayExchangeElements(const Lend &lend, const Graph &graph) {
  const VarDecl *view = graph.slots[lend.holder].var;
  auto *array = view ? llvm::dyn_cast_or_null<ArrayType>(view->type) : nullptr;
  return lend.isMut && (!array || isMovable(array->element()));
}

/// What an expression uses may not be exchanged further right in it; its elements may change. That it was moved is seen where it is
/// used.
static bool leavesInPlace(const Event &event, const Graph &graph) {
  const Lend *lend = event.kind == Event::Lend ? &graph.lends[event.fact] : nullptr;
  bool makesView = lend && lend->kind == LendKind::View && !mayExchangeElements(*lend, graph);
  return makesView || event.isElement || event.kind == Event::Move || event.kind == Event::EndScope;
}

/// Fields are lent one by one. A view that is not used again lends nothing; what is reached through a view is not withheld by it.
static bool isHarmless(const Event &event, const Lend &lend, SlotId holder, const Graph &graph, const State &live) {
  if (event.kind != Event::EndScope && !touched(event, graph).meets(lend.part))
    return true;
  if (lend.kind == LendKind::Operand && leavesInPlace(event, graph))
    return true;
  if (isView(holder, graph) && !live.test(holder))
    return true;
  for (SlotId via = event.via; via != none; via = graph.slots[via].viewOf)
    if (via == holder || graph.slots[via].lock == holder)
      return true;
  return isApart(event, lend, holder, graph);
}

void checkLending(const Event &event, const Graph &graph, const Facts &facts, const State &state, const State &live,
                  DiagEngine &diags) {
  if (event.kind == Event::Lend)
    checkLifetime(graph.lends[event.fact], event.other, graph, diags);
  if (event.kind == Event::Transfer)
    for (unsigned fact : facts.heldBy(event.slot))
      if (state.test(fact))
        checkLifetime(facts.lend(fact), event.other, graph, diags);
  Access access = accessOf(event, graph);
  bool isEnd = event.kind == Event::EndScope && !isView(event.slot, graph);
  if (access.verb.empty() && !isEnd)
    return;
  bool isExclusive = isEnd || access.isWrite;
  Facts::Range lends = isExclusive ? facts.lent(event.slot) : facts.lentForWriting(event.slot);
  int fact = Facts::first(state, lends);
  while (fact != -1 && isHarmless(event, facts.lend(fact), facts.holder(fact), graph, live))
    fact = state.find_first_in(fact + 1, lends.end);
  if (fact == -1)
    return;
  if (isEnd)
    reportEnd(facts.lend(fact), facts.holder(fact), graph, diags);
  else
    reportConflict(event, access, fact, graph, facts, diags);
}

} // namespace awg::flow
