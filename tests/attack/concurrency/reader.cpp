// Workers that check what one snapshot shows, while others write.
#include <sqlite3.h>

#include <stdexcept>

#include "client.hpp"
#include "snapshot.hpp"

namespace topk::test {
namespace {

// Streams that come and go: an answer, or the plain word that there is none.
void ask_of_all(client& me) {
  me.query("SELECT * FROM topk_stats");
  try {
    auto const got = me.query("SELECT item, count, upper FROM topk('all', 5, 'fleeting')");
    bool const is_right = got.empty() || (got.size() == 1 && got[0][1].as_integer() % 30 == 0 &&
                                          got[0][1].as_integer() == got[0][2].as_integer());
    if (!is_right) throw std::runtime_error("fleeting has " + to_text(got));
  } catch (sql_error const& error) {
    if (std::string(error.what()).find("no such stream: 'fleeting'") == std::string::npos) throw;
  }
}

}  // namespace

void read_until_over(client& me) {
  workload work = concurrent_workload(me.given());
  snapshot seen(me.db(), me.random());
  auto const wait = [&] {
    me.mine().beat();
    me.pause_up_to(3000);
  };
  while (me.mine().reads == 0 || !me.shared().is_over()) {
    bool const done = me.let_through([&] {
      me.run({"BEGIN", {}});
      me.query("SELECT count(*) FROM mark");  // a snapshot begins with the first read
      for (std::int64_t left = me.random().between(1, 3); left > 0; --left) {
        seen.check_something(work, wait);
      }
      me.run({"COMMIT", {}});
    });
    if (!done) return;
    ++me.mine().reads;
    if (me.random().percent(10)) me.let_through([&] { ask_of_all(me); });
    me.pause_up_to(1000);
  }
}

}  // namespace topk::test
