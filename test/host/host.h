/*
 * A small test host that replaces Fluent Bit: it loads one Go input plugin, calls it in the same
 * order and on the same threads as Fluent Bit, and prints what the plugin hands over, one JSON line
 * for each record.
 *
 * One file per idea:
 *
 *     options.c     the command line              abi.c        releases, functions for the plugin
 *     configfile.c  fluent-bit.conf               plugin.c     loading and registration
 *     properties.c  keys and values               instance.c   one input: what runs on its thread
 *     script.c      one step a line, for tests    worker.c     that thread
 *     host.c        the engine: start, ticks,     ring.c       what was handed over, not yet taken
 *                   pause, reload, stop           record.c     msgpack to JSON
 *     main.c        signals and the main loop     log.c        messages and the exit code
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#define _GNU_SOURCE

#include "abi.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes. The first error decides. */
enum {
    EXIT_OK = 0,
    EXIT_USAGE = 1,     /* command line, configuration file or script cannot be understood */
    EXIT_LOAD = 2,      /* the plugin cannot be loaded or registered */
    EXIT_INIT = 3,      /* FLBPluginInit refused an instance */
    EXIT_MALFORMED = 4, /* a buffer is not a sequence of log events */
    EXIT_ABI = 5,       /* the plugin broke the interface: data without size, size without data */
    EXIT_EXPECT = 6,    /* an `expect` of the script was not met */
};

/* log.c: the levels are Fluent Bit's. */
enum { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };
/* The level of the host's own messages. A plugin's messages are always printed, as in Fluent
 * Bit. */
extern int log_level;
int log_level_parse(const char *name); /* -1: no such level */
void log_print(int level, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
void log_host(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reports an error and remembers the exit code, unless one is remembered already. */
void fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As fail, and ends the process at once. */
_Noreturn void die(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
int exit_code(void);
void *allocate(size_t size); /* zeroed; never NULL */
char *copy_string(const char *string);

/* properties.c */
struct property {
    char *key;
    char *value; /* NULL when empty */
};
struct properties {
    struct property *items;
    size_t count;
};
/* One -i or one [INPUT]. A reserved key is no property: the plugin cannot see it. */
struct input {
    char *name;
    char *tag; /* NULL: name.number */
    int log_level;
    bool threaded;
    struct properties properties;
};
/* Expands ${VAR} and ${VAR:-default} in value. Returns an error message for a key with which Fluent
 * Bit would crash, else NULL. */
const char *input_set(struct input *input, const char *key, const char *value);
void input_free(struct input *input);
const char *properties_get(const struct properties *properties, const char *key);

/* options.c and configfile.c */
enum { MAX_PAUSES = 16, MAX_INPUTS = 64 };
struct pause_plan {
    size_t instance;
    int64_t at_ms; /* since the start */
    bool resume;
};
struct options {
    const char *plugin;
    const struct abi *abi;
    const char *script;
    int64_t tick_ms, drain_ms;
    int64_t seconds;     /* 0: no limit */
    long callbacks;      /* of each instance; 0: no limit */
    long refuse;         /* appends of each instance to refuse */
    struct pause_plan pauses[MAX_PAUSES];
    size_t pause_count;
    struct input *inputs[MAX_INPUTS];
    size_t input_count;
};
/* Ends the process when there is a mistake. */
void options_parse(struct options *options, int argc, char **argv);
struct input *options_add_input(struct options *options, const char *name);
void config_file_read(struct options *options, const char *path);

/* plugin.c: one load of the shared object. A hot reload makes a second one of the same file. */
struct plugin {
    const struct abi *abi;
    void *handle;
    struct plugin_def *def;
    struct api *api;
    struct go_plugin go;
    /* The instance initialised last: Fluent Bit stops and starts its collector instead of that of
     * the instance it means. */
    struct instance *last;

    int (*init)(struct go_plugin *);
    int (*pre_run)(int);
    int (*callback)(void *, void **, size_t *);
    int (*cleanup)(void *, void *);
    void (*pause)(void);
    void (*resume)(void);
    void (*pre_exit)(int);
    int (*exit)(void);
    void (*unregister)(struct plugin_def *);
};
struct plugin *plugin_load(const char *path, const struct abi *abi, bool hot_reloading);
void plugin_unload(struct plugin *plugin);
struct api *api_create(void);

/* worker.c: a thread that runs jobs in the order in which they were posted. */
struct worker;
struct worker *worker_start(const char *name);
void worker_post(struct worker *worker, void (*job)(void *), void *argument);
/* Returns when the job is done. */
void worker_call(struct worker *worker, void (*job)(void *), void *argument);
/* Waits for all jobs, then ends the thread. */
void worker_join(struct worker *worker);

/* ring.c: appends that the engine has not taken yet. */
struct append {
    struct append *next;
    void *data;
    size_t size;
};
struct ring {
    pthread_mutex_t lock;
    struct append *first, **last;
    size_t count;
    atomic_long refuse;
};
void ring_init(struct ring *ring, long refuse);
bool ring_push(struct ring *ring, const void *data, size_t size); /* false: dropped, after 1.0 s */
/* NULL: empty. The caller frees the append and its data. */
struct append *ring_pop(struct ring *ring);

/* record.c */
/* Prints each log event of a buffer to out as a JSON line. Returns NULL, or what is wrong with the
 * buffer at *offset. */
const char *records_print(FILE *out, const char *tag, const void *data, size_t size, long *records, size_t *offset);

/* instance.c */
struct instance {
    struct plugin *plugin;
    struct input settings; /* shares its strings with options */
    char name[64];
    struct worker *worker;
    struct context *context;
    struct ring ring;
    int init_result;
    bool by_hot_reload;

    atomic_bool collecting;   /* its collector's timer is there */
    atomic_bool tick_pending; /* a tick waits for the thread: further ones coalesce */
    atomic_bool over_limit;   /* paused for back pressure: the ring is not drained */
    atomic_long callbacks, appends, delivered, refused, lost; /* the last three count records */
};
extern atomic_bool ingestion_active; /* false once a stop began: no collector starts again */
struct instance *instance_create(struct plugin *plugin, const struct input *input, size_t number, long refuse);
bool instance_init(struct instance *instance);
void instance_start(struct instance *instance, bool timer); /* collector, PreRun */
void instance_tick(struct instance *instance);
void instance_callback(struct instance *instance); /* one callback, now, timer or not */
void instance_pause(struct instance *instance);
void instance_resume(struct instance *instance);
void instance_drain(struct instance *instance); /* prints what stands in the ring */
void instance_exit(struct instance *instance, bool by_hot_reload);
void instance_free(struct instance *instance);

/* host.c */
struct host {
    struct options *options;
    struct plugin *plugin;
    struct instance *instances[MAX_INPUTS];
    size_t count;
    bool ticking; /* false in a script: callbacks are steps */
    int64_t started_ms, next_tick, next_drain;
    size_t next_pause;
};
int64_t now_ms(void); /* monotonic */
void host_load(struct host *host, bool hot_reloading);
struct instance *host_add(struct host *host, const struct input *input); /* Init */
/* Calls Init of all inputs, then starts the collectors. */
void host_start(struct host *host);
/* Runs all timers that are due. */
void host_turn(struct host *host);
int64_t host_next_due(const struct host *host);
void host_drain(struct host *host);
void host_stop(struct host *host);
void host_reload(struct host *host, struct options *fresh);

/* script.c */
void script_run(struct host *host, const char *path);

/* main.c */
int wait_signal(int64_t timeout_ms); /* 0: none came */
void install_signals(void);

#endif
