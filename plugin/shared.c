/*
 * One timer for all inputs without a thread of their own. They all run on Fluent Bit's main thread,
 * and their collectors would wake it once a second each, at the same moment: what its event loop
 * does then grows with the square of their number (mk_event_wait_2 asks again for all that wait,
 * after each; flb_input_collector_fd looks through all inputs for the one that is meant). So the
 * collector of the first input that has joined calls the others too, and theirs are paused. All of
 * this happens on the main thread.
 *
 * A pause of Fluent Bit's stops the collector of the last input, whichever it was meant for; so the
 * first one's goes on as long as there are others, and each input finds out for itself whether it
 * is paused. Inputs exit in the reverse order of their start, the first one last.
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <dlfcn.h>
#include <time.h>

/* How long the others may take in one second, in milliseconds: Fluent Bit has other things to do.
 * Who was left out comes first in the next. One that hands over much takes about 10 ms, and with
 * filters some times that. */
#define LONGEST 250

static struct ticket *first;
static struct ticket *turn; /* whose it is to be called first; NULL for the second one's */
static int (*collector_pause)(int, void *);
static int (*collector_resume)(int, void *);

/* Adds an input. On a test host without the means nothing changes. */
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

/* Takes an input out, whether it has joined or not. */
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
    if (turn == t) {
        turn = t->next;
    }
    if (turn == first) {
        turn = NULL; /* it is not one of the others */
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

/* Calls the others, when it is the first one's second. */
void shared_tick(struct ticket *t)
{
    struct ticket *other;
    long began;

    if (t != first || t->next == NULL) {
        return;
    }
    began = milliseconds();
    for (other = turn == NULL ? t->next : turn; other != NULL; other = other->next) {
        if (!other->paused) {
            other->paused = 1;
            collector_pause(other->context->collector, other->instance);
        }
        ticket_called(other);
        if (milliseconds() - began >= LONGEST) {
            break;
        }
    }
    turn = other == NULL ? NULL : other->next;
}
