#include "writer.hpp"

#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <functional>
#include <new>
#include <stdexcept>

#include "examine.hpp"
#include "kit/clock_vfs.hpp"
#include "kit/database.hpp"
#include "kit/failing_vfs.hpp"
#include "kit/sanitizers.hpp"

namespace topk::test {
namespace {

// So many transactions of one writer, then it waits for its end: the day of the streams is long,
// but not endless.
constexpr std::int64_t most_transactions = 150;

// One word that parent and child share.
class shared_phase {
 public:
  shared_phase() {
    void* const page = mmap(nullptr, sizeof(std::atomic<phase>), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) throw std::runtime_error("mmap failed");
    word_ = new (page) std::atomic<phase>(phase::opening);
  }
  ~shared_phase() { munmap(word_, sizeof(*word_)); }
  shared_phase(shared_phase const&) = delete;
  shared_phase& operator=(shared_phase const&) = delete;

  void set(phase to) noexcept { word_->store(to, std::memory_order_relaxed); }
  [[nodiscard]] phase get() const noexcept { return word_->load(std::memory_order_relaxed); }

 private:
  std::atomic<phase>* word_;
};

bool contains(char const* text, char const* part) { return std::strstr(text, part) != nullptr; }

// A flush shows in the statements it runs: its first is on the panes, its last writes the head.
int on_statement(unsigned kind, void* shared, void* statement, void*) {
  auto& report = *static_cast<shared_phase*>(shared);
  char const* const sql = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
  if (sql == nullptr) return 0;
  if (kind == SQLITE_TRACE_STMT && (contains(sql, "_pane\"") || contains(sql, "_part\""))) {
    report.set(phase::flush);
  }
  bool const ends = kind == SQLITE_TRACE_PROFILE && report.get() == phase::flush &&
                    contains(sql, "REPLACE INTO") && contains(sql, "_config\"");
  if (ends) report.set(phase::statement);
  return 0;
}

// Comes when every stream has flushed, before the first page of the commit is written.
int on_commit(void* shared) {
  static_cast<shared_phase*>(shared)->set(phase::commit);
  return 0;
}

// In RAM a commit is over in microseconds, on a disk it is most of a transaction's time: as slow as
// a disk, so that kills find it between any two of its writes.
shared_phase const* slow_in_commit = nullptr;
void slow_down() {
  constexpr useconds_t pause = is_sanitized ? 1500 : 50;
  static int calls = 0;
  if (slow_in_commit->get() == phase::commit && ++calls % 5 == 0) usleep(pause);
}

class pipe_of_numbers {
 public:
  pipe_of_numbers() {
    if (pipe(ends_.data()) != 0) throw std::runtime_error("pipe failed");
  }
  ~pipe_of_numbers() {
    for (int const end : ends_) close(end);
  }
  pipe_of_numbers(pipe_of_numbers const&) = delete;
  pipe_of_numbers& operator=(pipe_of_numbers const&) = delete;

  // Eight bytes: whole or not at all.
  void report(std::int64_t number) {
    if (write(ends_[1], &number, sizeof number) != sizeof number) _exit(3);
  }
  // The last number reported, -1 for none. Requires: the writer is gone.
  std::int64_t last() {
    close(ends_[1]);
    ends_[1] = -1;
    std::int64_t number = -1;
    std::int64_t got = 0;
    while (read(ends_[0], &got, sizeof got) == sizeof got) number = got;
    return number;
  }

 private:
  std::array<int, 2> ends_{};
};

using child_body = std::function<void(shared_phase&, pipe_of_numbers&)>;

killed_process fork_and_kill(std::int64_t microseconds, child_body const& body) {
  shared_phase report;
  pipe_of_numbers acknowledged;
  pid_t const child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    try {
      body(report, acknowledged);
      for (;;) pause();
    } catch (std::exception const& error) {
      static_cast<void>(write(2, error.what(), std::strlen(error.what())));
    } catch (...) {
    }
    _exit(2);
  }
  usleep(static_cast<useconds_t>(microseconds));
  kill(child, SIGKILL);
  int how = 0;
  waitpid(child, &how, 0);
  return {report.get(), acknowledged.last(), !WIFSIGNALED(how)};
}

database open_reported(std::string const& path, std::string const& pragmas, shared_phase& report) {
  database db(path, failing_vfs_name);
  db.load_topk();
  db.exec(pragmas);
  slow_in_commit = &report;
  failing_io().before = slow_down;
  sqlite3_trace_v2(db.handle(), SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, on_statement, &report);
  sqlite3_commit_hook(db.handle(), on_commit, &report);
  return db;
}

}  // namespace

killed_process write_and_be_killed(std::string const& path, std::string const& pragmas,
                                   workload const& work, std::int64_t first,
                                   std::int64_t microseconds) {
  return fork_and_kill(microseconds, [&](shared_phase& report, pipe_of_numbers& acknowledged) {
    database db = open_reported(path, pragmas, report);
    for (std::int64_t n = first; n < first + most_transactions; ++n) {
      report.set(phase::between);
      set_clock_ms(time_ms_of(n));
      for (step const& each : work.transaction(1, n).steps) {
        report.set(phase::statement);
        static_cast<void>(db.query(each.sql, each.parameters));
      }
      acknowledged.report(n);
    }
    report.set(phase::between);
    for (;;) pause();
  });
}

killed_process read_and_be_killed(std::string const& path, std::string const& pragmas,
                                  std::int64_t microseconds) {
  return fork_and_kill(microseconds, [&](shared_phase& report, pipe_of_numbers&) {
    database db = open_reported(path, pragmas, report);
    static_cast<void>(db.attempt("SELECT * FROM topk('all', 5, 's')"));  // there may be none yet
    report.set(phase::between);
    for (;;) pause();
  });
}

}  // namespace topk::test
