/* Signals and the main loop. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int signal_pipe[2];

static void on_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    if (write(signal_pipe[1], &byte, 1) < 0) {
        /* the pipe is full of unread signals: one more changes nothing */
    }
    errno = saved;
}

static void on_crash(int number) {
    static const char message[] = "[engine] caught signal: the plugin crashed\n";
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0) {
        /* the error cannot be reported any more */
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* As flb_signal_init: with SIGSEGV and SIGFPE, and without SA_ONSTACK. Called again on SIGHUP, it
 * replaces the handlers of Go's runtime for these two. */
void install_signals(void) {
    static const int stops[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM};
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        signal(stops[i], on_signal);
    signal(SIGSEGV, on_crash);
    signal(SIGFPE, on_crash);
}

int wait_signal(int64_t timeout_ms) {
    struct pollfd readable = {.fd = signal_pipe[0], .events = POLLIN};
    unsigned char number;
    poll(&readable, 1, timeout_ms > 0 ? (int)timeout_ms : 0);
    return read(signal_pipe[0], &number, 1) == 1 ? number : 0;
}

static bool enough(const struct host *host) {
    const struct options *options = host->options;
    if (options->seconds > 0 && now_ms() - host->started_ms >= options->seconds * 1000)
        return true;
    for (size_t i = 0; i < host->count; i++)
        if (atomic_load(&host->instances[i]->callbacks) < options->callbacks)
            return false;
    return options->callbacks > 0;
}

/* Runs until a signal, a limit or an error of the plugin. */
static void run(struct host *host, int argc, char **argv) {
    static struct options reloaded[2]; /* the running one and the next one */
    size_t reloads = 0;
    while (!enough(host) && exit_code() == EXIT_OK) {
        host_turn(host);
        int64_t due = host_next_due(host), now = now_ms();
        int64_t end = host->options->seconds > 0 ? host->started_ms + host->options->seconds * 1000 : due;
        int number = wait_signal((due < end ? due : end) - now);
        if (number == SIGHUP) {
            install_signals();
            struct options *fresh = &reloaded[reloads++ % 2];
            options_parse(fresh, argc, argv);
            host_reload(host, fresh);
        } else if (number != 0) {
            log_host(LOG_WARN, "[engine] caught signal (%s)", strsignal(number));
            return;
        }
    }
}

int main(int argc, char **argv) {
    static struct options options;
    struct host host = {.options = &options};

    options_parse(&options, argc, argv);
    if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        die(EXIT_USAGE, "[testhost] make a pipe: %s", strerror(errno));
    install_signals();
    host.ticking = options.script == NULL;
    host_load(&host, false);
    host_start(&host);
    if (options.script != NULL)
        script_run(&host, options.script);
    else
        run(&host, argc, argv);
    host_stop(&host);
    return exit_code();
}
