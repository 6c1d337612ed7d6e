/*
 * Keeps the host's signal handlers off the stacks of Go.
 *
 * A goroutine's stack has a few kB, and lies in Go's heap beside other objects. A handler that runs
 * on it overwrites them: Go ends the process with "found pointer to free object", or worse. So Go
 * gives each handler that it finds when it is loaded a stack of its own (SA_ONSTACK). But after a
 * SIGHUP or a SIGCONT, Fluent Bit installs its handlers again without that
 * (flb_signal_handler in fluent-bit.c, 4.2.3 to 5.1.1). systemd sends SIGTERM and then SIGCONT at
 * each stop (systemd.kill(5), KillSignal=), and then the kernel may choose any thread.
 *
 * So Go's own threads block these signals, and so does a thread of the host while it is in Go. The
 * main thread of the process, which the kernel prefers anyway, still gets them.
 */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <pthread.h>
#include <signal.h>

static sigset_t loader; /* the mask of the thread that loads the plugin */
static int loading;

/* Called before a thread of the host enters Go. Its mask goes to before. */
void signals_enter(sigset_t *before)
{
    sigset_t handled;

    sigemptyset(&handled);
    sigaddset(&handled, SIGINT);
    sigaddset(&handled, SIGQUIT);
    sigaddset(&handled, SIGHUP);
    sigaddset(&handled, SIGCONT);
    sigaddset(&handled, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &handled, before);
}

/* Called when the thread has left Go. */
void signals_leave(const sigset_t *before)
{
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

/* Comes before Go's own start, which has no priority: its threads inherit the mask, and so do all
 * that they create. */
__attribute__((constructor(101))) static void block_for_go(void)
{
    loading = 1;
    signals_enter(&loader);
}

/* Ends what block_for_go has begun. Called on the same thread, right after it has loaded the
 * plugin. */
void signals_loaded(void)
{
    if (loading) {
        loading = 0;
        signals_leave(&loader);
    }
}
