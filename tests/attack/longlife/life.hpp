// One database that lives for a long time, day by day, on a clock that is put forward.
//
// Four streams get events of every kind: on time, out of order, late, ahead, weighted, retracted;
// in transactions that are kept, rolled back or undone to a savepoint; between commands, reopening
// and days without any event. Each has an oracle, with which it must agree at the end of a day.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/random.hpp"
#include "kit/verify.hpp"
#include "streams.hpp"

namespace topk::test {

// Some measure of size or cost that must not grow with time. The greatest value of the first days
// is what is usual; from then on, `factor` times it, and `slack`, is the most.
class gauge {
 public:
  gauge(std::string name, double factor, double slack)
      : name_(std::move(name)), factor_(factor), slack_(slack) {}
  void note(bool is_warm, std::int64_t value);
  [[nodiscard]] std::string const& name() const noexcept { return name_; }
  [[nodiscard]] std::int64_t usual() const noexcept { return usual_; }
  [[nodiscard]] std::int64_t greatest() const noexcept { return greatest_; }

 private:
  std::string name_;
  double factor_;
  double slack_;
  std::int64_t usual_ = 0;
  std::int64_t greatest_ = 0;
};

struct life_plan {
  std::int64_t warm_up_days = 50;      // everything that recurs has come once by then
  std::int64_t events_a_session = 48;  // of each stream; six sessions a day
  std::uint64_t seed = 1;
};

class life {
 public:
  explicit life(life_plan plan);

  // Lives through the next day, and checks all that must hold at its end.
  void live_a_day();

  [[nodiscard]] std::int64_t days() const noexcept { return day_; }
  // Events offered to all streams, those that were taken back or refused as late included.
  [[nodiscard]] std::int64_t events() const noexcept { return written_; }
  [[nodiscard]] std::int64_t rows_checked() const noexcept { return rows_checked_; }
  [[nodiscard]] std::int64_t answers_checked() const noexcept { return answers_checked_; }
  [[nodiscard]] std::map<std::string, gauge> const& gauges() const noexcept { return gauges_; }

 private:
  [[nodiscard]] bool is_day(std::int64_t of, std::int64_t each) const { return day_ % each == of; }
  void open();
  void make_streams();

  // ---- writing
  void live_a_session();
  void write(std::int64_t events_each);
  void write_and_undo(char const* begin, char const* end);
  void add(simulated_stream& to);
  void insert(simulated_stream& to, std::vector<value> const& values);
  void sell();
  // Counts an event, or a sale that was made (1) or taken back (-1), in the oracle.
  void count(simulated_stream& of, offer const& given);
  void count(sale const& of, int sign);
  void change_sales();
  void run_commands();
  void rebuild(simulated_stream& of, std::vector<event> from);
  void command(simulated_stream& on, char const* text);

  // ---- checking
  void check(simulated_stream& of);
  void check_counters(simulated_stream& of);
  [[nodiscard]] question question_of(simulated_stream const& of, char const* window,
                                     std::int64_t partition) const;
  [[nodiscard]] tally truth_of(simulated_stream const& of, char const* window,
                               std::int64_t partition) const;
  void check_answers(simulated_stream& of, database& through);
  void check_fast(simulated_stream& of, database& through, char const* window,
                  std::int64_t partition);
  void check_exact(simulated_stream& of, database& through, char const* window, char const* mode,
                   std::int64_t partition);
  void check_items(simulated_stream& of, database& through, char const* window);
  void check_empty();
  void measure();

  scratch_directory folder_;
  std::string path_;
  life_plan plan_;
  random_source random_;
  std::unique_ptr<database> db_;
  std::vector<simulated_stream> streams_;
  std::map<std::int64_t, sale> sales_;  // what the tracked table holds
  std::map<std::string, gauge> gauges_;
  std::int64_t next_sale_ = 1;
  std::int64_t day_ = 0;
  std::int64_t written_ = 0;
  std::int64_t rows_checked_ = 0;
  std::int64_t answers_checked_ = 0;
};

}  // namespace topk::test
