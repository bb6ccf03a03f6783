// min and max as the language defines them: a number wins over a NaN, -0.0 is below +0.0.
// RUN: %awg-opt --awg-expand-min-max %s | FileCheck %s

// CHECK-LABEL: func.func @lower(
// CHECK-SAME: %[[A:.*]]: f32, %[[B:.*]]: f32
// CHECK-DAG: %[[ABITS:.*]] = arith.bitcast %[[A]] : f32 to i32
// CHECK-DAG: %[[BBITS:.*]] = arith.bitcast %[[B]] : f32 to i32
// Equal values differ in the sign of zero at most: either -0.0 gives -0.0.
// CHECK: %[[OR:.*]] = arith.ori %[[ABITS]], %[[BBITS]]
// CHECK: %[[ZERO:.*]] = arith.bitcast %[[OR]] : i32 to f32
// CHECK: %[[LESS:.*]] = arith.cmpf olt, %[[A]], %[[B]]
// CHECK: %[[NAN:.*]] = arith.cmpf uno, %[[B]], %[[B]]
// CHECK: %[[LEFT:.*]] = arith.ori %[[LESS]], %[[NAN]]
// CHECK: %[[CHOSEN:.*]] = arith.select %[[LEFT]], %[[A]], %[[B]]
// CHECK: %[[EQUAL:.*]] = arith.cmpf oeq, %[[A]], %[[B]]
// CHECK: arith.select %[[EQUAL]], %[[ZERO]], %[[CHOSEN]]
// CHECK-NOT: arith.minnumf
func.func @lower(%a: f32, %b: f32) -> f32 {
  %r = arith.minnumf %a, %b : f32
  return %r : f32
}

// CHECK-LABEL: func.func @higher(
// CHECK: arith.andi %{{.*}} : vector<4xi64>
// CHECK: arith.cmpf ogt, %{{.*}} : vector<4xf64>
// CHECK-NOT: arith.maxnumf
func.func @higher(%a: vector<4xf64>, %b: vector<4xf64>) -> vector<4xf64> {
  %r = arith.maxnumf %a, %b : vector<4xf64>
  return %r : vector<4xf64>
}
