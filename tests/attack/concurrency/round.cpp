#include "round.hpp"

#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client.hpp"
#include "kit/settings.hpp"
#include "progress.hpp"
#include "snapshot.hpp"

extern char** environ;

namespace topk::test {
namespace {

// A worker that ends no statement for so long is deadlocked: a busy handler of ours gives up after
// milliseconds.
std::int64_t const patience_ms = 1000 * setting("TOPK_CONCURRENCY_PATIENCE", 120, 240);

std::string spelled(assignment const& who) {
  return std::string(name_of(who.is_a)) + " " + std::to_string(who.number);
}

// Nobody who waits for a lock waits long: whoever ends no statement waits for ever.
std::string find_stuck(progress const& shared, std::vector<assignment> const& workers) {
  for (auto const& each : workers) {
    worker_progress const& its = shared.workers[each.at];
    if (its.has_ended || its.heartbeat_ms == 0) continue;
    std::int64_t const silent = monotonic_ms() - its.heartbeat_ms;
    if (silent > patience_ms) {
      return spelled(each) + " has ended no statement for " + std::to_string(silent) +
             " ms: a deadlock";
    }
  }
  return {};
}

void nap() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

pid_t start_process(assignment const& who, std::string const& progress_path) {
  std::vector<std::string> words = {TOPK_WORKER_PATH,
                                    progress_path,
                                    std::to_string(static_cast<int>(who.is_a)),
                                    std::to_string(who.at),
                                    std::to_string(who.number),
                                    std::to_string(who.writers),
                                    std::to_string(who.seed),
                                    who.path,
                                    std::to_string(who.flags),
                                    who.scratch};
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawn(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) {
    throw std::runtime_error("cannot start " + words[0]);
  }
  return child;
}

void run_processes(std::vector<assignment> const& workers, progress const& shared,
                   std::string const& progress_path) {
  std::vector<pid_t> children;
  std::string wrong;
  for (auto const& each : workers) children.push_back(start_process(each, progress_path));
  for (std::size_t running = children.size(); running > 0;) {
    for (std::size_t i = 0; i < children.size(); ++i) {
      int how = 0;
      if (children[i] == 0 || waitpid(children[i], &how, WNOHANG) != children[i]) continue;
      children[i] = 0;
      --running;
      bool const is_told = shared.workers[workers[i].at].has_failed;
      if (how != 0 && !is_told && wrong.empty()) {
        wrong = spelled(workers[i]) + " ended with status " + std::to_string(how);
      }
    }
    if (wrong.empty()) {
      wrong = find_stuck(shared, workers);
      if (!wrong.empty()) {
        for (pid_t const child : children) {
          if (child != 0) kill(child, SIGKILL);
        }
      }
    }
    nap();
  }
  if (!wrong.empty()) throw std::runtime_error(wrong);
}

void run_threads(std::vector<assignment> const& workers, progress& shared) {
  std::vector<std::thread> threads;
  for (auto const& each : workers) threads.emplace_back([&each, &shared] { work(each, shared); });
  for (;;) {
    bool is_running = false;
    for (auto const& each : workers) is_running = is_running || !shared.workers[each.at].has_ended;
    if (!is_running) break;
    if (auto const stuck = find_stuck(shared, workers); !stuck.empty()) {
      std::cerr << stuck << std::endl;  // a thread can't be ended
      std::abort();
    }
    nap();
  }
  for (auto& thread : threads) thread.join();
}

std::vector<assignment> assign(configuration const& how, crew const& who, std::uint64_t seed,
                               std::string const& path, std::string const& scratch) {
  std::vector<assignment> workers;
  auto const add = [&](role is_a, std::int64_t count) {
    for (std::int64_t number = 1; number <= count; ++number) {
      // Half of the connections of threads are without a mutex of their own: each has one thread.
      int const mutex = workers.size() % 2 == 0 ? SQLITE_OPEN_NOMUTEX : SQLITE_OPEN_FULLMUTEX;
      workers.push_back(
          {is_a, workers.size(), number, who.writers, seed, path, how.flags | mutex, scratch});
    }
  };
  add(role::writer, who.writers);
  add(role::reader, who.readers);
  add(role::maintainer, 1);
  return workers;
}

}  // namespace

void figures::print(char const* of) const {
  std::cout << "concurrency, " << of << ": " << acknowledged << " transactions acknowledged, "
            << events << " events counted, " << reads << " snapshots checked, " << busy
            << " BUSY met, " << kept << " maintenance operations, " << rounds << " rounds"
            << std::endl;
}

void run_round(configuration const& how, crew const& who, std::uint64_t seed,
               std::int64_t milliseconds, figures& all) {
  scratch_directory folder;
  std::string const path = *how.uri == '\0' ? folder.file("a.db") : how.uri;
  std::string const progress_path = folder.file("progress");
  shared_progress shared = shared_progress::create(progress_path);
  auto const workers = assign(how, who, seed, path, folder.file(""));
  auto first = std::make_unique<database>(open_concurrent(path, how.flags));
  first->exec(how.pragmas);
  workload work = concurrent_workload(workers.front());
  for (step const& each : work.transaction(1, 0).steps) first->exec(each.sql);
  shared->deadline_ms = monotonic_ms() + milliseconds;
  if (how.are_processes) {
    first.reset();  // so that the last of the workers to go is the last on the file
    run_processes(workers, *shared, progress_path);
  } else {
    run_threads(workers, *shared);
  }

  std::vector<std::int64_t> acknowledged;
  for (auto const& each : workers) {
    worker_progress const& its = shared->workers[each.at];
    if (its.has_failed) throw std::runtime_error(spelled(each) + ": " + its.complaint.data());
    if (!its.has_ended) throw std::runtime_error(spelled(each) + " has not ended");
    if (each.is_a == role::writer) acknowledged.push_back(its.acknowledged);
    if (its.acknowledged + its.reads + its.kept == 0) {
      throw std::runtime_error(spelled(each) + " was never let through");
    }
    all.acknowledged += its.acknowledged;
    all.reads += its.reads;
    all.busy += its.busy;
    all.kept += its.kept;
  }
  // By who was there before, and, of a file, by who comes afterwards.
  std::int64_t events = 0;
  if (first != nullptr) events = audit(*first, work, acknowledged);
  first.reset();
  if (*how.uri == '\0') {
    database late = open_concurrent(path, 0);
    events = audit(late, work, acknowledged);
  }
  all.events += events;
  ++all.rounds;
}

}  // namespace topk::test
