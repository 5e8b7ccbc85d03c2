// Numbers are compared by SQLite, by an index on ts where there is one. Text times are compared so
// where the stream follows the table and knows that all of them have one form whose bytes are in
// order of time (base/date.hpp); else they are read one by one. The comparison is by BINARY: an
// index of another collation is not used.
#include "engine/content_source.hpp"

#include <algorithm>

#include "base/date.hpp"
#include "engine/content.hpp"
#include "engine/tracking.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

using row_values = sqlite::statement::execution;

column_values values_of(row_values const& row) {
  return {row.value(0), row.value(1), row.value(2), row.value(3)};
}

}  // namespace

// The text times that may lie in the span.
result<content_source::text_range> content_source::texts_in(stream::time_span span) const {
  using stream::content_times;
  text_range all{true, "", std::nullopt};
  TOPK_ASSIGN(bool const is_followed, is_tracked(state_));
  unsigned const times = state_.head().content_times;
  if (!is_followed || (times & content_times::known) == 0) return all;
  unsigned const texts = times & ~unsigned{content_times::known};
  if (texts == 0) return text_range{};
  bool const is_one_form = texts == content_times::spaced || texts == content_times::with_t;
  if (!is_one_form) return all;
  char const separator = texts == content_times::with_t ? 'T' : ' ';
  if (span.since >= earliest_time)
    all.from = spell_date(std::min(span.since, latest_time), separator);
  if (span.until < earliest_time) all.before = "";
  else if (span.until <= latest_time - second)
    all.before = spell_date(span.until + second, separator);
  return all;
}

// All rows, or those that may lie in the span: the visitor looks again.
status content_source::each_row(stream::time_span const* span, row_visitor const& visit) {
  TOPK_TRY(check_content(state_));
  std::string const select =
      "SELECT " + content_columns(state_, "") + " FROM " + content_table(state_);
  std::string const ts = sqlite::quoted(state_.options().content->ts);
  std::string sql = select;
  text_range texts;
  if (span != nullptr) {
    sql += " WHERE " + ts + " >= ?1 AND " + ts + " <= ?2 AND typeof(" + ts +
           ") IN ('integer', 'real')";
    TOPK_ASSIGN(texts, texts_in(*span));
    if (texts.has_any) {
      std::string const compared = ts + " COLLATE BINARY";
      sql += " UNION ALL " + select + " WHERE " + compared + " >= ?3 AND " +
             (texts.before ? compared + " < ?4 AND " : "") + "typeof(" + ts + ") = 'text'";
    }
  }
  sqlite::statement rows(state_.host().db(), sql);
  auto use = rows.begin();
  // One second of slack on either side: the exact comparison is ours, on microseconds.
  if (span != nullptr) use.bind(1, span->since / second - 1).bind(2, span->until / second + 1);
  if (texts.has_any) use.bind(3, std::string_view(texts.from));
  if (texts.before) use.bind(4, std::string_view(*texts.before));
  return sqlite::for_each_row(use, [&] { return visit(use); });
}

status content_source::each(stream::time_span span, visitor const& visit) {
  TOPK_ASSIGN(bool const is_closed, has_closed_partitions(state_));
  content_row row;
  return each_row(&span, [&](row_values& use) -> status {
    TOPK_ASSIGN(auto const kind, read_content_row(state_, values_of(use), row));
    auto const& event = row.event;
    if (kind != row_kind::counts || event.ts <= span.since || event.ts > span.until) return {};
    stream::event_fields fields{.ts = event.ts, .weight = event.weight, .item = event.item};
    TOPK_ASSIGN(bool const counts, counts_partition_of(state_, event, is_closed));
    if (!counts) return {};
    if (event.partition) {
      fields.partition = *event.partition;
      fields.has_partition = true;
    }
    return visit(fields);
  });
}

result<content_survey> content_source::survey(micros now) {
  content_survey out;
  content_row row;
  TOPK_TRY(each_row(nullptr, [&](row_values& use) -> status {
    TOPK_ASSIGN(auto const kind, read_content_row(state_, values_of(use), row));
    switch (kind) {
      case row_kind::empty: break;
      case row_kind::refused: ++out.refused; break;
      case row_kind::unreadable:
        if (++out.unreadable == 1) out.unreadable_ts = sqlite::shown(use.value(1));
        break;
      case row_kind::counts:
        ++out.countable;
        out.times |= row.times;
        if (row.event.ts <= now) {
          out.newest = std::max(out.newest, row.event.ts);
          out.oldest =
              out.oldest == stream::no_time ? row.event.ts : std::min(out.oldest, row.event.ts);
          out.has_retractions = out.has_retractions || row.event.weight < 0;
        }
        break;
    }
    return {};
  }));
  return out;
}

}  // namespace topk::engine
