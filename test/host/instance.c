/* One input: src/proxy/go/go.c, src/flb_plugin_proxy.c and src/flb_input_thread.c for the
 * callbacks, each a job of its thread. */
#include "host.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

atomic_bool ingestion_active = true;

static struct worker *pipeline; /* the engine's thread, where inputs with "threaded off" run */
static size_t pipeline_users;

static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

static long print(struct instance *instance, FILE *out, const void *data, size_t size) {
    long records;
    size_t offset;
    pthread_mutex_lock(&output);
    const char *mistake = records_print(out, instance->settings.tag, data, size, &records, &offset);
    fflush(stdout);
    pthread_mutex_unlock(&output);
    if (mistake != NULL)
        fail(EXIT_MALFORMED, "[testhost] %s: a buffer of %zu bytes %s (at byte %zu, after %ld whole events)", instance->name, size,
             mistake, offset, records);
    return records;
}

static void append(struct instance *instance, const void *data, size_t size) {
    atomic_fetch_add(&instance->appends, 1);
    if (instance->settings.threaded) {
        if (ring_push(&instance->ring, data, size))
            return;
        log_host(LOG_ERROR, "[input:%s] could not enqueue records into the ring buffer", instance->name);
    } else if (!atomic_load(&instance->over_limit)) {
        atomic_fetch_add(&instance->delivered, print(instance, stdout, data, size));
        return;
    }
    atomic_fetch_add(&instance->refused, print(instance, NULL, data, size));
}

/*
 * Fluent Bit's own function, on the thread of the instance. A plugin finds it and those below if
 * the host is linked with -Wl,--export-dynamic-symbol=flb_input_*.
 */
int flb_input_log_append_records(struct instance *instance, size_t records, const char *tag, size_t tag_length, const void *data, size_t size);

/* The plugin is in Go when it appends. A handler of the host must not run on the stack of Go. */
static void check_signals(const struct instance *instance) {
    static const int handled[] = {SIGINT, SIGQUIT, SIGHUP, SIGCONT, SIGTERM};
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
        if (!sigismember(&blocked, handled[i]))
            fail(EXIT_ABI, "[testhost] %s: it runs Go on a thread that gets the signal %s", instance->name, strsignal(handled[i]));
}

int flb_input_log_append_records(struct instance *instance, size_t records, const char *tag, size_t tag_length, const void *data, size_t size) {
    (void)tag, (void)tag_length;
    check_signals(instance);
    atomic_fetch_add(&instance->appends, 1);
    if (instance->settings.threaded)
        return ring_push(&instance->ring, data, size) ? 0 : -1;
    if (atomic_load(&instance->over_limit))
        return -1;
    long printed = print(instance, stdout, data, size);
    if (printed != (long)records)
        fail(EXIT_ABI, "[testhost] %s: %ld records were appended as %zu", instance->name, printed, records);
    atomic_fetch_add(&instance->delivered, printed);
    return 0;
}

/* Fluent Bit's own functions. Only an instance without a thread may use them, on the main
 * thread. */
int flb_input_collector_pause(int id, struct instance *instance);
int flb_input_collector_resume(int id, struct instance *instance);

int flb_input_collector_pause(int id, struct instance *instance) {
    (void)id;
    atomic_store(&instance->collecting, false);
    return 0;
}

int flb_input_collector_resume(int id, struct instance *instance) {
    (void)id;
    if (atomic_load(&ingestion_active) && atomic_exchange(&instance->collecting, true))
        fail(EXIT_ABI, "[input] cannot resume collector %s:0, already running", instance->name);
    return 0;
}

static void cleanup(struct instance *instance, void *data) {
    const struct plugin *plugin = instance->plugin;
    if (plugin->cleanup != NULL)
        plugin->cleanup(instance->context->remote_context, data);
    else
        free(data);
}

/* Fluent Bit checks the size first and then the result. It would not notice the errors reported
 * here, but leak or crash. */
static void collect(struct instance *instance) {
    const struct plugin *plugin = instance->plugin;
    void *data = NULL;
    size_t size = 0;
    int result = plugin->callback(instance->context->remote_context, &data, &size);
    if (size == 0 && data != NULL)
        fail(EXIT_ABI, "[testhost] %s: the callback gave data with size 0, which nobody frees", instance->name);
    if (size == 0)
        return;
    if (result == -1) {
        fail(EXIT_ABI, "[testhost] %s: the callback returned -1 with %zu bytes, which are lost and never freed", instance->name, size);
        return;
    }
    if (data == NULL) {
        fail(EXIT_ABI, "[testhost] %s: the callback gave size %zu without data", instance->name, size);
        return;
    }
    append(instance, data, size);
    cleanup(instance, data);
}

/* A callback counts when it is complete, so that a limit on callbacks cuts nothing off. */
static void counted_collect(struct instance *instance) {
    collect(instance);
    atomic_fetch_add(&instance->callbacks, 1);
}

