/*
 * Records, in order, everything a process does to the files below one folder: the ground for a replay of power cuts.
 *
 * Loaded with LD_PRELOAD. RECORD_ROOT is the folder (an absolute path), RECORD_LOG takes the log, and what is written
 * to the file RECORD_TOLD is logged as told to the outside: the acknowledgements. One lock is held over each call and
 * its record, so that the log's order is the order of the calls.
 *
 * A record is a `struct record` (little-endian), two paths relative to the folder, and the bytes written. Files are
 * told by inode, folders by path; that a number was given to a new file the reader knows by the C that stands before.
 * Mapped memory is not seen: SQLite maps the -shm file alone, which is no durable state.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_FILES = 4096, MOST_NAME = 256 };

struct record {
    char kind; /* C create, D make folder, W write, T truncate, S sync, F sync folder, R rename, L link, U unlink, A told */
    uint8_t unused;
    uint16_t path_bytes, other_bytes;
    uint32_t data_bytes;
    uint64_t inode, offset;
} __attribute__((packed));

enum { UNKNOWN = 0, WATCHED, FOLDER, TOLD };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static char root[PATH_MAX], told[PATH_MAX];
static size_t root_bytes;
static char what_is[MOST_FILES];
static uint64_t inode_of[MOST_FILES];
static char name_of[MOST_FILES][MOST_NAME];

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("RECORD_ROOT"), *told_to = getenv("RECORD_TOLD"), *log_to = getenv("RECORD_LOG");
    if (!folder || !told_to || !log_to)
        return;
    strncpy(root, folder, sizeof root - 1);
    strncpy(told, told_to, sizeof told - 1);
    root_bytes = strlen(root);
    log_file = NEXT(open64)(log_to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Return the path below the folder, or NULL where it lies elsewhere. */
static const char *below(const char *path)
{
    if (log_file < 0 || !path || strncmp(path, root, root_bytes))
        return NULL;
    if (!path[root_bytes])
        return "";
    return path[root_bytes] == '/' ? path + root_bytes + 1 : NULL;
}

static void put(struct record head, const char *path, const char *other, const void *data)
{
    head.path_bytes = path ? strlen(path) : 0;
    head.other_bytes = other ? strlen(other) : 0;
    struct iovec pieces[4] = {
        {&head, sizeof head}, {(void *)path, head.path_bytes}, {(void *)other, head.other_bytes},
        {(void *)data, head.data_bytes},
    };
    ssize_t all = sizeof head + head.path_bytes + head.other_bytes + head.data_bytes;
    if (NEXT(writev)(log_file, pieces, 4) != all)
        abort(); /* a log with a hole would prove anything */
}

static int kind_of(int file)
{
    return file >= 0 && file < MOST_FILES ? what_is[file] : UNKNOWN;
}

static void changed(char kind, int file, uint64_t offset, uint32_t bytes, const void *data)
{
    if (kind_of(file) == FOLDER && kind == 'S')
        put((struct record){.kind = 'F'}, name_of[file], NULL, NULL);
    if (kind_of(file) == TOLD && kind == 'W')
        kind = 'A';
    else if (kind_of(file) != WATCHED)
        return;
    put((struct record){.kind = kind, .inode = inode_of[file], .offset = offset, .data_bytes = bytes}, NULL, NULL, data);
}

static void opened(int file, const char *path, int flags, int is_new)
{
    struct stat found;
    if (file < 0 || file >= MOST_FILES)
        return;
    what_is[file] = UNKNOWN;
    const char *name = below(path);
    if (log_file >= 0 && path && !strcmp(path, told))
        what_is[file] = TOLD;
    if (!name || fstat(file, &found))
        return;
    what_is[file] = S_ISDIR(found.st_mode) ? FOLDER : WATCHED;
    inode_of[file] = found.st_ino;
    strncpy(name_of[file], name, MOST_NAME - 1);
    if (is_new)
        put((struct record){.kind = 'C', .inode = found.st_ino}, name, NULL, NULL);
    else if (flags & O_TRUNC)
        changed('T', file, 0, 0, NULL);
}

static int open_as(int (*next)(const char *, int, ...), const char *path, int flags, int mode)
{
    struct stat found;
    pthread_mutex_lock(&turn);
    int is_new = flags & O_CREAT && below(path) && lstat(path, &found);
    int file = next(path, flags, mode);
    opened(file, path, flags, is_new);
    pthread_mutex_unlock(&turn);
    return file;
}

#define WITH_MODE(last)                                                                                                \
    va_list more;                                                                                                      \
    va_start(more, last);                                                                                              \
    int mode = va_arg(more, int);                                                                                      \
    va_end(more)

int open(const char *path, int flags, ...) { WITH_MODE(flags); return open_as(NEXT(open), path, flags, mode); }
int open64(const char *path, int flags, ...) { WITH_MODE(flags); return open_as(NEXT(open64), path, flags, mode); }

int close(int file)
{
    if (file >= 0 && file < MOST_FILES)
        what_is[file] = UNKNOWN;
    return NEXT(close)(file);
}

ssize_t pwrite64(int file, const void *data, size_t bytes, off64_t offset)
{
    pthread_mutex_lock(&turn);
    ssize_t done = NEXT(pwrite64)(file, data, bytes, offset);
    if (done > 0)
        changed('W', file, offset, done, data);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite(int file, const void *data, size_t bytes, off_t offset) { return pwrite64(file, data, bytes, offset); }

ssize_t write(int file, const void *data, size_t bytes)
{
    if (kind_of(file) == UNKNOWN)
        return NEXT(write)(file, data, bytes);
    pthread_mutex_lock(&turn);
    ssize_t done = NEXT(write)(file, data, bytes);
    if (done > 0)
        changed('W', file, lseek(file, 0, SEEK_CUR) - done, done, data);
    pthread_mutex_unlock(&turn);
    return done;
}

static int truncated(int result, int file, off64_t length)
{
    if (!result)
        changed('T', file, length, 0, NULL);
    pthread_mutex_unlock(&turn);
    return result;
}

int ftruncate64(int file, off64_t length)
{
    pthread_mutex_lock(&turn);
    return truncated(NEXT(ftruncate64)(file, length), file, length);
}

int ftruncate(int file, off_t length) { return ftruncate64(file, length); }

static int synced(int result, int file)
{
    if (!result)
        changed('S', file, 0, 0, NULL);
    pthread_mutex_unlock(&turn);
    return result;
}

int fsync(int file) { pthread_mutex_lock(&turn); return synced(NEXT(fsync)(file), file); }
int fdatasync(int file) { pthread_mutex_lock(&turn); return synced(NEXT(fdatasync)(file), file); }

static int named(char kind, int result, const char *path, const char *other)
{
    struct stat found;
    const char *name = below(path), *second = other ? below(other) : NULL;
    if (!result && (name || second)) {
        if (other && !(name && second))
            abort(); /* a file that crosses the border of the folder: the replay could not follow it */
        struct record head = {.kind = kind};
        if (kind == 'D' && !lstat(path, &found))
            head.inode = found.st_ino;
        put(head, name, second, NULL);
    }
    pthread_mutex_unlock(&turn);
    return result;
}

#define NAMED(kind, call, path, other) pthread_mutex_lock(&turn); return named(kind, call, path, other)

int mkdir(const char *path, mode_t mode) { NAMED('D', NEXT(mkdir)(path, mode), path, NULL); }
int unlink(const char *path) { NAMED('U', NEXT(unlink)(path), path, NULL); }
int rmdir(const char *path) { NAMED('U', NEXT(rmdir)(path), path, NULL); }
int rename(const char *path, const char *other) { NAMED('R', NEXT(rename)(path, other), path, other); }
int link(const char *path, const char *other) { NAMED('L', NEXT(link)(path, other), path, other); }
