/* Messages in Fluent Bit's form on standard error, and the exit code. */
#include "host.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const names[] = {"off", "error", "warn", "info", "debug", "trace"};
/* Fluent Bit cuts a message at about 4 KB. */
enum { LEVELS = sizeof names / sizeof names[0], MESSAGE_MAX = 4096 };

int log_level = LOG_INFO;
static atomic_int first_failure;

int log_level_parse(const char *name) {
    for (int i = 0; i < LEVELS; i++)
        if (strcasecmp(names[i], name) == 0)
            return i;
    return -1;
}

static void print(int level, const char *format, va_list arguments) {
    char stamp[32], message[MESSAGE_MAX];
    struct tm local;
    time_t now = time(NULL);

    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y/%m/%d %H:%M:%S", &local);
    vsnprintf(message, sizeof message, format, arguments);
    fprintf(stderr, "[%s] [%5s] %s\n", stamp, level > 0 && level < LEVELS ? names[level] : "?", message);
}

void log_print(int level, const char *file, int line, const char *format, ...) {
    (void)file, (void)line;
    va_list arguments;
    va_start(arguments, format);
    print(level, format, arguments);
    va_end(arguments);
}

void log_host(int level, const char *format, ...) {
    if (level > log_level)
        return;
    va_list arguments;
    va_start(arguments, format);
    print(level, format, arguments);
    va_end(arguments);
}

void fail(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print(LOG_ERROR, format, arguments);
    va_end(arguments);
    int none = EXIT_OK;
    atomic_compare_exchange_strong(&first_failure, &none, code);
}

_Noreturn void die(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print(LOG_ERROR, format, arguments);
    va_end(arguments);
    fflush(stdout);
    _Exit(code);
}

int exit_code(void) {
    return atomic_load(&first_failure);
}

void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (memory == NULL)
        die(EXIT_USAGE, "[testhost] out of memory");
    return memory;
}

char *copy_string(const char *string) {
    return strcpy(allocate(strlen(string) + 1), string);
}
