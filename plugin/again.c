/*
 * Calls inputs without a thread of their own more often than once a second, while they have much to
 * hand over. They run on Fluent Bit's main thread, so a timer of its scheduler calls them. Such a
 * timer comes before everything else the main thread does, and for the first time at once, whatever
 * its interval. So it calls again and again until it is told to end; a new one for each call would
 * let nothing else happen. The functions and the type of the timer are the same from 4.2.3 to 5.1.1
 * (flb_scheduler.h; the first call: _mk_event_timeout_create in mk_event_epoll.c).
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "_cgo_export.h"

/* FLB_SCHED_TIMER_CB_PERM */
#define REPEATED 4

static void *(*scheduler_of_thread)(void);
static int (*timer_create)(void *, int, int, void (*)(void *, void *), void *, void **);
static void (*timer_invalidate)(void *);

static void on_again(void *config, void *data)
{
    void **timer = data;
    sigset_t before;
    int more;

    (void) config;
    signals_enter(&before);
    more = confluenceAgain();
    signals_leave(&before);
    if (!more) {
        timer_invalidate(*timer); /* the host frees it after this round of its event loop */
        free(timer);
    }
}

/* Calls confluenceAgain each so many milliseconds, until that returns 0. It must be called on the
 * main thread, after the host has started its inputs. It returns 0 if the host cannot do that. */
int host_again(int ms)
{
    void *scheduler, **timer;

    scheduler_of_thread = (void *(*)(void)) dlsym(RTLD_DEFAULT, "flb_sched_ctx_get");
    timer_create = (int (*)(void *, int, int, void (*)(void *, void *), void *, void **)) dlsym(RTLD_DEFAULT, "flb_sched_timer_cb_create");
    timer_invalidate = (void (*)(void *)) dlsym(RTLD_DEFAULT, "flb_sched_timer_invalidate");
    if (scheduler_of_thread == NULL || timer_create == NULL || timer_invalidate == NULL) {
        return 0;
    }
    scheduler = scheduler_of_thread();
    timer = calloc(1, sizeof(void *));
    if (scheduler == NULL || timer == NULL || timer_create(scheduler, REPEATED, ms, on_again, timer, timer) != 0) {
        free(timer);
        return 0;
    }
    return 1;
}
