// THE MODEL TEST: seeded random programs of SQL against the extension and against an exact model.
// README.md here says what is checked and how one seed is replayed and shrunk.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "kit/settings.hpp"
#include "program.hpp"

using namespace topk::test;

namespace {

// The steps to run: 0 .. TOPK_MODEL_STEPS-1, or those that TOPK_MODEL_ONLY lists.
std::vector<std::int64_t> steps_to_run() {
  std::vector<std::int64_t> out;
  if (char const* only = std::getenv("TOPK_MODEL_ONLY"); only != nullptr && *only != '\0') {
    std::istringstream list(only);
    for (std::string each; std::getline(list, each, ',');) out.push_back(std::stoll(each));
    return out;
  }
  std::int64_t const count = setting("TOPK_MODEL_STEPS", 200, 120);
  for (std::int64_t at = 0; at < count; ++at) out.push_back(at);
  return out;
}

struct failure {
  std::size_t steps_done = 0;  // the index, in the list of steps, of the one that failed
  std::string message;
  std::vector<std::string> log;
};

std::optional<failure> run(std::uint64_t seed, std::vector<std::int64_t> const& steps,
                           checker::work& work) {
  profile const plan = make_profile(seed);
  scratch_directory const directory;
  program subject(plan, directory.file("model.db"));
  std::size_t done = 0;
  try {
    subject.start();
    for (; done < steps.size(); ++done) subject.step(steps[done]);
    subject.finish();
  } catch (std::exception const& problem) {
    return failure{done, problem.what(), subject.log()};
  }
  work.add(subject.work());
  return std::nullopt;
}

// Leaves out ever smaller parts of the program, as long as something still fails.
void shrink(std::uint64_t seed, std::vector<std::int64_t>& steps, failure& of) {
  checker::work ignored;
  steps.resize(std::min(steps.size(), of.steps_done + 1));
  for (std::size_t part = std::max<std::size_t>(1, steps.size() / 2);; part /= 2) {
    for (std::size_t from = 0; from < steps.size();) {
      std::vector<std::int64_t> fewer = steps;
      auto const first = fewer.begin() + static_cast<std::ptrdiff_t>(from);
      fewer.erase(first, first + static_cast<std::ptrdiff_t>(std::min(part, steps.size() - from)));
      if (auto again = run(seed, fewer, ignored)) {
        fewer.resize(std::min(fewer.size(), again->steps_done + 1));
        steps = std::move(fewer);
        of = std::move(*again);
      } else {
        from += part;
      }
    }
    if (part == 1) return;
  }
}

std::string list_of(std::vector<std::int64_t> const& steps) {
  std::string out;
  for (std::int64_t const each : steps) out += (out.empty() ? "" : ",") + std::to_string(each);
  return out;
}

std::string report(std::uint64_t seed, std::vector<std::int64_t> steps, failure of) {
  bool const is_small = setting("TOPK_MODEL_SHRINK", 0) != 0;
  if (is_small) shrink(seed, steps, of);
  char const* directory = std::getenv("TOPK_MODEL_LOGS");
  std::string const file = std::string(directory != nullptr ? directory : "/tmp") +
                           "/topk_model_seed_" + std::to_string(seed) + ".sql";
  std::ofstream out(file);
  for (std::string const& line : of.log) out << line << '\n';
  std::string const at =
      of.steps_done < steps.size() ? std::to_string(steps[of.steps_done]) : "last";
  std::string text = make_profile(seed).describe() + "\nstep " + at + ": " + of.message +
                     "\nthe last statements:\n";
  std::size_t const shown = std::min<std::size_t>(of.log.size(), 16);
  for (std::size_t i = of.log.size() - shown; i < of.log.size(); ++i) {
    std::string const& line = of.log[i];
    text += "  " + (line.size() > 400 ? line.substr(0, 400) + " ..." : line) + "\n";
  }
  text += "the whole program: " + file + "\nreplay: TOPK_MODEL_SEED=" + std::to_string(seed);
  if (is_small) text += " TOPK_MODEL_ONLY=" + list_of(steps);
  else text += " TOPK_MODEL_STEPS=" + std::to_string(steps.size());
  return text + (is_small ? "" : "   (make it small: TOPK_MODEL_SHRINK=1)") +
         " <this executable> '[random]'";
}

// Seeds with this lowest bit, which is also the journal mode.
void run_seeds(std::uint64_t parity) {
  std::vector<std::int64_t> const steps = steps_to_run();
  checker::work work;
  std::vector<std::uint64_t> seeds;
  if (std::int64_t const one = setting("TOPK_MODEL_SEED", -1); one >= 0) {
    seeds.push_back(static_cast<std::uint64_t>(one));
  } else {
    std::int64_t const first = setting("TOPK_MODEL_FIRST", 1);
    std::int64_t const count = setting("TOPK_MODEL_SEEDS", 24, 8);
    for (std::int64_t i = 0; i < count; ++i) seeds.push_back(static_cast<std::uint64_t>(first + i));
  }
  bool is_whole = seeds.size() > 5;
  for (std::uint64_t const seed : seeds) {
    if (seed % 2 != parity) continue;
    auto const failed = run(seed, steps, work);
    is_whole = is_whole && !failed;
    if (failed) FAIL_CHECK(report(seed, steps, *failed));
    else SUCCEED();
  }
  if (!is_whole) return;
  // The test must have had something to compare: both exact and inexact rows, proven and not.
  CHECK(work.rows > 1'000);
  CHECK(work.exact_rows > 1'000);
  CHECK(work.steps > 1'000);
  CHECK(work.inexact > work.rows / 50);
  CHECK(work.inexact < work.rows);
  CHECK(work.proven > work.rows / 50);
  CHECK(work.proven < work.rows);
  CHECK(work.trend_rows > 1'000);
  CHECK(work.trend_exact_rows > 1'000);
  CHECK(work.trend_refused > 0);
  CHECK(work.trend_inexact > work.trend_rows / 50);
  CHECK(work.trend_inexact < work.trend_rows);
  CHECK(work.trend_proven > work.trend_rows / 50);
  CHECK(work.trend_proven < work.trend_rows);
  CHECK(work.states > 200);
  CHECK(work.states_refused > 50);
  CHECK(work.state_inexact > 50);
}

}  // namespace

TEST_CASE("random programs agree with the exact model, WAL", "[model][random]") { run_seeds(0); }

TEST_CASE("random programs agree with the exact model, rollback journal", "[model][random]") {
  run_seeds(1);
}
