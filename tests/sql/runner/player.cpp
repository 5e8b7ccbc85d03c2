// The turns of a case are the product of the file's loops and its own; each has a fresh database.
#include "sql/runner/player.hpp"

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
  auto const replace = [&](step const& each) {
    auto const found = done.returned.find(each.wanted.last);
    if (found == done.returned.end() || found->second.size() != 1) return;
    auto const first = lines.begin() + static_cast<std::ptrdiff_t>(each.wanted.first);
    auto const last = lines.begin() + static_cast<std::ptrdiff_t>(each.wanted.last);
    auto const at = lines.erase(first, last);
    lines.insert(at, found->second.front().begin(), found->second.front().end());
    ++changed;
  };
  auto const replace_all = [&](auto const& self, std::vector<step> const& steps) -> void {
    for (auto each = steps.rbegin(); each != steps.rend(); ++each) {  // from the end: lines stay
      self(self, each->body);
      if (each->word.empty()) replace(*each);
    }
  };
  for (auto each = given.cases.rbegin(); each != given.cases.rend(); ++each) {
    replace_all(replace_all, each->steps);
  }
  replace_all(replace_all, given.setup);
  return lines;
}

}  // namespace topk::test
