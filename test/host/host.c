/* The engine: what runs on the main thread, in the order of flb_engine.c and flb_reload.c. */
#include "host.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Timers fire on whole multiples of their interval, so the first one comes early and late ones
 * coalesce. */
static int64_t after(int64_t now, int64_t interval) {
    return (now / interval + 1) * interval;
}

void host_load(struct host *host, bool hot_reloading) {
    host->plugin = plugin_load(host->options->plugin, host->options->abi, hot_reloading);
}

struct instance *host_add(struct host *host, const struct input *input) {
    if (strcasecmp(input->name, host->plugin->go.name) != 0)
        die(EXIT_USAGE, "[config] tried to instance a plugin name that doesn't exist: '%s'; %s is '%s'", input->name,
            host->options->plugin, host->plugin->go.name);
    if (host->count == MAX_INPUTS)
        die(EXIT_USAGE, "[testhost] more than %d inputs", MAX_INPUTS);
    struct instance *instance = instance_create(host->plugin, input, host->count, host->options->refuse);
    host->instances[host->count++] = instance;
    /* Fluent Bit ends here too, without Exit of the instances that have started. */
    if (!instance_init(instance))
        die(EXIT_INIT, "[go proxy]: plugin '%s' failed to initialize", instance->name);
    return instance;
}

void host_start(struct host *host) {
    atomic_store(&ingestion_active, true);
    for (size_t i = 0; i < host->options->input_count; i++)
        host_add(host, host->options->inputs[i]);
    for (size_t i = 0; i < host->count; i++)
        instance_start(host->instances[i], host->ticking);
    host->started_ms = now_ms();
    host->next_tick = after(host->started_ms, host->options->tick_ms);
    host->next_drain = after(host->started_ms, host->options->drain_ms);
    host->next_pause = 0;
}

/* Back pressure: an instance is told once, even if its limit is hit several times, and its ring is
 * not emptied until it may go on. */
static void follow_plan(struct host *host, const struct pause_plan *plan) {
    struct instance *instance = host->instances[plan->instance];
    if (atomic_exchange(&instance->over_limit, !plan->resume) == !plan->resume)
        return;
    log_host(LOG_WARN, "[input] %s %s (mem buf overlimit)", instance->name, plan->resume ? "resume" : "paused");
    if (plan->resume)
        instance_resume(instance);
    else
        instance_pause(instance);
}

void host_drain(struct host *host) {
    for (size_t i = 0; i < host->count; i++)
        instance_drain(host->instances[i]);
}

void host_turn(struct host *host) {
    const struct options *options = host->options;
    int64_t now = now_ms();
    while (host->next_pause < options->pause_count && host->started_ms + options->pauses[host->next_pause].at_ms <= now)
        follow_plan(host, &options->pauses[host->next_pause++]);
    if (now >= host->next_tick) {
        for (size_t i = 0; i < host->count; i++)
            instance_tick(host->instances[i]);
        host->next_tick = after(now, options->tick_ms);
    }
    if (now >= host->next_drain) {
        host_drain(host);
        host->next_drain = after(now, options->drain_ms);
    }
}

int64_t host_next_due(const struct host *host) {
    int64_t due = host->next_tick < host->next_drain ? host->next_tick : host->next_drain;
    if (host->next_pause < host->options->pause_count) {
        int64_t pause = host->started_ms + host->options->pauses[host->next_pause].at_ms;
        due = pause < due ? pause : due;
    }
    return due;
}

/* Instances over their limit are paused already and are not told again (flb_input_pause). */
static void pause_all(struct host *host) {
    for (size_t i = 0; i < host->count; i++)
        if (!atomic_load(&host->instances[i]->over_limit))
            instance_pause(host->instances[i]);
}

/*
 * Ends all instances: pause, a shutdown timer that fires on the next whole tick, pause again, exit
 * one by one from the last to the first. Until the timer fires, the rings are drained, and
 * collectors that the misrouted pause did not stop go on. What is handed over after that is lost.
 */
static void end_all(struct host *host, bool by_hot_reload) {
    atomic_store(&ingestion_active, false);
    pause_all(host);
    int64_t shutdown = after(now_ms(), host->options->tick_ms), now;
    do {
        int64_t due = host_next_due(host);
        wait_signal((due < shutdown ? due : shutdown) - now_ms());
        now = now_ms();
        host_turn(host);
    } while (now < shutdown);
    pause_all(host);
    for (size_t i = host->count; i > 0; i--)
        instance_exit(host->instances[i - 1], by_hot_reload);
    for (; host->count > 0; host->count--)
        instance_free(host->instances[host->count - 1]);
    plugin_unload(host->plugin);
}

void host_stop(struct host *host) {
    log_host(LOG_INFO, "[engine] service will shutdown in max 5 seconds");
    end_all(host, false);
    log_host(LOG_INFO, "[engine] service has stopped");
}

/* The new plugin is registered while the old instances still work; its instances start when all old
 * ones are gone. */
void host_reload(struct host *host, struct options *fresh) {
    struct host next = {.options = fresh, .ticking = host->ticking};
    log_host(LOG_INFO, "[reload] reloading");
    host_load(&next, true);
    end_all(host, true);
    host_start(&next);
    *host = next;
    log_host(LOG_INFO, "[reload] successful reload done.");
}
