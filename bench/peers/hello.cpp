// The smallest program: what starting costs.
#include <cstdio>

int main() { std::puts("hello"); }
