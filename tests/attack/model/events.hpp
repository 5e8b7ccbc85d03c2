// Random rows for a stream: as SQL writes them, and what they mean.
#pragma once

#include <string>
#include <vector>

#include "kit/oracle.hpp"
#include "kit/random.hpp"
#include "profile.hpp"
#include "session.hpp"

namespace topk::test {

// Which of the optional columns a statement names.
struct columns {
  bool ts = true;
  bool weight = true;
  bool partition = true;

  [[nodiscard]] std::string list() const;  // "item, ts, weight"
};

// One row as given to SQL, and its meaning.
struct written_row {
  value item;
  value ts;
  value weight;
  value partition;
  offer meaning;

  // The values of the named columns, in the order of columns::list().
  [[nodiscard]] std::vector<value> values(columns const& named) const;
  [[nodiscard]] std::string literals(columns const& named) const;  // "'a', 17, NULL"
};

// '2027-01-15 08:00:00' in one of several spellings of the same time, to the microsecond.
[[nodiscard]] std::string date_text(micros time, random_source& random);
// YYYY-MM-DD HH:MM:SS[.f], which compares by time.
[[nodiscard]] std::string plain_date_text(micros time);
// Seconds as a number: an INTEGER where whole, if it is to be short, else a REAL.
[[nodiscard]] value seconds_value(micros time, bool is_short);
// A time as a number or a text, in one of the ways that SQL may give it.
[[nodiscard]] value time_value(micros time, random_source& random);
// Seconds as an SQL number that reads back to the same microsecond.
[[nodiscard]] std::string seconds_literal(micros time);

class event_source {
 public:
  event_source(profile const& plan, random_source& random) : plan_(plan), random_(random) {}

  [[nodiscard]] columns draw_columns();
  // A row that is stored, late or ignored.
  [[nodiscard]] written_row draw(world const& in, micros now, columns const& named);
  // A row that is refused.
  [[nodiscard]] written_row draw_bad(world const& in, micros now);
  // The negative of some retained event, at its own time.
  [[nodiscard]] written_row draw_retraction(world const& in);

  [[nodiscard]] value draw_item();
  [[nodiscard]] value draw_partition();
  // What the database keeps of it: the item that is counted.
  [[nodiscard]] value stored(value const& given) const;
  [[nodiscard]] micros draw_time(world const& in, micros now);

 private:
  void set_weight(written_row& of);

  profile const& plan_;
  random_source& random_;
};

// Many rows by one expression over i = 0 .. count-1.
struct flood {
  std::int64_t count = 0;
  std::int64_t base = 0;
  std::int64_t distinct = 1;
  int item_kind = 0;
  std::int64_t start_ms = 0;
  std::int64_t span_ms = 1;
  std::int64_t step_ms = 1;  // of which times are multiples
  bool shuffled = false;
  int weight_kind = 0;
  std::int64_t partitions = 0;  // 0: NULL
  bool text_times = false;

  // SELECT of item, ts, weight, partition (and first i, if asked), without the final semicolon.
  [[nodiscard]] std::string select(bool with_i) const;
  [[nodiscard]] offer at(std::int64_t i) const;
};

[[nodiscard]] flood draw_flood(profile const& plan, random_source& random, micros now);

}  // namespace topk::test
