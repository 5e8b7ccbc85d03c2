-- topk_version(): the version of the loaded library.
SELECT topk_version() GLOB '[0-9]*.[0-9]*.[0-9]*' AS is_version;
-- | is_version
-- | ----------
-- | 1
