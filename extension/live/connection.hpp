// One database connection and the streams that are open on it, by name.
//
// Owned by the modules registered on the connection; streams live as long as a virtual table of
// theirs is connected.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "live/host_connection.hpp"
#include "live/open_stream.hpp"

namespace topk::live {

inline constexpr char const* default_stream = "topk_events";

class connection : public host_connection {
 public:
  using host_connection::host_connection;

  // The stream connected under this name; null if there is none.
  [[nodiscard]] std::shared_ptr<open_stream> find(std::string_view schema, std::string_view table);
  // The stream whose tables have this name again since a rollback undid their rename or their end;
  // null if there is none. A second object for them would give two events of this transaction the
  // same number.
  result<std::shared_ptr<open_stream>> find_undone(std::string const& schema,
                                                   std::string const& table);
  void enter(std::shared_ptr<open_stream> const& state);
  void leave(std::string_view schema, std::string_view table) noexcept;
  // Its tables were dropped. It stays known, as a savepoint may bring them back: a second object
  // for them in the same transaction would give two events the same number.
  void dropped(open_stream& state) noexcept;
  // Renames the stream's tables, and its entry here with them.
  status rename(std::shared_ptr<open_stream> const& state, std::string const& to);

  // The stream a user names: connects it if need be. Unqualified: temp, main, attached, in that
  // order. Null: only for the default stream that is not made yet.
  result<std::shared_ptr<open_stream>> resolve(std::string_view name);
  result<std::shared_ptr<open_stream>> resolve_default();

  // Every stream there is, in the form that resolve() takes: quoted where needed, with the schema
  // unless it is main and nothing of temp hides the name. Includes a table of another module whose
  // text mentions ours.
  result<std::vector<std::string>> stream_names();
  // For an error about a stream that is not there: "; existing streams: 'a', 'b'", or nothing.
  result<std::string> existing_streams();

 private:
  // Names of the attached schemas, in SQLite's order of search.
  result<std::vector<std::string>> schemas();
  result<std::shared_ptr<open_stream>> connect(std::string const& asked, std::string const& table,
                                               bool& exists);
  [[nodiscard]] bool has_schema(std::string const& name) const noexcept;

  std::map<std::string, std::weak_ptr<open_stream>> streams_;  // by key_of()
  // All that were ever entered, those that have lost their name to another, too.
  std::vector<std::weak_ptr<open_stream>> all_;
  struct {  // the last answer of find, for the same stream asked again and again
    std::string schema;
    std::string table;
    std::weak_ptr<open_stream> state;
  } last_found_;
};

}  // namespace topk::live
