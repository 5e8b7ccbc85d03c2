// A status, a result, and the macros that pass a failure on.
#include "base/status.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "kit/printers.hpp"

using topk::errc;
using topk::failure;
using topk::result;
using topk::status;

TEST_CASE("a status is true when ok", "[base][status]") {
  CHECK(status{});
  auto const failed = failure(errc::backend, "disk I/O error", 10);
  CHECK_FALSE(failed);
  CHECK(failed.code == errc::backend);
  CHECK(failed.detail == 10);
  CHECK(failed.message == "disk I/O error");
}

TEST_CASE("a result holds a value or a failed status", "[base][status]") {
  result<std::unique_ptr<int>> good = std::make_unique<int>(7);
  REQUIRE(good);
  CHECK(**good == 7);
  auto const taken = *std::move(good);
  CHECK(*taken == 7);

  result<std::unique_ptr<int>> bad = failure(errc::corrupt, "no");
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == errc::corrupt);
  status const moved = std::move(bad).error();
  CHECK(moved.message == "no");
}

TEST_CASE("a result of a status-like type keeps the two apart", "[base][status]") {
  result<bool> const no = false;
  CHECK(no.has_value());
  CHECK_FALSE(*no);
}

namespace {

status counted(int& calls, bool fails) {
  ++calls;
  return fails ? failure(errc::read_only, "no", 3) : status{};
}

result<std::unique_ptr<int>> made(int value) {
  if (value < 0) return failure(errc::too_big, "negative");
  return std::make_unique<int>(value);
}

result<int> sum_of(int a, int b) {
  if (a == 0) TOPK_TRY(failure(errc::corrupt, "zero"));
  else TOPK_TRY(status{});
  TOPK_ASSIGN(auto const first, made(a));
  std::unique_ptr<int> second;
  TOPK_ASSIGN(second, made(b));
  return *first + *second;
}

// A use inside the expression of another; the expression has a comma that no parentheses hide.
status nested(int value) {
  TOPK_TRY([&]() -> result<std::pair<int, int>> {
    TOPK_TRY(made(value));
    return std::pair<int, int>{value, value};
  }());
  return {};
}

// A named result keeps its failure; a const one is copied.
status of_named(result<int> const& given) {
  TOPK_TRY(given);
  TOPK_ASSIGN(int const value, given);
  return value == 7 ? status{} : failure(errc::constraint, "not 7");
}

}  // namespace

TEST_CASE("TOPK_TRY returns a failure as it is, and evaluates its expression once",
          "[base][status]") {
  int calls = 0;
  auto const tried = [&](bool fails) -> status {
    TOPK_TRY(counted(calls, fails));
    return failure(errc::constraint, "went on");
  };
  CHECK(tried(false).code == errc::constraint);
  auto const failed = tried(true);
  CHECK(calls == 2);
  CHECK(failed.code == errc::read_only);
  CHECK(failed.detail == 3);
  CHECK(failed.message == "no");
}

TEST_CASE("TOPK_ASSIGN moves the value out, or returns the failure as another result",
          "[base][status]") {
  CHECK(*sum_of(3, 4) == 7);
  CHECK(sum_of(-3, 4).error().code == errc::too_big);
  CHECK(sum_of(3, -4).error().message == "negative");
  CHECK(sum_of(0, 4).error().code == errc::corrupt);
}

TEST_CASE("TOPK_TRY nests, and leaves a named result as it was", "[base][status]") {
  CHECK(nested(1));
  CHECK(nested(-1).code == errc::too_big);
  result<int> const failed = failure(errc::corrupt, "kept");
  CHECK(of_named(failed).message == "kept");
  CHECK(failed.error().message == "kept");
  CHECK(of_named(7));
  CHECK_FALSE(of_named(8));
}
