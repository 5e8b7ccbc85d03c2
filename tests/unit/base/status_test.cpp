#include "base/status.hpp"

#include <catch2/catch.hpp>
#include <memory>

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
