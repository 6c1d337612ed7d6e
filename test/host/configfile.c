/* Fluent Bit's classic configuration file, as far as inputs go: [SECTION], indented "key value"
 * lines, comments, @SET. */
#include "host.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum section { NONE, SERVICE, INPUT, OTHER };

/* The state while a section is read. An input is created when its section ends, because its name
 * may come last. */
struct reader {
    struct options *options;
    const char *path;
    int line;
    enum section section;
    char *name;
    struct properties pairs; /* of the section, not yet expanded */
};

static char *trim(char *text) {
    while (isspace((unsigned char)*text))
        text++;
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return text;
}

static void end_section(struct reader *reader) {
    if (reader->section == INPUT) {
        if (reader->name == NULL)
            die(EXIT_USAGE, "[config] %s:%d: section [INPUT] has no name", reader->path, reader->line);
        struct input *input = options_add_input(reader->options, reader->name);
        for (size_t i = 0; i < reader->pairs.count; i++) {
            struct property *pair = &reader->pairs.items[i];
            const char *mistake = input_set(input, pair->key, pair->value);
            if (mistake != NULL)
                die(EXIT_USAGE, "[config] %s: property '%s': %s", reader->path, pair->key, mistake);
            free(pair->key);
            free(pair->value);
        }
    }
    free(reader->pairs.items);
    free(reader->name);
    reader->pairs = (struct properties){0};
    reader->name = NULL;
}

static void begin_section(struct reader *reader, char *line) {
    char *close = strchr(line, ']');
    if (close == NULL || close[1] != '\0')
        die(EXIT_USAGE, "[config] %s:%d: want [SECTION]", reader->path, reader->line);
    *close = '\0';
    const char *name = trim(line + 1);
    reader->section = strcasecmp(name, "INPUT") == 0 ? INPUT : strcasecmp(name, "SERVICE") == 0 ? SERVICE : OTHER;
}

/* "@SET NAME=value" sets a variable for ${NAME}. */
static void command(struct reader *reader, char *line) {
    char *equals = strchr(line, '=');
    if (strncasecmp(line, "@SET ", 5) != 0 || equals == NULL)
        die(EXIT_USAGE, "[config] %s:%d: of the @ commands only @SET NAME=value is known here", reader->path, reader->line);
    *equals = '\0';
    setenv(trim(line + 5), trim(equals + 1), 1);
}

static void pair(struct reader *reader, char *line) {
    char *value = line;
    while (*value != '\0' && !isspace((unsigned char)*value))
        value++;
    if (*value != '\0')
        *value++ = '\0';
    value = trim(value);

    if (reader->section == NONE)
        die(EXIT_USAGE, "[config] %s:%d: '%s' is in no section", reader->path, reader->line, line);
    if (reader->section == SERVICE && strcasecmp(line, "log_level") == 0 && (log_level = log_level_parse(value)) < 0)
        die(EXIT_USAGE, "[config] %s:%d: no log level '%s'", reader->path, reader->line, value);
    if (reader->section != INPUT)
        return;
    if (strcasecmp(line, "name") == 0) {
        free(reader->name);
        reader->name = copy_string(value);
        return;
    }
    struct properties *pairs = &reader->pairs;
    pairs->items = realloc(pairs->items, (pairs->count + 1) * sizeof *pairs->items);
    if (pairs->items == NULL)
        die(EXIT_USAGE, "[testhost] out of memory");
    pairs->items[pairs->count++] = (struct property){copy_string(line), copy_string(value)};
}

void config_file_read(struct options *options, const char *path) {
    struct reader reader = {.options = options, .path = path};
    char *buffer = NULL;
    size_t capacity = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die(EXIT_USAGE, "[config] open %s: %s", path, strerror(errno));
    while (getline(&buffer, &capacity, file) >= 0) {
        reader.line++;
        char *line = trim(buffer);
        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (line[0] == '[') {
            end_section(&reader);
            begin_section(&reader, line);
        } else if (line[0] == '@')
            command(&reader, line);
        else
            pair(&reader, line);
    }
    end_section(&reader);
    free(buffer);
    fclose(file);
}
