/*
 * Prints log events as JSON lines:
 * {"tag":"confluence.0","time":"2026-11-22T18:00:00.123Z","record":{...}}, and "metadata" when
 * there is any.
 *
 * It is stricter than Fluent Bit: strings must be UTF-8, keys must be strings, and numbers must be
 * finite.
 */
#include "host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_DEPTH = 128, EVENT_TIME = 0, GROUP_MARKERS = 0xfffffffeu };

struct reader {
    const uint8_t *at, *end;
    const char *error;
};

static bool wrong(struct reader *reader, const char *error) {
    if (reader->error == NULL)
        reader->error = error;
    return false;
}

static const uint8_t *take(struct reader *reader, size_t size) {
    if ((size_t)(reader->end - reader->at) < size) {
        wrong(reader, "ends in the middle of a value");
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += size;
    return bytes;
}

static bool take_number(struct reader *reader, int width, uint64_t *number) {
    const uint8_t *bytes = take(reader, (size_t)width);
    *number = 0;
    for (int i = 0; bytes != NULL && i < width; i++)
        *number = *number << 8 | bytes[i];
    return bytes != NULL;
}

/* The length of the UTF-8 sequence at the start of text, 0 when there is none (RFC 3629: no
 * surrogates, no long forms). */
static size_t rune(const uint8_t *text, size_t size) {
    uint8_t first = text[0], low = 0x80, high = 0xbf;
    size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length > size)
        return 0;
    switch (first) {
    case 0xe0: low = 0xa0; break;
    case 0xed: high = 0x9f; break;
    case 0xf0: low = 0x90; break;
    case 0xf4: high = 0x8f; break;
    }
    for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
        if (text[i] < low || text[i] > high)
            return 0;
    return length;
}

static bool print_string(struct reader *reader, FILE *out, size_t size) {
    const uint8_t *text = take(reader, size);
    if (text == NULL)
        return false;
    putc('"', out);
    for (size_t length; size > 0; text += length, size -= length) {
        if ((length = rune(text, size)) == 0)
            return wrong(reader, "has a string that is not UTF-8");
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if (*text < 0x20)
            fprintf(out, "\\u%04x", *text);
        else
            fwrite(text, 1, length, out);
    }
    putc('"', out);
    return true;
}

static bool print_hex(struct reader *reader, FILE *out, size_t size) {
    const uint8_t *bytes = take(reader, size);
    putc('"', out);
    for (size_t i = 0; bytes != NULL && i < size; i++)
        fprintf(out, "%02x", bytes[i]);
    putc('"', out);
    return bytes != NULL;
}

static bool print_float(struct reader *reader, FILE *out, double number) {
    char text[32];
    if (!isfinite(number))
        return wrong(reader, "has a number that is not finite");
    snprintf(text, sizeof text, "%.15g", number);
    if (strtod(text, NULL) != number)
        snprintf(text, sizeof text, "%.17g", number);
    fputs(text, out);
    return true;
}

/* Seconds and nanoseconds since 1970, each four bytes. */
static bool print_event_time(struct reader *reader, FILE *out) {
    uint64_t seconds, nanoseconds;
    if (!take_number(reader, 4, &seconds) || !take_number(reader, 4, &nanoseconds))
        return false;
    if (nanoseconds >= 1000000000)
        return wrong(reader, "has a time with more than 999,999,999 nanoseconds");
    if (seconds >= GROUP_MARKERS)
        return wrong(reader, "has a time that Fluent Bit takes for the mark of a group");
    char text[32];
    struct tm utc;
    time_t since_1970 = (time_t)seconds;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&since_1970, &utc));
    fprintf(out, "\"%s", text);
    if (nanoseconds % 1000000 != 0)
        fprintf(out, ".%09u", (unsigned)nanoseconds);
    else if (nanoseconds != 0)
        fprintf(out, ".%03u", (unsigned)(nanoseconds / 1000000));
    fputs("Z\"", out);
    return true;
}

static bool print_ext(struct reader *reader, FILE *out, size_t size) {
    uint64_t type;
    if (!take_number(reader, 1, &type))
        return false;
    if (type == EVENT_TIME && size == 8)
        return print_event_time(reader, out);
    fprintf(out, "{\"ext\":%d,\"data\":", (int8_t)type);
    bool ok = print_hex(reader, out, size);
    putc('}', out);
    return ok;
}

static bool print_value(struct reader *reader, FILE *out, int depth);

static bool print_array(struct reader *reader, FILE *out, size_t count, int depth) {
    putc('[', out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc(',', out);
        if (!print_value(reader, out, depth + 1))
            return false;
    }
    putc(']', out);
    return true;
}

static bool is_string(uint8_t type) {
    return (type & 0xe0) == 0xa0 || (type >= 0xd9 && type <= 0xdb);
}

static bool print_map(struct reader *reader, FILE *out, size_t count, int depth) {
    putc('{', out);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc(',', out);
        if (reader->at < reader->end && !is_string(*reader->at))
            return wrong(reader, "has a map key that is not a string");
        if (!print_value(reader, out, depth + 1))
            return false;
        putc(':', out);
        if (!print_value(reader, out, depth + 1))
            return false;
    }
    putc('}', out);
    return true;
}

