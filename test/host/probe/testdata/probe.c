/*
 * A plugin that only logs the calls of the host. Each call is one log line, "[probe] CALL instance
 * thread ...". Its behaviour is set by properties (see probe_init) and, before there are any, by
 * the environment.
 */
#define _GNU_SOURCE
#include "../../abi.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct probe {
    int id;
    int records;      /* a callback */
    int sleep_ms;     /* in a callback, after it was counted */
    /* What a callback returns: event, metadata, hex digits, or one of the errors below. */
    const char *emit;
};

static struct api *api;
static int probes;
/* Pause, Resume, PreExit and Exit get no argument that tells the instance. */
static _Thread_local struct probe *mine;
static void (*log_print)(int, const char *, int, const char *, ...);

static void tell(const char *call, const char *format, long value) {
    char thread[16] = "";
    char detail[64];
    pthread_getname_np(pthread_self(), thread, sizeof thread);
    snprintf(detail, sizeof detail, format, value);
    if (log_print != NULL)
        log_print(3, NULL, 0, "[probe] %s %d %s %s", call, mine == NULL ? -1 : mine->id, thread, detail);
    else
        fprintf(stderr, "[probe] %s %d %s %s\n", call, mine == NULL ? -1 : mine->id, thread, detail);
}

static const char *text(struct go_plugin *plugin, const char *key) {
    const char *value = plugin->api->input_get_property(key, plugin->instance);
    return value == NULL ? "" : value;
}

int FLBPluginPreRegister(int hot_reloading) {
    tell("PreRegister", "hot=%ld", hot_reloading);
    return 0;
}

int FLBPluginRegister(struct plugin_def *def) {
    tell("Register", "type=%ld", def->type);
    def->type = PROXY_INPUT_PLUGIN;
    def->proxy = PROXY_GOLANG;
    def->flags = 0;
    def->name = strdup("probe");
    def->description = strdup("tells what it sees");
    if (getenv("PROBE_OVERFLOW") != NULL) /* as fluent-bit-go after July 2023 */
        def->event_type = 0;
    return getenv("PROBE_REFUSE") != NULL ? -1 : 0;
}

/* tell_asked adds to the file PROBE_ASKED the properties that PROBE_ASK names, "a,b", with values
 * in hex digits. */
static void tell_asked(struct go_plugin *plugin, int id) {
    if (getenv("PROBE_ASK") == NULL || getenv("PROBE_ASKED") == NULL)
        return;
    FILE *file = fopen(getenv("PROBE_ASKED"), "a");
    if (file == NULL)
        return;
    char *keys = strdup(getenv("PROBE_ASK"));
    for (char *save, *key = strtok_r(keys, ",", &save); key != NULL; key = strtok_r(NULL, ",", &save)) {
        fprintf(file, "%d %s ", id, key);
        for (const char *at = text(plugin, key); *at != '\0'; at++)
            fprintf(file, "%02x", (unsigned char)*at);
        fputc('\n', file);
    }
    free(keys);
    fclose(file);
}

int FLBPluginInit(struct go_plugin *plugin) {
    struct probe *probe = calloc(1, sizeof *probe);
    probe->id = probes++;
    probe->records = atoi(text(plugin, "records"));
    probe->sleep_ms = atoi(text(plugin, "sleep_ms"));
    probe->emit = strdup(text(plugin, "emit"));
    mine = probe;
    tell_asked(plugin, probe->id);
    api = plugin->api;
    log_print = api->log_print;
    plugin->context->remote_context = probe;
    tell("Init", "%ld", 0);
    log_print(3, NULL, 0, "[probe] property %d shown=%s host=%s", probe->id, text(plugin, "SHOWN"), text(plugin, "host"));
    tell("Level", "debug=%ld", api->input_log_check(plugin->instance, 4));
    tell("Metrics", "given=%ld", api->input_get_cmt_instance(plugin->instance) != NULL);
    return text(plugin, "fail")[0] == '\0';
}

int FLBPluginInputPreRun(int hot_reload) {
    tell("PreRun", "reload=%ld", hot_reload);
    return 0;
}

/* [EventTime 2026-11-22T18:00:00.000000001Z, {"n": n}], or with metadata {"m": true} */
static size_t event(unsigned char *at, int n, int metadata) {
    static const unsigned char plain[] = "\x92\xd7\x00\x6b\x03\x2d\xa0\x00\x00\x00\x01\x81\xa1n\xce";
    static const unsigned char rich[] = "\x92\x92\xd7\x00\x6b\x03\x2d\xa0\x00\x00\x00\x01\x81\xa1m\xc3\x81\xa1n\xce";
    size_t size = (metadata ? sizeof rich : sizeof plain) - 1;
    memcpy(at, metadata ? rich : plain, size);
    for (int shift = 24; shift >= 0; shift -= 8)
        at[size++] = (unsigned char)(n >> shift);
    return size;
}

static size_t unhex(unsigned char *out, const char *digits) {
    size_t size = 0;
    for (unsigned byte; sscanf(digits, "%2x", &byte) == 1; digits += 2)
        out[size++] = (unsigned char)byte;
    return size;
}

static int collect(struct probe *probe, void **data, size_t *size) {
    static int n;
    tell("Callback", "records=%ld", probe->records);
    usleep((useconds_t)probe->sleep_ms * 1000);
    if (strcmp(probe->emit, "size-without-data") == 0) {
        *size = 1;
        return 1;
    }
    if (strcmp(probe->emit, "data-without-size") == 0) {
        *data = malloc(1);
        return 1;
    }
    if (probe->records == 0)
        return 1;
    unsigned char *buffer = *data = malloc((size_t)probe->records * 64 + strlen(probe->emit));
    if (strcmp(probe->emit, "event") == 0 || strcmp(probe->emit, "metadata") == 0)
        for (int i = 0; i < probe->records; i++)
            *size += event(buffer + *size, n++, probe->emit[0] == 'm');
    else if (strcmp(probe->emit, "minus-one") == 0)
        *size = 1;
    else
        *size = unhex(buffer, probe->emit);
    return strcmp(probe->emit, "minus-one") == 0 ? -1 : 1;
}

int FLBPluginInputCallbackCtx(void *context, void **data, size_t *size) {
    if (context != mine)
        tell("WrongContext", "%ld", 0);
    return collect(context, data, size);
}

int FLBPluginInputCleanupCallbackCtx(void *context, void *data) {
    if (context != mine)
        tell("WrongContext", "%ld", 0);
    tell("Cleanup", "null=%ld", data == NULL);
    free(data);
    return 0;
}

void FLBPluginInputPause(void) {
    tell("Pause", "%ld", 0);
}

void FLBPluginInputResume(void) {
    tell("Resume", "%ld", 0);
}

void FLBPluginInputPreExit(int by_hot_reload) {
    tell("PreExit", "hot=%ld", by_hot_reload);
}

int FLBPluginExit(void) {
    tell("Exit", "%ld", 0);
    if (mine == NULL) /* all inputs on one thread: it was the other one's */
        return 0;
    free((void *)mine->emit);
    free(mine);
    mine = NULL;
    return 0;
}

void FLBPluginUnregister(struct plugin_def *def) {
    tell("Unregister", "%ld", 0);
    free(def->name);
    free(def->description);
}