struct instance *instance_create(struct plugin *plugin, const struct input *input, size_t number, long refuse) {
    struct instance *instance = allocate(sizeof *instance);
    instance->plugin = plugin;
    instance->settings = *input;
    snprintf(instance->name, sizeof instance->name, "%s.%zu", plugin->go.name, number);
    if (instance->settings.tag == NULL)
        instance->settings.tag = instance->name;
    if (instance->settings.log_level < 0)
        instance->settings.log_level = log_level;
    ring_init(&instance->ring, refuse);

    instance->context = allocate(sizeof *instance->context);
    instance->context->proxy = plugin;

    if (input->threaded) {
        char thread[96];
        snprintf(thread, sizeof thread, "flb-in-%s-w0", instance->name);
        instance->worker = worker_start(thread);
    } else {
        if (pipeline_users++ == 0)
            pipeline = worker_start("flb-pipeline");
        instance->worker = pipeline;
    }
    return instance;
}

static void job_init(void *argument) {
    struct instance *instance = argument;
    struct plugin *plugin = instance->plugin;
    plugin->last = instance;
    plugin->go.instance = instance;
    plugin->go.context = instance->context;
    instance->init_result = plugin->init(&plugin->go);
}

bool instance_init(struct instance *instance) {
    worker_call(instance->worker, job_init, instance);
    return instance->init_result > 0; /* FLB_RETRY (2) counts as success */
}

static void job_pre_run(void *argument) {
    struct instance *instance = argument;
    if (instance->plugin->pre_run != NULL)
        instance->plugin->pre_run(1);
}

void instance_start(struct instance *instance, bool timer) {
    atomic_store(&instance->collecting, timer);
    worker_post(instance->worker, job_pre_run, instance);
}

static void job_tick(void *argument) {
    struct instance *instance = argument;
    atomic_store(&instance->tick_pending, false);
    if (atomic_load(&instance->collecting))
        counted_collect(instance);
}

void instance_tick(struct instance *instance) {
    if (atomic_load(&instance->collecting) && !atomic_exchange(&instance->tick_pending, true))
        worker_post(instance->worker, job_tick, instance);
}

static void job_callback(void *argument) {
    counted_collect(argument);
}

void instance_callback(struct instance *instance) {
    worker_call(instance->worker, job_callback, instance);
}

/* Fluent Bit tells the paused instance, then stops the collector of the one initialised last
 * (flb_proxy_input_cb_pause). */
static void job_pause(void *argument) {
    struct plugin *plugin = ((struct instance *)argument)->plugin;
    if (plugin->pause != NULL)
        plugin->pause();
    if (plugin->last != NULL)
        atomic_store(&plugin->last->collecting, false);
}

void instance_pause(struct instance *instance) {
    worker_post(instance->worker, job_pause, instance);
}

static void job_resume(void *argument) {
    struct plugin *plugin = ((struct instance *)argument)->plugin;
    if (plugin->resume != NULL)
        plugin->resume();
    if (plugin->last != NULL && atomic_load(&ingestion_active) && atomic_exchange(&plugin->last->collecting, true))
        log_host(LOG_ERROR, "[input] cannot resume collector %s:0, already running", plugin->last->name);
}

void instance_resume(struct instance *instance) {
    worker_post(instance->worker, job_resume, instance);
}

static long take_all(struct instance *instance, FILE *out) {
    long records = 0;
    for (struct append *append; (append = ring_pop(&instance->ring)) != NULL;) {
        records += print(instance, out, append->data, append->size);
        free(append->data);
        free(append);
    }
    return records;
}

void instance_drain(struct instance *instance) {
    if (!atomic_load(&instance->over_limit))
        atomic_fetch_add(&instance->delivered, take_all(instance, stdout));
}

static void job_exit(void *argument) {
    struct instance *instance = argument;
    atomic_store(&instance->collecting, false);
    if (instance->plugin->pre_exit != NULL)
        instance->plugin->pre_exit(instance->by_hot_reload);
    if (instance->plugin->exit != NULL)
        instance->plugin->exit();
}

/* What is still in the ring is lost: Fluent Bit does not wait for it. */
void instance_exit(struct instance *instance, bool by_hot_reload) {
    instance->by_hot_reload = by_hot_reload;
    worker_call(instance->worker, job_exit, instance);
    if (instance->worker != pipeline)
        worker_join(instance->worker);
    else if (--pipeline_users == 0) {
        worker_join(pipeline);
        pipeline = NULL;
    }
    atomic_fetch_add(&instance->lost, take_all(instance, NULL));
    log_host(LOG_INFO, "[testhost] %s: %ld callbacks, %ld appends; records: %ld delivered, %ld refused, %ld lost at exit",
             instance->name, atomic_load(&instance->callbacks), atomic_load(&instance->appends),
             atomic_load(&instance->delivered), atomic_load(&instance->refused), atomic_load(&instance->lost));
}

void instance_free(struct instance *instance) {
    pthread_mutex_destroy(&instance->ring.lock);
    free(instance->context);
    free(instance);
}
