// What may hold before each block of a graph: values used up, futures unused, arrays lent.
#ifndef AWG_FRONTEND_CHECK_FLOWFACTS_H
#define AWG_FRONTEND_CHECK_FLOWFACTS_H

#include "frontend/Check/FlowGraph.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace awg::flow {

/// The facts that may hold at a point.
using State = llvm::BitVector;

/// Numbers the facts of a graph and finds which may hold where (a forward union over all paths).
///
/// There is a fact for each event that uses a value up, each that binds a future, and each pair of a lend and a slot
/// that may hold its task. The facts of one sort about one variable are numbered in a row, so that one range of bits
/// answers for it. The state of a block is joined from its predecessors until nothing changes; in reverse post-order that takes as
/// many rounds as loops nest, and two more.
class Facts {
public:
  struct Range {
    unsigned begin = 0, end = 0;
  };

  /// Fills in Event::fact of the graph's events.
  explicit Facts(Graph &graph);

  /// Blocks that a path reaches, in reverse post-order.
  ArrayRef<unsigned> reached() const { return order; }
  const State &before(unsigned block) const { return states[block]; }
  void apply(const Event &event, State &state) const;

  Range used(SlotId slot) const { return usedOf[slot]; }
  Range unused(SlotId slot) const { return unusedOf[slot]; }
  /// The lends of a variable: those for writing alone, or all.
  Range lentForWriting(SlotId slot) const { return {lentOf[slot].begin, writesEnd[slot]}; }
  Range lent(SlotId slot) const { return lentOf[slot]; }
  /// The facts about lends that the tasks of a slot may hold.
  ArrayRef<unsigned> heldBy(SlotId slot) const { return heldOf[slot]; }

  /// The event that a used or unused fact is from.
  const Event &event(unsigned fact) const { return graph.blocks[places[fact].first].events[places[fact].second]; }
  const Lend &lend(unsigned fact) const { return graph.lends[heldLends[fact - firstLend].first]; }
  /// The slot whose tasks hold the lend.
  SlotId holder(unsigned fact) const { return heldLends[fact - firstLend].second; }

  /// The first fact of a range that may hold, or -1.
  static int first(const State &state, Range range) { return state.find_first_in(range.begin, range.end); }

private:
  /// A lend and the slot whose tasks may hold it.
  using HeldLend = std::pair<unsigned, SlotId>;

  void numberEvents();
  void numberLends();
  std::vector<HeldLend> closeOverTransfers() const;
  void findOrder();
  void solve();
  bool joinInto(unsigned target, const State &state);
  unsigned factOf(unsigned lend, SlotId holder) const { return lendFact.lookup({lend, holder}); }
  void hold(const Event &event, State &state) const;

  Graph &graph;
  std::vector<Range> usedOf, unusedOf, lentOf;
  std::vector<unsigned> writesEnd;
  std::vector<std::pair<unsigned, unsigned>> places; ///< block and event of each used or unused fact
  std::vector<HeldLend> heldLends;                   ///< of each fact about a lend
  std::vector<llvm::SmallVector<unsigned, 1>> heldOf; ///< facts by the slot that holds the lend
  llvm::DenseMap<HeldLend, unsigned> lendFact;
  unsigned firstLend = 0, count = 0;
  std::vector<unsigned> order;
  std::vector<State> states;
};

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_FLOWFACTS_H
