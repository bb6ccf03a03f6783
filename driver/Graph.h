// A program's tasks, and what they start and wait for, as a graph.
#ifndef AWG_DRIVER_GRAPH_H
#define AWG_DRIVER_GRAPH_H

#include "mlir/IR/BuiltinOps.h"

namespace awg {

/// Writes the graph of a module of the awg dialect in Graphviz's language: a cluster for each task, in it what it
/// starts (tasks, launches, timers, files, channels) and where it waits. Solid edges are futures, from the start to the
/// wait; dashed ones the order within a task; dotted ones lead to the task or kernel that is started.
void writeGraph(llvm::raw_ostream &out, mlir::ModuleOp module);

} // namespace awg

#endif // AWG_DRIVER_GRAPH_H
