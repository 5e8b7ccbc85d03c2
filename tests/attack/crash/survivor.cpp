#include "survivor.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "attack/fault/failing_vfs.hpp"
#include "kit/database.hpp"

namespace topk::test {
namespace {

struct question {
  std::int64_t least;
  std::int64_t most;
};
struct reply {
  std::int64_t last = -1;
  std::array<char, 400> complaint{};  // its beginning, up to a zero
};
static_assert(sizeof(reply) <= 512);  // what a pipe takes whole

reply told(sentence const& found) {
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
  workload work(seed);
  if (reply const ready; write(to, &ready, sizeof ready) != sizeof ready) return 1;
  question asked{};
  while (read(from, &asked, sizeof asked) == sizeof asked) {
    reply const out = told(judge(db, work, asked.least, asked.most));
    if (write(to, &out, sizeof out) != sizeof out) return 1;
  }
  return 0;
}

}  // namespace

survivor::survivor(std::string const& path, std::string const& pragmas, std::uint64_t seed) {
  std::array<int, 2> questions{};
  std::array<int, 2> answers{};
  if (pipe(questions.data()) != 0 || pipe(answers.data()) != 0) {
    throw std::runtime_error("pipe failed");
  }
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork failed");
  if (process_ == 0) {
    close(questions[1]);
    close(answers[0]);
    int code = 1;
    try {
      code = serve(path, pragmas, seed, questions[0], answers[1]);
    } catch (...) {
    }
    _exit(code);
  }
  close(questions[0]);
  close(answers[1]);
  question_ = questions[1];
  answer_ = answers[0];
  reply ready;
  if (read(answer_, &ready, sizeof ready) != sizeof ready) {
    throw std::runtime_error("the process that should survive could not open the file");
  }
}

survivor::~survivor() {
  close(question_);
  close(answer_);
  waitpid(process_, nullptr, 0);
}

sentence survivor::judges(std::int64_t least, std::int64_t most) {
  question const asked{least, most};
  reply got;
  std::signal(SIGPIPE, SIG_IGN);
  if (write(question_, &asked, sizeof asked) != sizeof asked ||
      read(answer_, &got, sizeof got) != sizeof got) {
    return {-1, "the process that should survive is gone"};
  }
  return {got.last, got.complaint.data()};
}

}  // namespace topk::test
