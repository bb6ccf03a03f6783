// What is known to be null, or known not to be, is folded.
// RUN: %awg-opt --canonicalize %s | FileCheck %s

// CHECK-LABEL: func.func @null
// CHECK-NEXT: %[[TRUE:.*]] = arith.constant true
// CHECK-NEXT: return %[[TRUE]]
func.func @null() -> i1 {
  %none = awg.null : !awg.future<i64>
  %0 = awg.is_null %none : !awg.future<i64>
  return %0 : i1
}

// CHECK-LABEL: func.func @failed
// CHECK: %[[FALSE:.*]] = arith.constant false
// CHECK: return %[[FALSE]]
func.func @failed() -> i1 {
  %e = awg.error "always"() kinds []
  %0 = awg.is_null %e : !awg.error
  return %0 : i1
}

// Nothing is known of an argument.
// CHECK-LABEL: func.func @unknown
// CHECK: %[[ANSWER:.*]] = awg.is_null
// CHECK: return %[[ANSWER]]
func.func @unknown(%text: !awg.str) -> i1 {
  %0 = awg.is_null %text : !awg.str
  return %0 : i1
}
