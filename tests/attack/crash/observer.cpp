#include "observer.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "kit/database.hpp"
#include "kit/failing_vfs.hpp"

namespace topk::test {
namespace {

struct request {
  std::int64_t least;
  std::int64_t most;
};
struct reply {
  std::int64_t last = -1;
  std::array<char, 400> complaint{};  // its beginning, up to a zero
};
static_assert(sizeof(reply) <= 512);  // what a pipe takes whole

reply reply_of(verdict const& found) {
  reply out;
  out.last = found.last;
  std::size_t const size = std::min(found.complaint.size(), out.complaint.size() - 1);
  std::memcpy(out.complaint.data(), found.complaint.data(), size);
  return out;
}

int serve(std::string const& path, std::string const& pragmas, std::uint64_t seed, int from,
          int to) {
  database db(path, failing_vfs_name);
  db.load_topk();
  db.exec(pragmas);
  workload work = crash_workload(seed);
  if (reply const ready; write(to, &ready, sizeof ready) != sizeof ready) return 1;
  request asked{};
  while (read(from, &asked, sizeof asked) == sizeof asked) {
    reply const out = reply_of(examine(db, work, asked.least, asked.most));
    if (write(to, &out, sizeof out) != sizeof out) return 1;
  }
  return 0;
}

}  // namespace

observer::observer(std::string const& path, std::string const& pragmas, std::uint64_t seed) {
  std::array<int, 2> requests{};
  std::array<int, 2> replies{};
  if (pipe(requests.data()) != 0 || pipe(replies.data()) != 0) {
    throw std::runtime_error("pipe failed");
  }
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork failed");
  if (process_ == 0) {
    close(requests[1]);
    close(replies[0]);
    int code = 1;
    try {
      code = serve(path, pragmas, seed, requests[0], replies[1]);
    } catch (...) {
    }
    _exit(code);
  }
  close(requests[0]);
  close(replies[1]);
  request_ = requests[1];
  reply_ = replies[0];
  reply ready;
  if (read(reply_, &ready, sizeof ready) != sizeof ready) {
    throw std::runtime_error("the observing process could not open the file");
  }
}

observer::~observer() {
  close(request_);
  close(reply_);
  waitpid(process_, nullptr, 0);
}

verdict observer::examines(std::int64_t least, std::int64_t most) {
  request const asked{least, most};
  reply got;
  std::signal(SIGPIPE, SIG_IGN);
  if (write(request_, &asked, sizeof asked) != sizeof asked ||
      read(reply_, &got, sizeof got) != sizeof got) {
    return {-1, "the observing process is gone"};
  }
  return {got.last, got.complaint.data()};
}

}  // namespace topk::test
