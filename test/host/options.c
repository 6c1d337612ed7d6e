/* The command line: the options of Fluent Bit for one Go input, and some for tests. */
#include "host.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: testhost -e PLUGIN.so -i NAME [-p KEY=VALUE]... [-i NAME ...] [options]\n"
    "       testhost -e PLUGIN.so -c fluent-bit.conf [options]\n"
    "       testhost -e PLUGIN.so --script FILE [options]\n"
    "\n"
    "Drives a Go input plugin as Fluent Bit does and prints its records, one JSON line each.\n"
    "SIGTERM and SIGINT stop it, SIGHUP reads the configuration again (hot reload).\n"
    "\n"
    "  -e FILE            the plugin\n"
    "  -i NAME            an input; may be given again\n"
    "  -p KEY=VALUE       a property of the last input\n"
    "  -c FILE            inputs and log_level of a classic configuration file\n"
    "  -v, -vv, -q        log level debug, trace, error\n"
    "  --log-level LEVEL  off, error, warn, info (default), debug, trace\n"
    "  --seconds N        stop after N seconds\n"
    "  --callbacks N      stop when every input was called N times\n"
    "  --abi VERSION      the Fluent Bit to be: 5.1 (default), 4.2 (4.2.3 to 5.1.0), 4.1 (before 4.2.3)\n"
    "  --tick MS          time between callbacks, 1000\n"
    "  --drain MS         time between two looks at what was handed over, a quarter of the tick\n"
    "  --refuse N         drop the first N appends of each input, after 1.0 s each\n"
    "  --pause-at [I:]MS  back pressure pauses input I (0) then; may be given again\n"
    "  --resume-at [I:]MS and ends then\n"
    "  --script FILE      steps instead of time; - is standard input\n"
    "\n"
    "exit: 0 well, 1 usage, 2 plugin not loaded, 3 Init failed, 4 malformed buffer, 5 interface broken,\n"
    "      6 `expect` not met\n";

enum { SECONDS = 256, CALLBACKS, ABI, TICK, DRAIN, REFUSE, PAUSE_AT, RESUME_AT, SCRIPT, LEVEL };

static const struct option long_options[] = {
    {"seconds", required_argument, NULL, SECONDS},   {"callbacks", required_argument, NULL, CALLBACKS},
    {"abi", required_argument, NULL, ABI},           {"tick", required_argument, NULL, TICK},
    {"drain", required_argument, NULL, DRAIN},       {"refuse", required_argument, NULL, REFUSE},
    {"pause-at", required_argument, NULL, PAUSE_AT}, {"resume-at", required_argument, NULL, RESUME_AT},
    {"script", required_argument, NULL, SCRIPT},     {"log-level", required_argument, NULL, LEVEL},
    {"help", no_argument, NULL, 'h'},                {NULL, 0, NULL, 0},
};

static long number(const char *what, const char *text, long least) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least)
        die(EXIT_USAGE, "[testhost] %s: '%s' is not a whole number of at least %ld", what, text, least);
    return value;
}

static void add_property(struct input *input, char *pair) {
    char *equals = strchr(pair, '=');
    if (input == NULL)
        die(EXIT_USAGE, "[testhost] -p %s: give -i first", pair);
    if (equals == NULL)
        die(EXIT_USAGE, "[testhost] -p %s: want key=value", pair);
    char *key = strndup(pair, (size_t)(equals - pair));
    const char *mistake = input_set(input, key, equals + 1);
    if (mistake != NULL)
        die(EXIT_USAGE, "[testhost] property '%s': %s", key, mistake);
    free(key);
}

