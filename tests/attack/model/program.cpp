#include "program.hpp"

#include "kit/first_format.hpp"

namespace topk::test {

program::program(profile const& plan, std::string const& path)
    : plan_(plan), random_(0), on_(plan, path), events_(plan, random_), checker_(on_, random_) {}

std::vector<program::choice> const& program::choices(stream_kind kind) {
  static std::vector<choice> const shared = {
      {8, &program::begin},           {8, &program::end},
      {5, &program::savepoint},       {3, &program::release},
      {4, &program::rollback_to},     {3, &program::other_table},
      {3, &program::rename},          {3, &program::undo_schema_change},
      {3, &program::undo_later_half}, {1, &program::drop_and_create},
      {14, &program::move_clock},     {2, &program::reopen},
      {1, &program::vacuum},          {3, &program::switch_sides},
      {2, &program::snapshot},        {2, &program::prune},
      {2, &program::optimize},        {2, &program::rebuild},
      {4, &program::integrity_check}, {1, &program::delete_all},
      {1, &program::bad_command},     {1, &program::refuse_update}};
  static std::vector<choice> const into_stream = [] {
    std::vector<choice> out = {{24, &program::insert_some},
                               {5, &program::insert_bad},
                               {4, &program::insert_or_ignore},
                               {6, &program::insert_held},
                               {9, &program::insert_flood},
                               {4, &program::insert_from_table},
                               {3, &program::insert_from_itself},
                               {6, &program::retract},
                               {6, &program::feed_some},
                               {2, &program::forget},
                               {3, &program::read_across_a_rollback}};
    out.insert(out.end(), shared.begin(), shared.end());
    return out;
  }();
  static std::vector<choice> const into_content = [] {
    std::vector<choice> out = {
        {24, &program::content_insert},     {10, &program::content_update},
        {8, &program::content_delete},      {6, &program::content_replace},
        {8, &program::content_flood},       {6, &program::content_far_future},
        {3, &program::content_ignore},      {3, &program::content_update_key},
        {3, &program::content_update_code}, {2, &program::content_update_unread},
        {2, &program::content_retrack}};
    out.insert(out.end(), shared.begin(), shared.end());
    return out;
  }();
  return kind == stream_kind::content ? into_content : into_stream;
}

void program::start() {
  random_ = random_source(mix_seeds(plan_.seed, 0));
  create_tables();
  // Without this the default stream is made by the first INSERT into cms_add, with a random seed.
  if (!is_default() || random_.percent(40)) create_stream();
}

void program::step(std::int64_t number) {
  random_ = random_source(mix_seeds(plan_.seed, static_cast<std::uint64_t>(number) + 1));
  on_.note("step " + std::to_string(number));
  on_.let_time_pass();
  if (on_.state.would_jump(session::now())) rebuild();
  std::vector<choice> const& all = choices(plan_.kind);
  int sum = 0;
  for (choice const& each : all) sum += each.weight;
  for (bool done = false; !done;) {
    auto drawn = static_cast<int>(random_.below(static_cast<std::uint64_t>(sum)));
    std::size_t at = 0;
    while (drawn >= all[at].weight) drawn -= all[at++].weight;
    done = (this->*all[at].act)();
  }
  if (!on_.in_transaction()) is_quiet_ = false;
  bool const is_whole_round = number % 40 == 39;
  if (is_whole_round || !is_quiet_) checker_.look(is_whole_round);
}

void program::finish() {
  on_.drop_snapshot();
  if (on_.in_transaction()) on_.commit();
  checker_.look(true);
  if (on_.state.exists) command("integrity-check");
  on_.reopen();
  checker_.look(true);
}

std::string program::target() {
  return is_default() && (!on_.state.exists || random_.percent(70)) ? "cms_add" : stream();
}

bool program::can_grow() const {
  // Counting again for every question is linear in the events.
  return on_.state.model.events().size() < 20'000;
}

void program::create_tables() {
  on_.run("CREATE TABLE batch(item, ts, weight, partition)");
  on_.run("CREATE TABLE once(x UNIQUE)");
  if (plan_.has_feed) on_.run("CREATE TABLE feed(item, ts, weight, partition)");
  // cms_add can be written to before there is a stream.
  if (plan_.has_feed && is_default()) create_feed_trigger("cms_add");
  if (!has_content()) return;
  std::string const id = plan_.content_without_rowid ? "id INT" : "id INTEGER";
  std::string const song = !plan_.content_generates_item ? "song"
                           : random_.percent(50)         ? "title, song AS (title) STORED"
                                                         : "title, song AS (title)";
  on_.run("CREATE TABLE history(" + id + " PRIMARY KEY, " + song +
          ", \"played at\", n, country, likes INT DEFAULT 0" +
          (plan_.content_has_code ? ", code TEXT UNIQUE COLLATE NOCASE)" : ")") +
          (plan_.content_without_rowid ? " WITHOUT ROWID" : ""));
}

void program::create_feed_trigger(std::string const& into) {
  on_.run(
      "CREATE TRIGGER feed_in AFTER INSERT ON feed BEGIN INSERT INTO " + into +
      "(item, ts, weight, partition) VALUES (new.item, new.ts, new.weight, new.partition); END");
}

void program::create_stream() {
  on_.state.exists = true;
  if (has_content()) {
    keep_countable();
    recount();
    on_.state.is_followed = true;
  }
  on_.run("CREATE VIRTUAL TABLE " + stream() + " USING topk_stream(" + plan_.options + ")");
  if (plan_.is_first_format && !on_.in_transaction()) {
    for (auto const& sql : into_first_format(on_.state.name)) on_.run(sql);
    on_.reopen();
  }
  if (plan_.has_feed && !is_default()) {
    // DROP of the stream leaves a user's trigger in place.
    on_.run("DROP TRIGGER IF EXISTS feed_in");
    create_feed_trigger(stream());
  }
  if (!has_content()) return;
  command("track");
}

}  // namespace topk::test
