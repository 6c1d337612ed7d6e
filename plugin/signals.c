/*
 * Keeps the host's signal handlers off the stacks of Go.
 *
 * A goroutine's stack has a few kB, and lies in Go's heap beside other objects. A handler that runs
 * on it overwrites them: Go ends the process with "found pointer to free object", or worse. So Go
 * gives each handler that it finds when it is loaded a stack of its own (SA_ONSTACK). But after a
 * SIGHUP or a SIGCONT, Fluent Bit installs its handlers again without that
 * (flb_signal_handler in fluent-bit.c, 4.2.3 to 5.1.1). systemd sends SIGTERM and then SIGCONT at
 * each stop, and then the kernel may choose any thread.
 *
 * So the threads that run Go block these signals. The main thread of the process, which the kernel
 * prefers anyway, still gets them.
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static sigset_t before; /* the mask of the thread that loads the plugin */
static int blocking;

static int block(sigset_t *old)
{
    sigset_t handled;

    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGQUIT);
    sigaddset(&handled, SIGHUP);
    sigaddset(&handled, SIGCONT);
    sigaddset(&handled, SIGTERM);
    return pthread_sigmask(SIG_BLOCK, &handled, old) == 0;
}

/* Comes before Go's own start, which has no priority: its threads inherit the mask, and so do all
 * that they create. */
__attribute__((constructor(101))) static void block_for_go(void)
{
    blocking = block(&before);
}

/* Ends what block_for_go has begun, for the thread that loaded the plugin. */
void signals_loaded(void)
{
    if (blocking) {
        blocking = 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
}

/* Called on the thread of an instance, which enters Go. */
void signals_enter(void)
{
    if (gettid() != getpid()) {
        block(NULL);
    }
}
