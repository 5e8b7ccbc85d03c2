# The top 5 songs of the last hour, from Ruby (Debian: ruby-sqlite3; else the gem sqlite3).
#
#     ruby examples/ruby/plays.rb [topk.so [database]]
#
# Trap: an extension is loaded into one connection, and a pool, such as that of Rails, opens
# several. With the gem sqlite3 2.4 or later, "extensions:" and the path in database.yml load it
# into each.
require 'sqlite3'

library = ARGV[0] || File.expand_path('../../build/release/topk.so', __dir__)
db = SQLite3::Database.new(ARGV[1] || ':memory:')
db.enable_load_extension(true)
db.load_extension(library)
db.enable_load_extension(false) # so that no SQL can load another one

songs = ['Take Five', 'So What', 'Naima', 'Blue Train', 'Footprints']
noon = Time.utc(2024, 5, 1, 12).to_i
db.execute('CREATE VIRTUAL TABLE plays USING topk_stream(k=100)')
db.transaction do
  db.prepare('INSERT INTO plays(item, ts) VALUES (?, ?)') do |play|
    7000.times { |i| play.execute(songs[[i % 5, i % 7].min], noon + i) }
  end
end

# 'latest': as of the newest event; without it, as of now.
top = "SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')"
db.execute(top) do |rank, song, count, lower, upper|
  puts "#{rank}. #{song}: #{count} plays, between #{lower} and #{upper}"
end
