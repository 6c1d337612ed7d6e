/*
 * One timer for all inputs without a thread of their own. They all run on Fluent Bit's main thread,
 * and their collectors would wake it once a second each, at the same moment. The work of its event
 * loop would grow with the square of their number: after each event mk_event_wait_2 polls again,
 * and flb_input_collector_fd searches all inputs for the right one. So the collector of the input
 * that joined first calls the others too, and their own collectors are paused. All of this happens
 * on the main thread.
 *
 * When Fluent Bit pauses any of these inputs, it stops the collector of the last one. So the first
 * collector goes on as long as there are others, and each input finds out for itself whether it is
 * paused. Inputs exit in the reverse order of their start, the first one last.
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <time.h>

/* How long the calls of one tick may take, in milliseconds: Fluent Bit has other things to do. An
 * input that was not called comes first in the next tick. One that hands over much takes about 10
 * ms, with filters several times that. */
#define LONGEST 250

static struct ticket *first;
/* The input that is called first in the next tick; NULL for the second of the list. */
static struct ticket *next_up;
static int (*collector_pause)(int, void *);
static int (*collector_resume)(int, void *);

/* Adds an input. A host without the two functions calls each input itself. */
void shared_join(struct ticket *t)
{
    struct ticket **end = &first;

    collector_pause = (int (*)(int, void *)) dlsym(RTLD_DEFAULT, "flb_input_collector_pause");
    collector_resume = (int (*)(int, void *)) dlsym(RTLD_DEFAULT, "flb_input_collector_resume");
    if (collector_pause == NULL || collector_resume == NULL) {
        return;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = t;
}

/* Removes an input, if it has joined. */
void shared_leave(struct ticket *t)
{
    struct ticket **link = &first;

    while (*link != NULL && *link != t) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        return;
    }
    *link = t->next;
    if (next_up == t) {
        next_up = t->next;
    }
    if (next_up == first) {
        next_up = NULL; /* the first calls itself */
    }
    if (link == &first && first != NULL && first->paused) {
        first->paused = 0;
        collector_resume(first->context->collector, first->instance);
    }
}

static long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

/* Calls the other inputs, if t is the first. */
void shared_tick(struct ticket *t)
{
    struct ticket *other;
    long began;

    if (t != first || t->next == NULL) {
        return;
    }
    began = milliseconds();
    for (other = next_up == NULL ? t->next : next_up; other != NULL; other = other->next) {
        if (!other->paused) {
            other->paused = 1;
            collector_pause(other->context->collector, other->instance);
        }
        ticket_called(other);
        if (milliseconds() - began >= LONGEST) {
            break;
        }
    }
    next_up = other == NULL ? NULL : other->next;
}
