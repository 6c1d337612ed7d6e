#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "_cgo_export.h"

/* Functions of the host, looked up by name because its table has only some of them. All but
 * log_append may be missing, as in a build without metrics. FLBPluginInit writes them, while the
 * host starts the instances one after another. */
static void (*log_print)(int, const char *, int, const char *, ...);
static const char *(*input_name)(void *);
static int (*log_append)(void *, size_t, const char *, size_t, const void *, size_t);
static int (*set_property)(void *, const char *, const char *);
static int (*collect_on_event)(void *, int (*)(void *, void *, void *), int, void *);

/* The process that loaded the plugin. Go's threads do not survive a fork: a call into Go in the
 * child may wait for ever. */
static pid_t loaded_by;

__attribute__((constructor)) static void loaded(void)
{
    loaded_by = getpid();
}

/* Ends the process after a log line, for hosts that cannot return from FLBPluginInit safely. Other
 * hosts end too when an input refuses to start. */
void host_refuse(struct host_plugin *p, const char *line)
{
    int n;

    p->api->log_print(1, NULL, 0, "%s", line);
    /* The host writes its log in a thread of its own. The wait is in steps, so that the thread gets
     * time even after the machine stood still. */
    for (n = 0; n < 10; n++) {
        usleep(100 * 1000);
    }
    _exit(EXIT_FAILURE);
}

/* Fluent Bit in daemon mode forks after it has loaded the plugin and before it calls this. Then Go
 * cannot be entered any more, and every way back to the host would enter it. */
__attribute__((visibility("default"))) int FLBPluginInit(struct host_plugin *p)
{
    sigset_t before;
    int code;

    if (getpid() != loaded_by) {
        host_refuse(p,
                    "[input:confluence] daemon mode is not possible with Go plugins, whose threads do not survive the fork: start Fluent Bit "
                    "without --daemon and `daemon on`, as a service of systemd (Type=simple) or with --supervisor");
    }
    release_check(p);
    signals_enter(&before);
    code = confluenceInit(p);
    signals_leave(&before);
    return code;
}

static long seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (long) now.tv_sec;
}

/* Whether the instance has a thread of its own: the host gives it a name that begins with
 * flb-in-. */
static int has_thread(void)
{
    char name[16] = "";

    return pthread_getname_np(pthread_self(), name, sizeof(name)) == 0 && strncmp(name, "flb-in-", 7) == 0;
}

int host_remember(struct host *h, struct host_plugin *p)
{
    if (p == NULL || p->api == NULL) {
        return -1;
    }
    log_print = p->api->log_print;
    input_name = (const char *(*)(void *)) dlsym(RTLD_DEFAULT, "flb_input_name");
    log_append = (int (*)(void *, size_t, const char *, size_t, const void *, size_t)) dlsym(RTLD_DEFAULT, "flb_input_log_append_records");
    set_property = (int (*)(void *, const char *, const char *)) dlsym(RTLD_DEFAULT, "flb_input_set_property");
    collect_on_event = (int (*)(void *, int (*)(void *, void *, void *), int, void *)) dlsym(RTLD_DEFAULT, "flb_input_set_collector_event");
    if (log_append == NULL) {
        host_log(1, "[input:confluence] this Fluent Bit does not show plugins its functions, as a build of Fluent Bit does by itself: use an official one");
        return -1;
    }
    h->instance = p->instance;
    h->direct = !has_thread();
    h->metrics = NULL;
    h->wake[0] = h->wake[1] = -1;
    h->ticket = calloc(1, sizeof(struct ticket));
    if (h->ticket == NULL) {
        return -1;
    }
    atomic_store(&h->ticket->due, 1);
    atomic_store(&h->ticket->called, seconds());
    /* A host built without metrics leaves the member of its table uninitialised. */
    if (host_counts()) {
        h->metrics = p->api->input_get_cmt_instance(p->instance);
    }
    return 0;
}

void host_set_context(struct host *h, struct host_plugin *p, uintptr_t id)
{
    h->ticket->id = id;
    h->ticket->instance = p->instance;
    h->ticket->context = p->context;
    h->ticket->context->remote_context = h->ticket;
    if (h->direct) {
        shared_join(h->ticket);
    }
}

/* Every so many callbacks, Go is entered though there is nothing to do, to update the metrics. */
#define IDLE_CALLBACKS 30

/* Whether a callback has something to do in Go. */
static int has_work(struct ticket *t)
{
    atomic_store(&t->called, seconds());
    if (!atomic_exchange(&t->due, 0) && ++t->idle < IDLE_CALLBACKS) {
        return 0;
    }
    t->idle = 0;
    return 1;
}

