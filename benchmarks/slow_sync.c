/* Preloaded into PostgreSQL: every fsync and fdatasync first takes as long again as a slower disk's would, so many
   microseconds as the file named by LME_SLOW_SYNC says (binary, an int; absent or zero: none). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_as_told(void) {
    const char *name = getenv("LME_SLOW_SYNC");
    int microseconds = 0, file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    if (read(file, &microseconds, sizeof microseconds) == sizeof microseconds && microseconds > 0) {
        struct timespec pause = {microseconds / 1000000, (microseconds % 1000000) * 1000L};
        while (nanosleep(&pause, &pause) != 0) {}
    }
    close(file);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    wait_as_told();
    return real(file);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    wait_as_told();
    return real(file);
}
