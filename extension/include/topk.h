/* topk inside a program: the entry point that a static library, or topk.cpp in one file, offers.
**
**   #include <sqlite3.h>
**   #include <topk.h>
**
**   sqlite3_auto_extension((void (*)(void))sqlite3_topk_init);
**   sqlite3_open("app.db", &db);     every connection opened from here on knows topk
**
** ORDER. sqlite3_auto_extension comes first, once, in main or where the program sets SQLite up: a
** connection that is open already is left as it is. Instead, or for such a connection alone, or
*where the
** system's SQLite refuses sqlite3_auto_extension (Apple's does):
**
**   char* error = NULL;
**   if (sqlite3_topk_init(db, &error, NULL) != SQLITE_OK) ... sqlite3_free(error);
**
** Registering twice on one connection is harmless: the second time does nothing. A program that
*calls
** sqlite3_reset_auto_extension or sqlite3_shutdown registers again.
**
** THREADS. topk has no thread and no global state of its own; all it knows hangs on the connection.
*So the
** rule is SQLite's: by default any thread may use a connection; with SQLITE_THREADSAFE=2 (or
** SQLITE_OPEN_NOMUTEX) one at a time; with SQLITE_THREADSAFE=0 only one in the program.
**
** LINKING. libtopk.a was compiled with SQLITE_CORE: it calls the functions of sqlite3.h directly,
*so SQLite
** (3.40 or newer, and not older than the headers that topk was compiled with) comes after it on the
*command
** line. It is C++ inside and needs that runtime library: a C++ compiler that links brings it, a C
*one wants
** -lstdc++ (-lc++ on Apple's systems); with -static-libstdc++ -static-libgcc the program needs the
*C library
** alone, as topk.so does. pkg-config --libs topk, and topk::topk after find_package(topk), say all
*of it.
** Exceptions stay inside, and must not be turned off; -fno-rtti is fine.
**
** TWO COPIES OF SQLITE in one program (the system's, and one that a framework brings) do not mix: a
** connection belongs to the copy that opened it. Link topk to the copy whose connections shall have
*it, and
** call that copy's sqlite3_auto_extension. If the other copy calls the entry point it gets
*SQLITE_ERROR and
** a message, and its connection fails to open; without an entry table (NULL above, or a SQLite
*built with
** SQLITE_OMIT_LOAD_EXTENSION) this cannot be seen, and is yours to avoid. The loadable topk.so
*serves the
** copy that loads it first; for a second copy load a second file (cp topk.so topk2.so: it must be
*another
** file, not a link).
**
** PHONES. Add topk.cpp (in the amalgamation folder of a build) and topk.h to the target that
*compiles the
** program's own sqlite3.c, with -DSQLITE_CORE -std=c++20: Android's NDK with ANDROID_STL=c++_static
*or
** c++_shared (Android's own SQLite has no public C interface), Xcode as any C++ file. Nothing is
*loaded at
** run time, so no store's rule against that is met.
*/
#ifndef TOPK_H
#define TOPK_H

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;
struct sqlite3_api_routines;

/* Registers every module and function of topk on the connection. `api` is SQLite's own table of
*functions:
** SQLite hands it over where it calls this; NULL in a call of yours to a linked topk. Returns
*SQLITE_OK; else
** SQLite's code, and in *error (if not NULL) a message for sqlite3_free. */
int sqlite3_topk_init(struct sqlite3* db, char** error, struct sqlite3_api_routines const* api);

#ifdef __cplusplus
}
#endif

#endif
