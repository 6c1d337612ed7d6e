/* The release lines of Fluent Bit that differ, and the functions it offers to a plugin. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(struct plugin_def, name) == 16 && offsetof(struct plugin_def, event_type) == 32, "definition layout");
_Static_assert(sizeof(struct plugin_def) == 48, "definition size of 5.1.1");
_Static_assert(offsetof(struct context, remote_context) == 8 && sizeof(struct context) == 24, "context layout");
_Static_assert(offsetof(struct api, log_print) == 32 && sizeof(struct api) == 72, "api layout");

/* "4.1" stands for 4.1.0 to 4.2.2, whose definition ends before event_type. */
static const struct abi versions[] = {
    {"5.1", sizeof(struct plugin_def)},
    {"4.2", offsetof(struct plugin_def, config_map)},
    {"4.1", offsetof(struct plugin_def, event_type)},
};
const char abi_versions[] = "5.1, 4.2, 4.1";

/* The text in which Fluent Bit has its release. A plugin can find the release nowhere else. 0.0.0
 * means not known. */
const char nats_greeting[] = "CONNECT {\"name\":\"fluent-bit\",\"lang\":\"c\",\"version\":\"000.000.000\"}\r\n";

const struct abi *abi_find(const char *version) {
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (strcmp(versions[i].version, version) == 0)
            return &versions[i];
    return NULL;
}

static const char *output_get_property(const char *key, void *output) {
    (void)key, (void)output;
    return NULL;
}

static void *output_get_cmt_instance(void *output) {
    (void)output;
    return NULL;
}

/* There are no metrics, as in a Fluent Bit built without them. */
static void *input_get_cmt_instance(struct instance *instance) {
    (void)instance;
    return NULL;
}

static int input_log_check(struct instance *instance, int level) {
    return instance->settings.log_level >= level;
}

static int output_log_check(void *output, int level) {
    (void)output, (void)level;
    return 0;
}

static const char *input_get_property(const char *key, struct instance *instance) {
    return properties_get(&instance->settings.properties, key);
}

struct api *api_create(void) {
    const struct api functions = {
        .output_get_property = output_get_property,
        .input_get_property = input_get_property,
        .output_get_cmt_instance = output_get_cmt_instance,
        .input_get_cmt_instance = input_get_cmt_instance,
        .log_print = log_print,
        .input_log_check = input_log_check,
        .output_log_check = output_log_check,
        .custom_get_property = output_get_property,
        .custom_log_check = output_log_check,
    };
    struct api *api = allocate(sizeof functions);
    memcpy(api, &functions, sizeof functions);
    return api;
}
