<?php
// The top 5 songs of the last hour, from PHP (Debian: php-cli, php-sqlite3).
//
//     php -d sqlite3.extension_dir="$PWD/build/release" examples/php/plays.php [database]
//
// Traps: loadExtension takes a file name inside sqlite3.extension_dir, an absolute path that only
// -d or php.ini can set (with a relative one: "Unable to open extensions outside the defined
// directory"); a web server needs it in its php.ini. PDO can load extensions from PHP 8.4 on
// (Pdo\Sqlite); before that, only the class SQLite3 can.

$db = new SQLite3($argv[1] ?? ':memory:');
$db->enableExceptions(true);
$db->loadExtension('topk.so');

$songs = ['Take Five', 'So What', 'Naima', 'Blue Train', 'Footprints'];
$noon = 1714564800; // 2024-05-01 12:00:00 UTC
$db->exec('CREATE VIRTUAL TABLE plays USING topk_stream(k=100)');
$db->exec('BEGIN');
$play = $db->prepare('INSERT INTO plays(item, ts) VALUES (:song, :ts)');
for ($i = 0; $i < 7000; $i++) {
    $play->bindValue(':song', $songs[min($i % 5, $i % 7)]);
    $play->bindValue(':ts', $noon + $i);
    $play->execute()->finalize();
}
$db->exec('COMMIT');

// 'latest': as of the newest event; without it, as of now.
$top = $db->query("SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')");
while ($row = $top->fetchArray(SQLITE3_ASSOC)) {
    echo "$row[rank]. $row[item]: $row[count] plays, between $row[lower] and $row[upper]\n";
}
