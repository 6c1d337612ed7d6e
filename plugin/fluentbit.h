/*
 * The ABI between Fluent Bit and a Go input, 64 bit. It is the same in every release from 4.2.3 to
 * 5.1.1; sources: include/fluent-bit/flb_plugin_proxy.h, flb_api.h and src/proxy/go/go.h of those
 * tags.
 */
#ifndef CONFLUENCE_FLUENTBIT_H
#define CONFLUENCE_FLUENTBIT_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* How a plugin describes itself. Hosts before 4.2.3 allocate it without event_type. */
struct host_definition {
    int type;
    int proxy;
    int flags;
    char *name;
    char *description;
    int event_type;
};

/* Members are only ever appended. */
struct host_api {
    char *(*output_get_property)(char *, void *);
    char *(*input_get_property)(char *, void *);
    void *(*output_get_cmt_instance)(void *);
    void *(*input_get_cmt_instance)(void *);
    void (*log_print)(int, const char *, int, const char *, ...);
    int (*input_log_check)(void *, int);
    int (*output_log_check)(void *, int);
};

/* One for the whole .so, overwritten before each FLBPluginInit: it does not identify an
 * instance. */
struct host_plugin {
    char *name;
    struct host_api *api;
    void *instance;
    struct host_context *context;
};

struct host_context {
    int collector;
    void *remote_context;
    void *proxy;
};

/* What the host passes with each callback of an instance. The callbacks come once a second, and
 * entering Go costs much more than the little that an idle instance has to do. So most callbacks
 * end in C, which matters for hundreds of idle sites. */
struct ticket {
    uintptr_t id;        /* of the instance in the registry */
    _Atomic int due;     /* there is something to do */
    _Atomic long called; /* when the last callback came, in seconds of the monotonic clock */
    int idle;            /* callbacks since the last that had something to do */

    /* For shared.c. */
    void *instance;
    struct host_context *context;
    struct ticket *next; /* the input that joined after this one */
    int paused;          /* its collector is paused: the first input calls it */
};

/* What the plugin keeps about the host for one instance. */
struct host {
    struct ticket *ticket; /* ours, until host_forget */
    void *instance; /* valid until FLBPluginExit of the instance */
    void *metrics;  /* its struct cmt, NULL when the host has none */
    int direct;     /* no thread of its own: what it appends goes into a chunk at once */
    int wake[2];    /* a pipe that wakes the instance's thread, -1 when there is none */
};

/* Shared by the files of this package, not exported from the .so. */
#pragma GCC visibility push(hidden)

void release_check(struct host_plugin *p);
void signals_loaded(void);
void signals_enter(sigset_t *before);
void signals_leave(const sigset_t *before);
void host_refuse(struct host_plugin *p, const char *line);
int host_remember(struct host *h, struct host_plugin *p);
void host_set_context(struct host *h, struct host_plugin *p, uintptr_t id);
const char *host_property(struct host_plugin *p, char *key);
const char *host_instance_name(struct host *h);
int host_log_level(struct host_plugin *p);
void host_log(int level, char *message);
int host_append(struct host *h, size_t records, void *events, size_t size);
int host_counts(void);
void host_values(struct host *h, char **series, int n, double *values, int64_t *set);
void *host_metric_create(struct host *h, int counter, char *name, char *help, char *label);
void *host_histogram_create(struct host *h, char *name, char *help, double *bounds, size_t n);
void host_histogram_set(struct host *h, void *metric, uint64_t *at_most, double sum, uint64_t count);
void host_metric_set(struct host *h, void *metric, int counter, double value, char *label);
uintptr_t host_thread(void);
void host_listen(struct host *h);
void host_wake(struct host *h);
void host_due(struct host *h);
long host_silent(struct host *h);
void host_heard(struct host *h);
void host_forget(struct host *h);
int host_again(int ms);

/* One callback of an input that returns nothing, for shared.c. */
void ticket_called(struct ticket *t);

void shared_join(struct ticket *t);
void shared_leave(struct ticket *t);
void shared_tick(struct ticket *t);

#pragma GCC visibility pop

#endif
