// The top 5 songs of the last hour, from Go with mattn/go-sqlite3 (Debian: golang-go,
// golang-github-mattn-go-sqlite3-dev).
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run -tags libsqlite3 examples/go/plays.go [topk.so [database]]
//
// Without Debian's package: go mod init plays; go get github.com/mattn/go-sqlite3; go run plays.go.
// The program then brings a SQLite of its own; -tags libsqlite3 uses the system's.
// Traps: database/sql opens as many connections as it likes, so the extension belongs to the
// driver, as here, rather than to one connection. In memory each connection has a database of its
// own, hence SetMaxOpenConns(1). cgo is needed: the driver modernc.org/sqlite, which contains no C,
// cannot load it.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"
)

func main() {
	library, database := "build/release/topk.so", ":memory:"
	if len(os.Args) > 1 {
		library = os.Args[1]
	}
	if len(os.Args) > 2 {
		database = os.Args[2]
	}
	sql.Register("sqlite3_topk", &sqlite3.SQLiteDriver{Extensions: []string{library}})
	db, err := sql.Open("sqlite3_topk", database)
	check(err)
	defer db.Close()
	db.SetMaxOpenConns(1)

	songs := []string{"Take Five", "So What", "Naima", "Blue Train", "Footprints"}
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC).Unix()
	_, err = db.Exec("CREATE VIRTUAL TABLE plays USING topk_stream(k=100)")
	check(err)
	tx, err := db.Begin()
	check(err)
	play, err := tx.Prepare("INSERT INTO plays(item, ts) VALUES (?, ?)")
	check(err)
	for i := 0; i < 7000; i++ {
		song := songs[i%5]
		if i%7 < i%5 {
			song = songs[i%7]
		}
		_, err = play.Exec(song, noon+int64(i))
		check(err)
	}
	check(tx.Commit())

	// 'latest': as of the newest event; without it, as of now.
	rows, err := db.Query("SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')")
	check(err)
	defer rows.Close()
	for rows.Next() {
		var rank, count, lower, upper int64
		var song string
		check(rows.Scan(&rank, &song, &count, &lower, &upper))
		fmt.Printf("%d. %s: %d plays, between %d and %d\n", rank, song, count, lower, upper)
	}
	check(rows.Err())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
