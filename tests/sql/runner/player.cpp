// The turns of a case are the product of the file's loops and its own; each has a fresh database.
#include "sql/runner/player.hpp"

#include <algorithm>

#include "sql/runner/turn.hpp"

namespace topk::test {
namespace {

using assignment = std::map<std::string, std::string>;

std::vector<assignment> product(std::vector<assignment> const& before,
                                std::vector<variants> const& loops) {
  std::vector<assignment> all = before;
  for (variants const& loop : loops) {
    std::vector<assignment> wider;
    for (assignment const& each : all) {
      for (auto const& values : loop.turns) {
        assignment next = each;
        for (std::size_t at = 0; at < values.size(); ++at) next[loop.names[at]] = values[at];
        wider.push_back(std::move(next));
      }
    }
    all = std::move(wider);
  }
  return all;
}

void gather(std::vector<step> const& steps, std::vector<step const*>& all) {
  for (step const& each : steps) {
    if (each.word.empty()) all.push_back(&each);
    gather(each.body, all);
  }
}

// From the end, so that lines above stay where they are.
std::vector<step const*> statements_from_the_end(script const& given) {
  std::vector<step const*> all;
  gather(given.setup, all);
  for (auto const& [name, steps] : given.macros) gather(steps, all);
  for (script_case const& each : given.cases) gather(each.steps, all);
  std::sort(all.begin(), all.end(), [](step const* a, step const* b) { return a->line > b->line; });
  return all;
}

}  // namespace

played play(script const& given, std::string const& part) {
  played result;
  std::vector<assignment> const common = product({{}}, given.loops);
  for (script_case const& each : given.cases) {
    if (each.name.find(part) == std::string::npos) continue;
    ++result.cases;
    for (assignment& variables : product(common, each.loops)) {
      result.turns += turn(given, each, std::move(variables), result).run() ? 1 : 0;
    }
  }
  return result;
}

std::vector<std::string> rewritten(script const& given, played const& done, std::size_t& changed) {
  std::vector<std::string> lines = given.lines;
  auto const layout = [&](step const& each) {
    expectation now = each.wanted;
    auto const found = done.returned.find(each.line);
    // A pattern stays: somebody has chosen what to leave open.
    if (found != done.returned.end() && found->second.size() == 1 && now.pattern.empty()) {
      now = found->second.front();
      ++changed;
    }
    auto const first = lines.begin() + static_cast<std::ptrdiff_t>(each.wanted.first);
    lines.erase(first, lines.begin() + static_cast<std::ptrdiff_t>(each.wanted.last));
    std::string& statement = lines[each.wanted.first - 1];
    statement.resize(statement_end(statement));
    auto const wanted = now.lines();
    if (wanted.size() == 1 && statement.size() + 1 + wanted[0].size() <= 100) {
      statement += " " + wanted[0];
    } else {
      auto const at = lines.begin() + static_cast<std::ptrdiff_t>(each.wanted.first);
      lines.insert(at, wanted.begin(), wanted.end());
    }
  };
  for (step const* each : statements_from_the_end(given)) layout(*each);
  return lines;
}

}  // namespace topk::test
