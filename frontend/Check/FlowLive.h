// Which variables may still be used after a point: a view lends its owner until its last use.
#ifndef AWG_FRONTEND_CHECK_FLOWLIVE_H
#define AWG_FRONTEND_CHECK_FLOWLIVE_H

#include "frontend/Check/FlowFacts.h"

namespace awg::flow {

/// The slots of a graph that a path may still use (a backward union over all paths). Computed for graphs with views alone.
class Liveness {
public:
  explicit Liveness(const Graph &graph);
  /// Of each event of a block, the slots in use after it; empty if the graph has no views.
  std::vector<State> after(unsigned block) const;

private:
  State atEnd(unsigned block) const;
  void step(const Event &event, State &state) const;

  const Graph &graph;
  bool hasViews;
  std::vector<State> before;
};

} // namespace awg::flow

#endif // AWG_FRONTEND_CHECK_FLOWLIVE_H
