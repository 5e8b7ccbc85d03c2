-- Times as log files write them, turned into what a stream takes: unix seconds, or text that begins
-- with a full date. One SELECT each; the lines are made up.
--
--   nginx, Apache   20/Nov/2025:10:00:01 +0100     rearranged; the offset is understood
--   syslog          Nov 20 10:00:01                has no year: this year, or the last one if that
--                                                  would be ahead. Local time is taken as UTC
CREATE VIRTUAL TABLE demo_hits USING topk_stream(seed=1);
CREATE TEMP TABLE demo_months AS
SELECT column1 AS name, printf('%02d', column2) AS number FROM (VALUES
  ('Jan', 1), ('Feb', 2), ('Mar', 3), ('Apr', 4), ('May', 5), ('Jun', 6), ('Jul', 7), ('Aug', 8),
  ('Sep', 9), ('Oct', 10), ('Nov', 11), ('Dec', 12));

CREATE TEMP TABLE demo_access(line TEXT);
INSERT INTO demo_access VALUES
  ('203.0.113.7 - - [20/Nov/2025:11:00:01 +0100] "GET /news HTTP/1.1" 200 512'),
  ('203.0.113.9 - - [20/Nov/2025:10:00:05 +0000] "GET /shop HTTP/1.1" 200 512'),
  ('203.0.113.7 - - [20/Nov/2025:10:00:07 +0000] "GET /news HTTP/1.1" 304 0');
INSERT INTO demo_hits(item, ts)
WITH found AS (
  SELECT substr(line, instr(line, '[') + 1, 26) AS t,
         substr(line, instr(line, '"') + 1) AS request FROM demo_access)
SELECT substr(request, instr(request, ' ') + 1,
              instr(substr(request, instr(request, ' ') + 1), ' ') - 1),
       substr(t, 8, 4) || '-' || number || '-' || substr(t, 1, 2) || ' ' || substr(t, 13, 8)
         || substr(t, 22, 3) || ':' || substr(t, 25, 2)
FROM found JOIN demo_months ON name = substr(t, 4, 3);
SELECT item, count FROM topk('1hour', 3, 'demo_hits', 'fast', 'latest');
-- | item   count
-- | -----  -----
-- | /news  2
-- | /shop  1
SELECT item, datetime(ts, 'unixepoch') AS utc FROM demo_hits;
-- | item   utc
-- | -----  -------------------
-- | /news  2025-11-20 10:00:01
-- | /shop  2025-11-20 10:00:05
-- | /news  2025-11-20 10:00:07

CREATE TEMP TABLE demo_syslog(line TEXT);
INSERT INTO demo_syslog VALUES ('Nov 20 10:00:09 web sshd[812]: session opened'),
  ('Nov  9 10:00:09 web cron[900]: job done');
-- With 'now' in place of the date below.
SELECT substr(rest, 1, instr(rest, '[') - 1) AS program,
       (strftime('%Y', '2025-11-12') - (day > strftime('%m-%d', '2025-11-12', '+1 day')))
         || '-' || day || ' ' || substr(line, 8, 8) AS ts
FROM (SELECT line, number || '-' || replace(substr(line, 5, 2), ' ', '0') AS day,
             substr(substr(line, 17), instr(substr(line, 17), ' ') + 1) AS rest
      FROM demo_syslog JOIN demo_months ON name = substr(line, 1, 3));
-- | program  ts
-- | -------  -------------------
-- | sshd     2024-11-20 10:00:09
-- | cron     2025-11-09 10:00:09
DROP TABLE demo_syslog;
DROP TABLE demo_access;
DROP TABLE demo_months;
DROP TABLE demo_hits;