void ticket_called(struct ticket *t)
{
    sigset_t before;

    if (has_work(t)) {
        signals_enter(&before);
        confluenceTick(t->id);
        signals_leave(&before);
    }
}

/* Returns no data: the host would not tell whether it took it. host_append tells. */
__attribute__((visibility("default"))) int FLBPluginInputCallbackCtx(void *context, void **data, size_t *size)
{
    *data = NULL;
    *size = 0;
    shared_tick(context);
    ticket_called(context);
    return 1; /* FLB_OK */
}

/* Makes the next callback of the instance enter Go. May be called from any thread. */
void host_due(struct host *h)
{
    if (h->ticket != NULL) {
        atomic_store(&h->ticket->due, 1);
    }
}

/* How long ago the last callback was, in seconds. */
long host_silent(struct host *h)
{
    return h->ticket == NULL ? 0 : seconds() - atomic_load(&h->ticket->called);
}

const char *host_property(struct host_plugin *p, char *key)
{
    return p->api->input_get_property(key, p->instance);
}

const char *host_instance_name(struct host *h)
{
    return input_name == NULL ? NULL : input_name(h->instance);
}

/* 1 error, 2 warn, 3 info, 4 debug, 5 trace: the most verbose level that the instance's log_level
 * lets through. */
int host_log_level(struct host_plugin *p)
{
    int level;

    for (level = 5; level > 1; level--) {
        if (p->api->input_log_check(p->instance, level)) {
            break;
        }
    }
    return level;
}

void host_log(int level, char *message)
{
    if (log_print != NULL) {
        log_print(level, NULL, 0, "%s", message);
    }
}

/* Whether the host has taken the events. */
int host_append(struct host *h, size_t records, void *events, size_t size)
{
    return log_append(h->instance, records, NULL, 0, events, size) == 0;
}

uintptr_t host_thread(void)
{
    return (uintptr_t) pthread_self();
}

/* Fluent Bit calls this on the instance's thread when a byte has come through the pipe. */
static int on_wake(void *instance, void *config, void *context)
{
    sigset_t before;

    (void) instance;
    (void) config;
    (void) context;
    signals_enter(&before);
    confluenceWoken();
    signals_leave(&before);
    return 0;
}

/* Makes Fluent Bit's main thread empty the ring of the instance as soon as something is in it, and
 * not only four times a second. The host signals the thread when the ring is filled to window per
 * cent of its capacity: with these values that is one buffer. The host reads both keys after
 * FLBPluginInit. */
static void hasten_ring(struct host *h)
{
    if (set_property != NULL) {
        set_property(h->instance, "thread.ring_buffer.capacity", "100");
        set_property(h->instance, "thread.ring_buffer.window", "1");
    }
}

static void stop_listening(struct host *h)
{
    if (h->wake[0] >= 0) {
        close(h->wake[0]);
        close(h->wake[1]);
    }
    h->wake[0] = h->wake[1] = -1;
}

/* Makes Fluent Bit call an instance that has a thread of its own after host_wake, besides once a
 * second. Without a thread that is not possible: the function then needs the host's configuration,
 * which a plugin does not have. */
void host_listen(struct host *h)
{
    if (collect_on_event == NULL || h->direct || pipe(h->wake) != 0) {
        return;
    }
    hasten_ring(h);
    if (fcntl(h->wake[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(h->wake[1], F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(h->wake[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(h->wake[1], F_SETFD, FD_CLOEXEC) != 0 ||
        collect_on_event(h->instance, on_wake, h->wake[0], NULL) < 0) {
        stop_listening(h);
    }
}

/* May be called from any thread. When the pipe is full the write fails, and the thread wakes all
 * the same. */
void host_wake(struct host *h)
{
    host_due(h);
    if (h->wake[1] >= 0 && write(h->wake[1], "", 1) < 0) {
        return;
    }
}

/* Empties the pipe. */
void host_heard(struct host *h)
{
    char bytes[256];

    while (h->wake[0] >= 0 && read(h->wake[0], bytes, sizeof(bytes)) == (ssize_t) sizeof(bytes)) {
    }
}

/* Frees what the instance has here. No call of host_wake or host_due may come later. */
void host_forget(struct host *h)
{
    stop_listening(h);
    if (h->ticket != NULL) {
        shared_leave(h->ticket);
    }
    free(h->ticket);
    h->ticket = NULL;
}