static void add_pause(struct options *options, const char *text, bool resume) {
    const char *colon = strchr(text, ':');
    char *instance = colon == NULL ? copy_string("0") : strndup(text, (size_t)(colon - text));
    if (options->pause_count == MAX_PAUSES)
        die(EXIT_USAGE, "[testhost] more than %d pauses and resumes", MAX_PAUSES);
    options->pauses[options->pause_count++] = (struct pause_plan){
        .instance = (size_t)number("--pause-at", instance, 0),
        .at_ms = number("--pause-at", colon == NULL ? text : colon + 1, 0),
        .resume = resume,
    };
    free(instance);
}

static int by_time(const void *a, const void *b) {
    const struct pause_plan *left = a, *right = b;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

struct input *options_add_input(struct options *options, const char *name) {
    if (options->input_count == MAX_INPUTS)
        die(EXIT_USAGE, "[testhost] more than %d inputs", MAX_INPUTS);
    struct input *input = allocate(sizeof *input);
    input->name = copy_string(name);
    input->log_level = -1;
    input->threaded = true;
    options->inputs[options->input_count++] = input;
    return input;
}

static void check(struct options *options) {
    if (options->plugin == NULL)
        die(EXIT_USAGE, "[testhost] no plugin: give -e FILE.so");
    if (options->input_count == 0 && options->script == NULL)
        die(EXIT_USAGE, "[testhost] no input: give -i NAME, -c FILE or --script FILE");
    if (options->input_count > 0 && options->script != NULL)
        die(EXIT_USAGE, "[testhost] inputs of a script come from its init steps: leave -i and -c away");
    for (size_t i = 0; i < options->pause_count; i++)
        if (options->pauses[i].instance >= options->input_count)
            die(EXIT_USAGE, "[testhost] --pause-at, --resume-at: there is no input %zu", options->pauses[i].instance);
    qsort(options->pauses, options->pause_count, sizeof options->pauses[0], by_time);
}

void options_parse(struct options *options, int argc, char **argv) {
    struct input *last = NULL;
    int option, level = -1;

    *options = (struct options){.abi = abi_find("5.1"), .tick_ms = 1000};
    log_level = LOG_INFO;
    optind = 0;
    while ((option = getopt_long(argc, argv, "e:i:p:c:vqh", long_options, NULL)) != -1) {
        switch (option) {
        case 'e': options->plugin = optarg; break;
        case 'i': last = options_add_input(options, optarg); break;
        case 'p': add_property(last, optarg); break;
        case 'c': config_file_read(options, optarg); break;
        case 'v': level = level == LOG_DEBUG ? LOG_TRACE : LOG_DEBUG; break;
        case 'q': level = LOG_ERROR; break;
        case LEVEL:
            if ((level = log_level_parse(optarg)) < 0)
                die(EXIT_USAGE, "[testhost] --log-level: no level '%s'", optarg);
            break;
        case SECONDS: options->seconds = number("--seconds", optarg, 1); break;
        case CALLBACKS: options->callbacks = number("--callbacks", optarg, 1); break;
        case TICK: options->tick_ms = number("--tick", optarg, 1); break;
        case DRAIN: options->drain_ms = number("--drain", optarg, 1); break;
        case REFUSE: options->refuse = number("--refuse", optarg, 0); break;
        case PAUSE_AT: add_pause(options, optarg, false); break;
        case RESUME_AT: add_pause(options, optarg, true); break;
        case SCRIPT: options->script = optarg; break;
        case ABI:
            if ((options->abi = abi_find(optarg)) == NULL)
                die(EXIT_USAGE, "[testhost] --abi: no version '%s': one of %s", optarg, abi_versions);
            break;
        case 'h': fputs(usage, stdout); exit(EXIT_OK);
        default: fputs(usage, stderr); exit(EXIT_USAGE);
        }
    }
    if (optind < argc)
        die(EXIT_USAGE, "[testhost] unexpected argument '%s'", argv[optind]);
    if (options->drain_ms == 0)
        options->drain_ms = options->tick_ms < 4 ? 1 : options->tick_ms / 4;
    if (level >= 0) /* the command line wins over the file */
        log_level = level;
    check(options);
}
