// examples/morning.awg with the standard library's threads.
#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

long brewCoffee(long cups) {
  if (cups > 4)
    throw std::runtime_error("the machine overheats at " + std::to_string(cups) + " cups");
  std::this_thread::sleep_for(30ms);
  return cups;
}

long countMail(long n) {
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::future<long>> parts;
  for (unsigned t = 0; t < threads; ++t)
    parts.push_back(std::async(std::launch::async, [=] {
      long sum = 0;
      for (long i = n * t / threads, end = n * (t + 1) / threads; i < end; ++i)
        sum += i % 7;
      return sum;
    }));
  long sum = 0;
  for (auto &part : parts)
    sum += part.get();
  return sum;
}

int main() {
  auto coffee = std::async(std::launch::async, brewCoffee, 2);
  auto teeth = std::async(std::launch::async, [] { std::this_thread::sleep_for(20ms); });
  auto mail = std::async(std::launch::async, countMail, 1'000'000);
  long cups = coffee.get();
  teeth.get();
  std::cout << cups << " cups, " << mail.get() << " unread\n";
}
