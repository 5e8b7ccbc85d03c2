-- topk_debug(): what is loaded and how it was built, as text for a bug report.
SELECT length(topk_debug()) > 0 AS says_something,
       instr(topk_debug(), sqlite_version()) > 0 AS names_sqlite;
-- | says_something  names_sqlite
-- | --------------  ------------
-- | 1               1
