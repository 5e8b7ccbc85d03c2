// The model test: seeded random programs of SQL, the extension against an exact model.
//
//   TOPK_MODEL_SEED=n topk_sql_tests "[model][program]"    replays one program
//   TOPK_MODEL_SEEDS, TOPK_MODEL_STEPS                     how many programs, and steps of each
//   TOPK_MODEL_FIRST                                       the first seed

#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "program.hpp"

namespace topk::test {
namespace {

std::int64_t number_from(char const* name, std::int64_t otherwise) {
  char const* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

std::string scratch_path() {
  char const* const folder = std::getenv("TMPDIR");
  return std::string(folder == nullptr ? "/tmp" : folder) + "/topk_model_" + std::to_string(getpid());
}

void remove_database(std::string const& path) {
  for (char const* const ending : {"", "-wal", "-shm", "-journal"}) unlink((path + ending).c_str());
}

// What went wrong, and how to see it again; empty if nothing did.
std::string run_program(std::uint64_t seed, std::int64_t steps, checker::work& sum) {
  profile const plan = make_profile(seed);
  std::string const path = scratch_path() + ".db";
  remove_database(path);
  program running(plan, path);
  std::int64_t step = -1;
  std::string problem;
  try {
    running.start();
    for (step = 0; step < steps; ++step) running.step(step);
    running.finish();
  } catch (std::exception const& wrong) {
    problem = wrong.what();
  }
  auto const& done = running.work();
  sum.rows += done.rows;
  sum.inexact += done.inexact;
  sum.proven += done.proven;
  sum.exact_rows += done.exact_rows;
  remove_database(path);
  if (problem.empty()) return {};

  std::string const log_path = scratch_path() + "_seed" + std::to_string(seed) + ".sql";
  std::ofstream log(log_path);
  for (auto const& line : running.log()) log << line << "\n";
  std::string last;
  std::size_t const from = running.log().size() > 25 ? running.log().size() - 25 : 0;
  for (std::size_t i = from; i < running.log().size(); ++i) {
    last += "  " + running.log()[i].substr(0, 300) + "\n";
  }
  return "seed " + std::to_string(seed) + ", step " + std::to_string(step) + ": " + problem + "\n" +
         plan.describe() + "\nlast statements:\n" + last + "whole program: " + log_path +
         "\nagain: TOPK_MODEL_SEED=" + std::to_string(seed) +
         " topk_sql_tests '[model][program]'\n";
}

}  // namespace

TEST_CASE("random programs of SQL agree with the exact model", "[model][program]") {
  std::int64_t const steps = number_from("TOPK_MODEL_STEPS", 200);
  std::int64_t first = number_from("TOPK_MODEL_FIRST", 1);
  std::int64_t seeds = number_from("TOPK_MODEL_SEEDS", 30);
  if (std::getenv("TOPK_MODEL_SEED") != nullptr) {
    first = number_from("TOPK_MODEL_SEED", 1);
    seeds = 1;
  }
  checker::work work;
  for (std::int64_t seed = first; seed < first + seeds; ++seed) {
    std::string const problem = run_program(static_cast<std::uint64_t>(seed), steps, work);
    INFO(problem);
    CHECK(problem.empty());
  }
  WARN("model test: " << seeds << " programs of " << steps << " steps, " << work.rows
                      << " rows of fast answers, " << work.inexact << " with room between the bounds, "
                      << work.proven << " proven, " << work.exact_rows << " exact rows");
  // A test of the test: streams must overflow, or nothing was shown.
  if (seeds >= 10) CHECK(work.inexact > work.rows / 50);
}

}  // namespace topk::test
