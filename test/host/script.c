/*
 * Runs steps from a script instead of timers. One step a line; blank lines and lines that begin
 * with # do not count; a value cannot contain blanks. A is a number: the inputs are 0, 1, ... in
 * the order of their init steps.
 *
 *     init KEY=VALUE...       Init of one more input
 *     prerun A                PreRun
 *     callback A [xN]         N callbacks, each followed by append and cleanup
 *     pause A, resume A       back pressure begins, ends
 *     refuse A N              drop the next N appends, after 1.0 s each
 *     exit A                  PreExit, Exit; the input ends. The others keep their numbers
 *     reload                  hot reload of the inputs that are left, which count from 0 again
 *     sleep MS                time passes
 *     memory                  prints {"memory":{"rss":BYTES,"heap":BYTES}}; heap: given by malloc
 *     expect A N              N records came from A since its last expect
 *     await N A...            callbacks of the inputs A, one each every 50 ms, until all inputs
 *                             together have delivered N records since the start or the last reload
 *
 * What was handed over is taken after every callback, unless the input is paused. At the end of the
 * script, or at SIGTERM between two steps, all remaining inputs exit.
 */
#include "host.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct script {
    struct host *host;
    int line;
    bool stopped; /* by a signal */
    size_t count; /* of inputs ever made since the start or the last reload */
    struct instance *instances[MAX_INPUTS]; /* NULL: gone */
    long expected[MAX_INPUTS];              /* delivered at the last expect */
};

static const char *word(void) {
    return strtok(NULL, " \t\r\n");
}

static long number(const struct script *script, const char *text) {
    char *end;
    long value = text == NULL ? -1 : strtol(text, &end, 10);
    if (value < 0 || *end != '\0')
        die(EXIT_USAGE, "[script] line %d: want a number, have '%s'", script->line, text == NULL ? "" : text);
    return value;
}

static size_t input_of(const struct script *script, const char *text) {
    size_t input = (size_t)number(script, text);
    if (input >= script->count || script->instances[input] == NULL)
        die(EXIT_USAGE, "[script] line %d: there is no input %zu", script->line, input);
    return input;
}

static void step_init(struct script *script) {
    struct options *options = script->host->options;
    if (script->count == MAX_INPUTS)
        die(EXIT_USAGE, "[script] line %d: more than %d inputs", script->line, MAX_INPUTS);
    struct input *input = options_add_input(options, script->host->plugin->go.name);
    for (const char *text; (text = word()) != NULL;) {
        const char *equals = strchr(text, '=');
        if (equals == NULL)
            die(EXIT_USAGE, "[script] line %d: want key=value, have '%s'", script->line, text);
        char *key = strndup(text, (size_t)(equals - text));
        const char *mistake = input_set(input, key, equals + 1);
        if (mistake != NULL)
            die(EXIT_USAGE, "[script] line %d: property '%s': %s", script->line, key, mistake);
        free(key);
    }
    script->instances[script->count++] = host_add(script->host, input);
}

static void step_callback(struct script *script, struct instance *instance) {
    const char *times = word();
    if (times != NULL && *times++ != 'x')
        die(EXIT_USAGE, "[script] line %d: want callback A xN", script->line);
    for (long left = times == NULL ? 1 : number(script, times); left > 0; left--) {
        instance_callback(instance);
        instance_drain(instance);
    }
}

static void step_pressure(struct instance *instance, bool paused) {
    atomic_store(&instance->over_limit, paused);
    if (paused)
        instance_pause(instance);
    else
        instance_resume(instance);
    instance_drain(instance);
}

/* Removes the input, so that a reload or the end of the script does nothing for it. */
static void step_exit(struct script *script, size_t input) {
    struct host *host = script->host;
    struct options *options = host->options;
    struct instance *instance = script->instances[input];
    size_t at = 0;
    while (host->instances[at] != instance)
        at++;
    instance_exit(instance, false);
    if (host->plugin->last == instance)
        host->plugin->last = NULL;
    instance_free(instance);
    input_free(options->inputs[at]);
    script->instances[input] = NULL;
    host->count--;
    options->input_count--;
    memmove(&host->instances[at], &host->instances[at + 1], (host->count - at) * sizeof host->instances[0]);
    memmove(&options->inputs[at], &options->inputs[at + 1], (options->input_count - at) * sizeof options->inputs[0]);
}

