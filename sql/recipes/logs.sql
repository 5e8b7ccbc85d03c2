-- Times as log files write them, turned into what a stream takes: unix seconds, or text that begins
-- with a full date. One INSERT each; the lines are made up.
--
--   nginx, Apache    20/Nov/2025:10:00:01 +0100    rearranged; the offset is understood
--   nginx error.log  2025/11/20 10:00:01           '-' for '/'
--   syslog           Nov 20 10:00:01               has no year: the latest that does not put it
--                                                  more than a day ahead
--   rsyslog, ISO     2025-11-20T10:00:01+01:00     as it is
-- A time without an offset is taken as UTC.
CREATE VIRTUAL TABLE demo_hits USING topk_stream(seed=1);
CREATE TEMP TABLE demo_months AS
SELECT column1 AS name, printf('%02d', column2) AS number FROM (VALUES
  ('Jan', 1), ('Feb', 2), ('Mar', 3), ('Apr', 4), ('May', 5), ('Jun', 6), ('Jul', 7), ('Aug', 8),
  ('Sep', 9), ('Oct', 10), ('Nov', 11), ('Dec', 12));

-- Requests: the second word between the quotes, or the only one.
CREATE TEMP TABLE demo_access(line TEXT);
INSERT INTO demo_access VALUES
  ('203.0.113.7 - - [20/Nov/2025:11:00:01 +0100] "GET /news HTTP/1.1" 200 512'),
  ('203.0.113.9 - - [20/Nov/2025:10:00:05 +0000] "GET /shop HTTP/1.1" 200 512'),
  ('203.0.113.7 - - [20/Nov/2025:10:00:07 +0000] "GET /news HTTP/1.1" 304 0'),
  ('203.0.113.5 - - [20/Nov/2025:10:00:08 +0000] "GET /news" 400 0'),
  ('203.0.113.5 - - [20/Nov/2025:10:00:09 +0000] "-" 400 0');
INSERT INTO demo_hits(item, ts)
WITH found AS (
  SELECT substr(line, instr(line, '[') + 1, 26) AS t,
         substr(line, instr(line, '"') + 1) AS quoted FROM demo_access),
requests AS (SELECT t, substr(quoted, 1, instr(quoted || '"', '"') - 1) AS request FROM found),
paths AS (SELECT t, substr(request, instr(request, ' ') + 1) AS path FROM requests)
SELECT substr(path, 1, instr(path || ' ', ' ') - 1),
       substr(t, 8, 4) || '-' || number || '-' || substr(t, 1, 2) || ' ' || substr(t, 13, 8)
         || substr(t, 22, 3) || ':' || substr(t, 25, 2)
FROM paths JOIN demo_months ON name = substr(t, 4, 3);
SELECT item, count FROM topk('1hour', 3, 'demo_hits', 'fast', 'latest');
-- | item   count
-- | -----  -----
-- | /news  3
-- | -      1
-- | /shop  1
SELECT item, datetime(ts, 'unixepoch') AS utc FROM demo_hits;
-- | item   utc
-- | -----  -------------------
-- | /news  2025-11-20 10:00:01
-- | /shop  2025-11-20 10:00:05
-- | /news  2025-11-20 10:00:07
-- | /news  2025-11-20 10:00:08
-- | -      2025-11-20 10:00:09

-- Levels of nginx's error.log.
CREATE VIRTUAL TABLE demo_levels USING topk_stream(seed=1);
CREATE TEMP TABLE demo_errors(line TEXT);
INSERT INTO demo_errors VALUES
  ('2025/11/20 10:00:01 [error] 812#812: *5 open() "/srv/x" failed (2: No such file or directory)'),
  ('2025/11/20 10:00:03 [warn] 812#812: *7 an upstream response is buffered');
INSERT INTO demo_levels(item, ts)
SELECT substr(line, 22, instr(line, ']') - 22), replace(substr(line, 1, 19), '/', '-')
FROM demo_errors;
SELECT item, datetime(ts, 'unixepoch') AS utc FROM demo_levels;
-- | item   utc
-- | -----  -------------------
-- | error  2025-11-20 10:00:01
-- | warn   2025-11-20 10:00:03

-- Programs of a syslog, read on 31 December 2024: write 'now' in place of that date.
CREATE VIRTUAL TABLE demo_programs USING topk_stream(retain='400 days', seed=1);
CREATE TEMP TABLE demo_syslog(line TEXT);
INSERT INTO demo_syslog VALUES
  ('Jan  2 10:00:09 web sshd[812]: session opened'), ('Nov  9 10:00:09 web cron[900]: job done'),
  ('Dec 31 10:00:09 web sudo: root'), ('Dec 31 10:00:10 web kernel: out of memory [x]'),
  ('Jan  1 00:00:01 web sudo: root');
INSERT INTO demo_programs(item, ts)
WITH tomorrow(day) AS (SELECT date('2024-12-31', '+1 day')),
found AS (
  SELECT number || '-' || replace(substr(line, 5, 2), ' ', '0') AS day, substr(line, 8, 8) AS time,
         substr(substr(line, 17), instr(substr(line, 17), ' ') + 1) AS rest
  FROM demo_syslog JOIN demo_months ON name = substr(line, 1, 3)),
tags AS (SELECT day, time, substr(rest, 1, instr(rest || ' ', ' ') - 1) AS tag FROM found)
SELECT rtrim(substr(tag, 1, instr(tag || '[', '[') - 1), ':'),
       (strftime('%Y', t.day) - (tags.day > strftime('%m-%d', t.day)))
         || '-' || tags.day || ' ' || time
FROM tags, tomorrow AS t;
SELECT item, datetime(ts, 'unixepoch') AS utc FROM demo_programs;
-- | item    utc
-- | ------  -------------------
-- | sshd    2024-01-02 10:00:09
-- | cron    2024-11-09 10:00:09
-- | sudo    2024-12-31 10:00:09
-- | kernel  2024-12-31 10:00:10
-- | sudo    2025-01-01 00:00:01
DROP TABLE demo_syslog;
DROP TABLE demo_programs;
DROP TABLE demo_errors;
DROP TABLE demo_levels;
DROP TABLE demo_access;
DROP TABLE demo_months;
DROP TABLE demo_hits;
