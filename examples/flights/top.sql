-- The top 10 airports as of the stream's newest event: approximate with bounds, next to exact.
.mode column
.headers on

.print The last hour:
.print
SELECT fast.rank, fast.item AS airport, fast.count, fast.lower, fast.upper, fast.proven,
       exact.item AS exactly, exact.count AS exact_count
  FROM topk('1hour', 10, 'departures', 'fast', 'latest') AS fast
  LEFT JOIN topk('1hour', 10, 'departures', 'exact', 'latest') AS exact ON exact.rank = fast.rank;

.print
.print The last day:
.print
SELECT fast.rank, fast.item AS airport, fast.count, fast.lower, fast.upper, fast.proven,
       exact.item AS exactly, exact.count AS exact_count
  FROM topk('1day', 10, 'departures', 'fast', 'latest') AS fast
  LEFT JOIN topk('1day', 10, 'departures', 'exact', 'latest') AS exact ON exact.rank = fast.rank;

.print
.print Everything:
.print
SELECT fast.rank, fast.item AS airport, fast.count, fast.lower, fast.upper, fast.proven,
       exact.item AS exactly, exact.count AS exact_count
  FROM topk('all', 10, 'departures', 'fast', 'latest') AS fast
  LEFT JOIN topk('all', 10, 'departures', 'exact', 'latest') AS exact ON exact.rank = fast.rank;
