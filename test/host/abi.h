/*
 * The binary interface between Fluent Bit and a Go input plugin, as it is in each release line.
 *
 * This interface has no version: members were appended to the definition, and a plugin must find
 * out itself how many there are. The layouts are those of include/fluent-bit/flb_plugin_proxy.h,
 * include/fluent-bit/flb_api.h and src/proxy/go/go.h at the tags named below.
 */
#ifndef HOST_ABI_H
#define HOST_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct instance;

enum { PROXY_INPUT_PLUGIN = 1, PROXY_GOLANG = 11 };

/* struct flb_plugin_proxy_def. Only the first abi.def_size bytes are there. */
struct plugin_def {
    int type;
    int proxy;
    int flags;
    char *name;
    char *description;
    int event_type;   /* since 4.2.3 and 5.0.0 */
    void *config_map; /* since 5.1.1 */
};

/* struct flb_plugin_input_proxy_context. The plugin may set remote_context and gets it back at each
 * callback. */
struct context {
    int coll_fd;
    void *remote_context;
    void *proxy;
};

/* struct flbgo_input_plugin, the argument of FLBPluginInit: one for each loaded plugin, not one for
 * each instance. */
struct go_plugin {
    char *name;
    struct api *api;
    struct instance *instance; /* the argument of the api functions */
    struct context *context;
};

/* struct flb_api */
struct api {
    const char *(*output_get_property)(const char *, void *);
    const char *(*input_get_property)(const char *, struct instance *);
    void *(*output_get_cmt_instance)(void *);
    void *(*input_get_cmt_instance)(struct instance *);
    void (*log_print)(int, const char *, int, const char *, ...);
    int (*input_log_check)(struct instance *, int);
    int (*output_log_check)(void *, int);
    const char *(*custom_get_property)(const char *, void *);
    int (*custom_log_check)(void *, int);
};

struct abi {
    const char *version;
    size_t def_size;
};

/* Returns NULL for a version that is not in the table. */
const struct abi *abi_find(const char *version);
extern const char abi_versions[];
extern const char nats_greeting[];

#endif
