/* Finds out which release of Fluent Bit this is. One before 4.2.3 gets a log line, and no input. */
#define _GNU_SOURCE
#include "fluentbit.h"

#include <link.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "_cgo_export.h"

#define OLDEST "4.2.3"

/* Written by FLBPluginRegister and read by FLBPluginInit, both on the thread that starts all
 * inputs. */
static int too_old;
static unsigned major, minor, patch; /* 0.0.0 while they are not known */

/* Fluent Bit has no function that tells its release. It stands behind this text, which the NATS
 * output sends, unless Fluent Bit was built without that output. Only old releases matter here, so
 * the text cannot change any more. */
static const char greeting[] = "\"name\":\"fluent-bit\",\"lang\":\"c\",\"version\":\"";

/* Looks for the release in the read-only data of the program, which is the first object in the
 * list. */
static int look(struct dl_phdr_info *program, size_t size, void *unused)
{
    int n;

    (void) size;
    (void) unused;
    for (n = 0; n < program->dlpi_phnum; n++) {
        const ElfW(Phdr) *part = &program->dlpi_phdr[n];
        const char *text;

        if (part->p_type != PT_LOAD || (part->p_flags & (PF_R | PF_W)) != PF_R) {
            continue;
        }
        text = memmem((const void *) (program->dlpi_addr + part->p_vaddr), part->p_filesz, greeting, sizeof(greeting) - 1);
        if (text != NULL && sscanf(text + sizeof(greeting) - 1, "%u.%u.%u", &major, &minor, &patch) == 3) {
            break;
        }
    }
    return 1;
}

static int text_is_old(void)
{
    return major < 4 || (major == 4 && (minor < 2 || (minor == 2 && patch < 3)));
}

/* Hosts before 4.2.3 allocate 32 bytes for the definition: a write behind them would hit foreign
 * memory. jemalloc, which the official builds use, has different sizes for 32 and 40 bytes. The C
 * library's malloc rounds both up to 40: then nothing can be overwritten, and the text decides. */
static int is_old(struct host_definition *def)
{
    size_t room = malloc_usable_size(def);
    void *other = malloc(offsetof(struct host_definition, event_type));
    size_t smaller = malloc_usable_size(other);

    free(other);
    if (room >= sizeof(*def) && room > smaller) {
        return 0;
    }
    dl_iterate_phdr(look, NULL);
    return room < sizeof(*def) || (major > 0 && text_is_old());
}

/* Lets an old host go on to FLBPluginInit, where a line can be written to its log. A refusal here
 * would make it free the definition twice. */
__attribute__((visibility("default"))) int FLBPluginRegister(struct host_definition *def)
{
    sigset_t before;
    int code;

    signals_loaded();
    too_old = is_old(def);
    if (!too_old) {
        signals_enter(&before);
        code = confluenceRegister(def);
        signals_leave(&before);
        return code;
    }
    def->type = 1;   /* an input */
    def->proxy = 11; /* in Go */
    def->flags = 0;
    def->name = strdup("confluence");
    def->description = strdup("Confluence audit log: needs Fluent Bit " OLDEST " or later");
    return 0;
}

void release_check(struct host_plugin *p)
{
    char release[64] = "this Fluent Bit";
    char line[256];

    if (!too_old) {
        return;
    }
    if (major > 0) {
        snprintf(release, sizeof(release), "Fluent Bit %u.%u.%u", major, minor, patch);
    }
    snprintf(line, sizeof(line), "[input:confluence] %s is too old for this input, which needs " OLDEST " or later: upgrade Fluent Bit", release);
    host_refuse(p, line);
}
