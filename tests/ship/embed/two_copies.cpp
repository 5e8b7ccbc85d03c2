// Two copies of SQLite in one program: topk serves one of them and returns an error to the other.
//
//   two_copies OTHER_LIBSQLITE3 TOPK_SO
//
// Is linked with libtopk.a and SQLite; OTHER is a copy of SQLite's library under another name.
#include <dlfcn.h>
#include <sqlite3.h>
#include <topk.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

int failures = 0;

void check(bool holds, char const* claim, std::string const& got) {
  if (holds) return;
  std::printf("FAIL  %s: %s\n", claim, got.c_str());
  ++failures;
}

// The functions of one copy.
struct sqlite_copy {
  decltype(&sqlite3_open) open;
  decltype(&sqlite3_close) close;
  decltype(&sqlite3_errmsg) errmsg;
  decltype(&sqlite3_exec) exec;
  decltype(&sqlite3_auto_extension) auto_extension;
  decltype(&sqlite3_reset_auto_extension) reset_auto_extension;
  decltype(&sqlite3_enable_load_extension) enable_load_extension;
  decltype(&sqlite3_load_extension) load_extension;
};

template <class Function>
void find(void* library, char const* name, Function& function) {
  void* const found = dlsym(library, name);
  if (found == nullptr) std::printf("FAIL  no %s\n", name), ++failures;
  std::memcpy(&function, &found, sizeof(function));
}

sqlite_copy copy_of(void* library) {
  sqlite_copy copy{};
  find(library, "sqlite3_open", copy.open);
  find(library, "sqlite3_close", copy.close);
  find(library, "sqlite3_errmsg", copy.errmsg);
  find(library, "sqlite3_exec", copy.exec);
  find(library, "sqlite3_auto_extension", copy.auto_extension);
  find(library, "sqlite3_reset_auto_extension", copy.reset_auto_extension);
  find(library, "sqlite3_enable_load_extension", copy.enable_load_extension);
  find(library, "sqlite3_load_extension", copy.load_extension);
  return copy;
}

constexpr char question[] = "INSERT INTO cms_add(item) VALUES ('a'); SELECT * FROM topk('1min', 1)";

// "" or what failed.
std::string open_and_ask(sqlite_copy const& sqlite, char const* library) {
  sqlite3* db = nullptr;
  int code = sqlite.open(":memory:", &db);
  if (code == SQLITE_OK && library != nullptr) {
    char* error = nullptr;  // a few bytes, not freed: that is the copy's own function
    sqlite.enable_load_extension(db, 1);
    code = sqlite.load_extension(db, library, nullptr, &error);
    if (code != SQLITE_OK) return sqlite.close(db), error != nullptr ? error : "no message";
  }
  if (code == SQLITE_OK) code = sqlite.exec(db, question, nullptr, nullptr, nullptr);
  std::string const failed = code == SQLITE_OK ? "" : sqlite.errmsg(db);
  sqlite.close(db);
  return failed;
}

bool tells_of_two_copies(std::string const& message) {
  return message.find("two copies of SQLite") != std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  void* const library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (library == nullptr) return std::printf("FAIL  %s\n", dlerror()), 1;
  sqlite_copy const other = copy_of(library);
  sqlite_copy const ours{sqlite3_open,
                         sqlite3_close,
                         sqlite3_errmsg,
                         sqlite3_exec,
                         sqlite3_auto_extension,
                         sqlite3_reset_auto_extension,
                         sqlite3_enable_load_extension,
                         sqlite3_load_extension};
  if (failures > 0) return 1;
  check(other.open != ours.open, "the two copies are two", "one");
  auto const init = reinterpret_cast<void (*)()>(sqlite3_topk_init);

  other.auto_extension(init);
  std::string got = open_and_ask(other, nullptr);
  check(tells_of_two_copies(got), "a linked topk refuses a copy that it is not linked to", got);
  other.reset_auto_extension();
  ours.auto_extension(init);
  got = open_and_ask(ours, nullptr);
  check(got.empty(), "a linked topk serves the copy that it is linked to", got);
  ours.reset_auto_extension();

  got = open_and_ask(ours, argv[2]);
  check(got.empty(), "a loaded topk serves the copy that loads it first", got);
  got = open_and_ask(other, argv[2]);
  check(tells_of_two_copies(got), "a loaded topk refuses the second copy", got);
  got = open_and_ask(ours, argv[2]);
  check(got.empty(), "a loaded topk still serves the first copy", got);
  std::puts(failures == 0 ? "two copies: as promised" : "two copies: broken");
  return failures == 0 ? 0 : 1;
}
