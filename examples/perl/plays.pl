# The top 5 songs of the last hour, from Perl (Debian: libdbd-sqlite3-perl).
#
#     perl examples/perl/plays.pl [topk.so [database]]
#
# Trap: DBD::SQLite binds every value as text, so an item 7 is the text '7', which is not the number
# 7 that another host inserts. Where items are numbers, use bind_param(1, 7, DBI::SQL_INTEGER) or
# sqlite_see_if_its_a_number => 1.
use strict;
use warnings;
use DBI;
use FindBin;
use List::Util 'min';

my $library  = $ARGV[0] // "$FindBin::RealBin/../../build/release/topk.so";
my $database = $ARGV[1] // ':memory:';
my $db = DBI->connect("dbi:SQLite:dbname=$database", '', '', { RaiseError => 1 });
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension($library);
$db->sqlite_enable_load_extension(0);    # so that no SQL can load another one

my @songs = ('Take Five', 'So What', 'Naima', 'Blue Train', 'Footprints');
my $noon  = 1714564800;                  # 2024-05-01 12:00:00 UTC
$db->do('CREATE VIRTUAL TABLE plays USING topk_stream(k=100)');
$db->begin_work;
my $play = $db->prepare('INSERT INTO plays(item, ts) VALUES (?, ?)');
$play->execute($songs[ min($_ % 5, $_ % 7) ], $noon + $_) for 0 .. 6999;
$db->commit;

# 'latest': as of the newest event; without it, as of now.
my $top = $db->selectall_arrayref(
    "SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')");
printf "%d. %s: %d plays, between %d and %d\n", @$_ for @$top;