static void step_reload(struct script *script) {
    struct host *host = script->host;
    host_reload(host, host->options);
    memset(script->expected, 0, sizeof script->expected);
    memset(script->instances, 0, sizeof script->instances);
    memcpy(script->instances, host->instances, host->count * sizeof host->instances[0]);
    script->count = host->count;
}

static void step_memory(void) {
    unsigned long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%*u %lu", &pages) != 1)
        die(EXIT_USAGE, "[script] read /proc/self/statm: %s", strerror(errno));
    fclose(statm);
    malloc_trim(0);
    struct mallinfo2 heap = mallinfo2();
    printf("{\"memory\":{\"rss\":%ld,\"heap\":%zu}}\n", (long)pages * sysconf(_SC_PAGESIZE), heap.uordblks + heap.hblkhd);
    fflush(stdout);
}

static void step_expect(struct script *script, size_t input) {
    long want = number(script, word());
    long delivered = atomic_load(&script->instances[input]->delivered);
    long have = delivered - script->expected[input];
    script->expected[input] = delivered;
    if (have != want)
        fail(EXIT_EXPECT, "[script] line %d: input %zu delivered %ld records, want %ld", script->line, input, have, want);
}

/* Waits for what the inputs read, however slow the machine is. An input that never gives it fails. */
static void step_await(struct script *script) {
    enum { every_ms = 50, most_ms = 60000 };
    long want = number(script, word()), have = 0;
    bool called[MAX_INPUTS] = {false};
    for (const char *text; (text = word()) != NULL;)
        called[input_of(script, text)] = true;
    for (long waited_ms = 0; waited_ms < most_ms; waited_ms += every_ms) {
        for (size_t input = 0; input < script->count; input++)
            if (called[input]) {
                instance_callback(script->instances[input]);
                instance_drain(script->instances[input]);
            }
        have = 0;
        for (size_t input = 0; input < script->count; input++)
            if (script->instances[input] != NULL)
                have += atomic_load(&script->instances[input]->delivered);
        if (have >= want || script->stopped)
            return;
        script->stopped = wait_signal(every_ms) != 0;
    }
    fail(EXIT_EXPECT, "[script] line %d: the inputs delivered %ld records, want %ld", script->line, have, want);
}

/* Runs a step that names an input. */
static void input_step(struct script *script, const char *name) {
    static const char *const names[] = {"prerun", "callback", "pause", "resume", "refuse", "exit", "expect"};
    size_t which = 0, count = sizeof names / sizeof names[0];
    while (which < count && strcmp(names[which], name) != 0)
        which++;
    if (which == count)
        die(EXIT_USAGE, "[script] line %d: no step '%s'", script->line, name);
    size_t input = input_of(script, word());
    struct instance *instance = script->instances[input];
    switch (which) {
    case 0: instance_start(instance, false); break;
    case 1: step_callback(script, instance); break;
    case 2: step_pressure(instance, true); break;
    case 3: step_pressure(instance, false); break;
    case 4: atomic_store(&instance->ring.refuse, number(script, word())); break;
    case 5: step_exit(script, input); break;
    case 6: step_expect(script, input); break;
    }
}

static void step(struct script *script, const char *name) {
    if (strcmp(name, "init") == 0)
        step_init(script);
    else if (strcmp(name, "reload") == 0)
        step_reload(script);
    else if (strcmp(name, "sleep") == 0)
        script->stopped = wait_signal(number(script, word())) != 0;
    else if (strcmp(name, "memory") == 0)
        step_memory();
    else if (strcmp(name, "await") == 0)
        step_await(script);
    else
        input_step(script, name);
    const char *rest = word();
    if (rest != NULL)
        die(EXIT_USAGE, "[script] line %d: '%s' is too much", script->line, rest);
}

void script_run(struct host *host, const char *path) {
    struct script script = {.host = host};
    char *line = NULL;
    size_t capacity = 0;
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (file == NULL)
        die(EXIT_USAGE, "[script] open %s: %s", path, strerror(errno));
    while (exit_code() == EXIT_OK && !script.stopped && getline(&line, &capacity, file) >= 0) {
        script.line++;
        char *name = strtok(line, " \t\r\n");
        if (name != NULL && name[0] != '#')
            step(&script, name);
        script.stopped = script.stopped || wait_signal(0) != 0;
    }
    free(line);
    if (file != stdin)
        fclose(file);
}
