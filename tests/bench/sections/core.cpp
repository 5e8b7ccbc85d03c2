// The update of one summary in memory, compared with a lower limit: the item's hash and one probe
// of a table of the same size.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>

#include "base/hash.hpp"
#include "sections.hpp"

namespace topk::bench {
namespace {

constexpr std::size_t memory = 128 * 1024;
constexpr std::uint64_t seed = 0x5EED;

item_view item_at(event_list const& events, std::size_t at) {
  return {item_type::text, {events.item(at), item_bytes}};
}

// Each pass is a fresh summary, as each pane is.
void update_summary(event_list const& events, sketch::capacity limits, benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fill_summary(events, limits));
}

void probe_table(event_list const& events, benchmark::State& state) {
  constexpr std::size_t counters = memory / sizeof(std::uint64_t);  // a power of two: no division
  for (auto _ : state) {
    std::vector<std::uint64_t> table(counters);
    for (std::size_t i = 0; i < events.size(); ++i)
      ++table[hash_item(item_at(events, i), seed) % counters];
    benchmark::DoNotOptimize(table.data());
  }
}

// Keeps the CPU seconds of an iteration, by benchmark, in the order of the turns.
class collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(Context const&) override { return true; }
  void ReportRuns(std::vector<Run> const& runs) override {
    for (auto const& one : runs) {
      turns[one.run_name.function_name].push_back(one.cpu_accumulated_time /
                                                  static_cast<double>(one.iterations));
    }
  }
  std::map<std::string, std::vector<double>> turns;
};

}  // namespace

std::size_t fill_summary(event_list const& events, sketch::capacity limits) {
  sketch::summary pane(limits, seed);
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto const item = item_at(events, i);
    pane.add(item, hash_item(item, seed), 1, events.second(i));
  }
  return pane.size();
}

sketch::capacity entries_of_core(event_list const& events) {
  for (std::uint32_t entries = 4096;; entries -= 32) {
    sketch::capacity const limits{entries, memory};
    sketch::summary pane(limits, seed);
    for (std::size_t i = 0; i < events.size() && !pane.has_filter(); ++i) {
      auto const item = item_at(events, i);
      pane.add(item, hash_item(item, seed), 1, 0);
    }
    if (pane.memory_bytes() <= memory) return limits;
  }
}

void measure_core(settings const& how, report& into) {
  struct stream {
    std::string name;
    workload of;
    double most;
    std::unique_ptr<event_list> events;
  };
  std::int64_t const count = how.is_quick ? 300'000 : 2'000'000;
  std::vector<stream> streams;
  streams.push_back({"Zipf 1.0", {.events = count}, 3, {}});
  streams.push_back({"Zipf 1.5", {.events = count, .skew = 1.5}, 2, {}});
  streams.push_back(
      {"all distinct", {.events = count, .skew = 0, .distinct = 99'999'999'999}, 6, {}});
  for (auto& one : streams) one.events = std::make_unique<event_list>(one.of);
  auto const limits = entries_of_core(*streams.back().events);

  for (auto const& one : streams) {
    auto const& events = *one.events;
    benchmark::RegisterBenchmark((one.name + ", summary").c_str(), [&events,
                                                                    limits](benchmark::State& s) {
      update_summary(events, limits, s);
    })->Iterations(3);
    benchmark::RegisterBenchmark((one.name + ", floor").c_str(), [&events](benchmark::State& s) {
      probe_table(events, s);
    })->Iterations(3);
  }
  // One turn is one run of them all, in order.
  collector measured;
  for (int turn = -1; turn < how.rounds; ++turn) {
    benchmark::RunSpecifiedBenchmarks(&measured, ".*");
    if (turn < 0) measured.turns.clear();
  }
  benchmark::ClearRegisteredBenchmarks();

  into.heading("The update of one summary");
  into.text("Text items, " + std::to_string(limits.entries) +
            " entries: the most whose summary takes 128 KiB. The floor is XXH3 of the item and "
            "one counter of a table of 128 KiB. In-process, Google Benchmark.");
  for (auto const& one : streams) {
    auto ours = measured.turns.at(one.name + ", summary"),
         floor = measured.turns.at(one.name + ", floor");
    for (auto* const turns : {&ours, &floor}) {
      for (auto& seconds : *turns) seconds /= static_cast<double>(count);
    }
    into.row(ratio_figure("core update, " + one.name, "hash and one probe", outcome({ours, floor}),
                          0, 1, one.most));
  }
}

}  // namespace topk::bench