/* Values whose length or number follows in width bytes. */
static bool print_sized(struct reader *reader, FILE *out, uint8_t type, int depth) {
    static const uint8_t widths[] = {1, 2, 4};
    uint64_t size;
    bool long_only = type >= 0xdc; /* arrays and maps have no one-byte form */
    int width = long_only ? (type & 1 ? 4 : 2) : widths[type >= 0xd9 ? type - 0xd9 : (type - 0xc4) % 3];
    if (!take_number(reader, width, &size))
        return false;
    if (type <= 0xc6)
        return print_hex(reader, out, size);
    if (type <= 0xc9)
        return print_ext(reader, out, size);
    if (type <= 0xdb)
        return print_string(reader, out, size);
    return type <= 0xdd ? print_array(reader, out, size, depth) : print_map(reader, out, size, depth);
}

static bool print_number(struct reader *reader, FILE *out, uint8_t type) {
    uint64_t bits;
    int width = type == 0xca ? 4 : type == 0xcb ? 8 : 1 << (type & 3);
    if (!take_number(reader, width, &bits))
        return false;
    if (type == 0xca) {
        uint32_t narrow = (uint32_t)bits;
        float number;
        memcpy(&number, &narrow, sizeof number);
        return print_float(reader, out, number);
    }
    if (type == 0xcb) {
        double number;
        memcpy(&number, &bits, sizeof number);
        return print_float(reader, out, number);
    }
    if (type <= 0xcf) {
        fprintf(out, "%llu", (unsigned long long)bits);
        return true;
    }
    int unused = 64 - 8 * width; /* moves the sign to where a 64 bit number has it, and back */
    fprintf(out, "%lld", (long long)(bits << unused) >> unused);
    return true;
}

static bool print_value(struct reader *reader, FILE *out, int depth) {
    const uint8_t *first = take(reader, 1);
    if (first == NULL)
        return false;
    if (depth > MAX_DEPTH)
        return wrong(reader, "is nested too deeply");
    uint8_t type = *first;
    if (type <= 0x7f || type >= 0xe0)
        return fprintf(out, "%d", (int8_t)type) > 0;
    if (type <= 0x8f)
        return print_map(reader, out, type & 0x0f, depth);
    if (type <= 0x9f)
        return print_array(reader, out, type & 0x0f, depth);
    if (type <= 0xbf)
        return print_string(reader, out, type & 0x1f);
    switch (type) {
    case 0xc0: return fputs("null", out) >= 0;
    case 0xc1: return wrong(reader, "has the byte c1, which msgpack does not use");
    case 0xc2: return fputs("false", out) >= 0;
    case 0xc3: return fputs("true", out) >= 0;
    }
    if (type >= 0xca && type <= 0xd3)
        return print_number(reader, out, type);
    if (type >= 0xd4 && type <= 0xd8)
        return print_ext(reader, out, (size_t)1 << (type - 0xd4));
    return print_sized(reader, out, type, depth);
}

static bool next_is_map(struct reader *reader) {
    if (reader->at == reader->end)
        return wrong(reader, "ends in the middle of an event");
    uint8_t type = *reader->at;
    return (type & 0xf0) == 0x80 || type == 0xde || type == 0xdf || wrong(reader, "has an event whose body or metadata is no map");
}

/* Times must be EventTime. Fluent Bit reads plain numbers too, but without milliseconds. */
static bool print_time(struct reader *reader, FILE *out) {
    uint8_t type = reader->at < reader->end ? *reader->at : 0;
    bool fixext8 = type == 0xd7 && reader->end - reader->at > 1 && reader->at[1] == EVENT_TIME;
    if (!fixext8)
        return wrong(reader, "has an event without an EventTime");
    return print_value(reader, out, 0);
}

static bool print_event(struct reader *reader, FILE *out, const char *tag) {
    const uint8_t *head = take(reader, 1);
    if (head == NULL || *head != 0x92)
        return wrong(reader, "has an event that is not an array of two");
    struct reader name = {.at = (const uint8_t *)tag, .end = (const uint8_t *)tag + strlen(tag)};
    fputs("{\"tag\":", out);
    if (!print_string(&name, out, strlen(tag)))
        return wrong(reader, "has a tag that is not UTF-8");
    fputs(",\"time\":", out);
    if (reader->at < reader->end && *reader->at == 0x92) { /* [[time, metadata], body] */
        take(reader, 1);
        if (!print_time(reader, out) || !next_is_map(reader))
            return false;
        if (*reader->at == 0x80)
            take(reader, 1);
        else {
            fputs(",\"metadata\":", out);
            if (!print_value(reader, out, 0))
                return false;
        }
    } else if (!print_time(reader, out))
        return false;
    fputs(",\"record\":", out);
    if (!next_is_map(reader) || !print_value(reader, out, 0))
        return false;
    fputs("}\n", out);
    return true;
}

const char *records_print(FILE *out, const char *tag, const void *data, size_t size, long *records, size_t *offset) {
    struct reader reader = {.at = data, .end = (const uint8_t *)data + size};
    char *lines = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&lines, &length); /* so that no part of a line is printed */
    size_t whole = 0;
    *records = 0;
    while (reader.at < reader.end && print_event(&reader, memory, tag)) {
        fflush(memory);
        whole = length;
        ++*records;
    }
    *offset = (size_t)(reader.at - (const uint8_t *)data);
    fclose(memory);
    if (out != NULL)
        fwrite(lines, 1, whole, out);
    free(lines);
    return reader.error;
}
