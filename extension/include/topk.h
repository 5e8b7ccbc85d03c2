/* topk inside a program: the entry point of the static library, and of topk.cpp, the sources in one
** file.
**
**   #include <sqlite3.h>
**   #include <topk.h>
**
**   sqlite3_auto_extension((void (*)(void))sqlite3_topk_init);
**   sqlite3_open("app.db", &db);     every connection opened from here on has topk
**
** ORDER. Call sqlite3_auto_extension once, before the first sqlite3_open: connections that are
** already open do not get topk. For one connection only, or where the system's SQLite refuses
** sqlite3_auto_extension (Apple's does):
**
**   char* error = NULL;
**   if (sqlite3_topk_init(db, &error, NULL) != SQLITE_OK) ... sqlite3_free(error);
**
** Registering twice on one connection is harmless: the second call does nothing. A program that
** calls sqlite3_reset_auto_extension or sqlite3_shutdown must register again.
**
** THREADS. topk starts no thread and has no global state; everything belongs to the connection. So
** SQLite's rules apply: by default any thread may use a connection, with SQLITE_THREADSAFE=2 (or
** SQLITE_OPEN_NOMUTEX) one at a time, with SQLITE_THREADSAFE=0 only one in the whole program.
**
** LINKING. libtopk.a is compiled with SQLITE_CORE: it calls the functions of sqlite3.h directly. So
** SQLite (3.40 or newer, and not older than the headers topk was compiled with) follows it on the
** command line. It needs the C++ runtime library: a C++ compiler adds that when it links, a C
** compiler needs -lstdc++ (-lc++ on Apple's systems). With -static-libstdc++ -static-libgcc the
** program needs only the C library, as topk.so does. pkg-config --libs topk, and topk::topk after
** find_package(topk), give all of these. Exceptions never leave topk, but must not be disabled;
** -fno-rtti is fine.
**
** TWO COPIES OF SQLITE in one program (the system's, and one that a framework includes) do not mix:
** a connection belongs to the copy that opened it. Link topk to the copy whose connections should
** have it, and call that copy's sqlite3_auto_extension. If the other copy calls the entry point, it
** gets SQLITE_ERROR and a message, and its connection fails to open. Without an entry table (NULL
** above, or SQLite built with SQLITE_OMIT_LOAD_EXTENSION) topk cannot detect this, and the program
** must avoid it. The loadable topk.so serves the copy that loads it first; for a second copy load a
** second file (cp topk.so topk2.so; a link is not enough).
**
** PHONES. Add topk.cpp (in the amalgamation folder of a build) and topk.h to the target that
** compiles the program's own sqlite3.c, with -DSQLITE_CORE -std=c++20. Android: the NDK, any
** ABI, ANDROID_STL=c++_static or c++_shared (Android's own SQLite has no public C interface).
** Xcode: as any C++ file. Nothing is loaded at run time, as app stores require.
*/
#ifndef TOPK_H
#define TOPK_H

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct sqlite3_api_routines;

/* Registers every module and function of topk on the connection. `api` is SQLite's table of
** functions, which SQLite passes when it calls this as the entry point of a loaded library; pass
** NULL when you call a linked topk yourself. Returns SQLITE_OK, or SQLite's code and, in *error
** (if error is not NULL), a message to be freed with sqlite3_free. */
int sqlite3_topk_init(struct sqlite3* db, char** error, struct sqlite3_api_routines const* api);

#ifdef __cplusplus
}
#endif

#endif
