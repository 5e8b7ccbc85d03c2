// A stream's `memory` may be more than a process of 32 bits can address.
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/limits.hpp"
#include "stream/pane_levels.hpp"

TEST_CASE("more memory never means less room, up to the greatest", "[stream][levels]") {
  topk::stream::stream_options options;
  options.memory = topk::least_memory;
  auto before = topk::stream::plan_memory(options);
  REQUIRE(before.batch_bytes > 0);
  while (options.memory < topk::greatest_memory) {
    options.memory *= 2;
    CAPTURE(options.memory);
    auto const plan = topk::stream::plan_memory(options);
    REQUIRE(plan.batch_bytes >= before.batch_bytes);
    REQUIRE(plan.tail_rows >= before.tail_rows);
    REQUIRE(plan.partition_bytes >= before.partition_bytes);
    REQUIRE(plan.answer_bytes >= before.answer_bytes);
    REQUIRE(plan.few_events >= before.few_events);
    REQUIRE(plan.more_answer_bytes >= before.more_answer_bytes);
    REQUIRE(plan.more_answer_bytes < std::numeric_limits<std::size_t>::max() / 2);
    before = plan;
  }
}
