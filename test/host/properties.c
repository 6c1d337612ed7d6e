/* Keys and values of an input, as flb_input_set_property and flb_kv_get_key_value treat them. */
#include "host.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The keys that Fluent Bit reserves, src/flb_input.c at v5.1.1. A trailing '*' stands for any
 * ending. */
static const char *const reserved[] = {
    "tag", "log_level", "log_suppress_interval", "routable", "alias", "mem_buf_limit", "listen", "host", "port", "ipv6", "threaded",
    "tls", "tls.verify*", "tls.debug", "tls.vhost", "tls.ca_path", "tls.ca_file", "tls.crt_file", "tls.key_file", "tls.key_passwd",
    "tls.min_version", "tls.max_version", "tls.ciphers", "storage.type", "storage.pause_on_chunks_overlimit",
    "thread.ring_buffer.capacity", "thread.ring_buffer.window", "rate_window", "rate_gate*",
};

static bool is_reserved(const char *key) {
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        size_t length = strlen(reserved[i]);
        if (reserved[i][length - 1] == '*' ? strncasecmp(key, reserved[i], length - 1) == 0 : strcasecmp(key, reserved[i]) == 0)
            return true;
    }
    return false;
}

/* Writes the value of the variable text[0..length) to out: NAME or NAME:-default. An empty variable
 * takes the default too. */
static void expand_variable(FILE *out, const char *text, size_t length) {
    char *name = strndup(text, length);
    char *fallback = strstr(name, ":-");
    if (fallback != NULL) {
        *fallback = '\0';
        fallback += 2;
    }
    const char *value = getenv(name);
    if (value == NULL || (value[0] == '\0' && fallback != NULL))
        value = fallback;
    if (value == NULL)
        log_host(LOG_WARN, "[env] variable ${%s} is used but not set", name);
    else
        fputs(value, out);
    free(name);
}

/* Returns a new string, or NULL when nothing is left. */
static char *expand(const char *value) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const char *start, *end;
    while ((start = strstr(value, "${")) != NULL && (end = strchr(start, '}')) != NULL) {
        fwrite(value, 1, (size_t)(start - value), out);
        expand_variable(out, start + 2, (size_t)(end - start - 2));
        value = end + 1;
    }
    fputs(value, out);
    fclose(out);
    if (length == 0) {
        free(text);
        return NULL;
    }
    return text;
}

static bool is_off(const char *value) {
    return strcasecmp(value, "off") == 0 || strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0;
}

/* Handles the reserved keys that have a meaning here, and ignores the others. */
static const char *set_reserved(struct input *input, const char *key, const char *value) {
    if (strcasecmp(key, "tls") == 0 && !is_off(value))
        return "this input does not support TLS";
    if (strcasecmp(key, "threaded") == 0)
        input->threaded = !is_off(value);
    else if (strcasecmp(key, "tag") == 0)
        input->tag = copy_string(value);
    else if (strcasecmp(key, "log_level") == 0 && (input->log_level = log_level_parse(value)) < 0)
        return "no such log level";
    return NULL;
}

const char *input_set(struct input *input, const char *key, const char *value) {
    char *expanded = expand(value);
    if (expanded != NULL && is_reserved(key)) {
        const char *mistake = set_reserved(input, key, expanded);
        free(expanded);
        return mistake;
    }
    if (expanded != NULL && strncasecmp(key, "net.", 4) == 0)
        return "Fluent Bit crashes when a Go input has net. keys";
    if (expanded != NULL && strncasecmp(key, "oauth2", 6) == 0)
        return "Fluent Bit keeps keys that begin with oauth2 for itself";

    struct properties *list = &input->properties;
    list->items = realloc(list->items, (list->count + 1) * sizeof *list->items);
    if (list->items == NULL)
        die(EXIT_USAGE, "[testhost] out of memory");
    list->items[list->count++] = (struct property){copy_string(key), expanded};
    return NULL;
}

void input_free(struct input *input) {
    for (size_t i = 0; i < input->properties.count; i++) {
        free(input->properties.items[i].key);
        free(input->properties.items[i].value);
    }
    free(input->properties.items);
    free(input->name);
    free(input->tag);
    free(input);
}

/* The first match wins. Upper and lower case are equal. */
const char *properties_get(const struct properties *properties, const char *key) {
    for (size_t i = 0; i < properties->count; i++)
        if (strcasecmp(properties->items[i].key, key) == 0)
            return properties->items[i].value;
    return NULL;
}
