/* Loading and registration, in the order of src/flb_plugin_proxy.c. Everything here runs on the main thread. */
#include "host.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { CANARY = 0xC5, UNINITIALISED = 0xA5 };

/*
 * The definition has exactly the size it has in that Fluent Bit. malloc rounds up; the bytes in between are the canary. A write that
 * goes even further hits the header of the next block, which the C library reports itself.
 */
static struct plugin_def *def_create(const struct abi *abi) {
    struct plugin_def *def = malloc(abi->def_size);
    if (def == NULL)
        die(EXIT_LOAD, "[testhost] out of memory");
    memset(def, abi->def_zeroed ? 0 : UNINITIALISED, abi->def_size);
    memset((char *)def + abi->def_size, CANARY, malloc_usable_size(def) - abi->def_size);
    def->type = 0; /* what kind of plugin it is, the plugin says */
    return def;
}

static void def_check(const struct abi *abi, struct plugin_def *def) {
    const unsigned char *bytes = (const unsigned char *)def;
    for (size_t i = abi->def_size; i < malloc_usable_size(def); i++)
        if (bytes[i] != CANARY)
            die(EXIT_ABI, "[testhost] the plugin wrote %zu bytes into a definition of %zu bytes (Fluent Bit %s)", i + 1,
                abi->def_size, abi->version);
}

/* dlsym gives an object pointer; the assignment through void ** is the one POSIX blesses. */
static void resolve(struct plugin *plugin, const char *name, void *pointer) {
    *(void **)pointer = dlsym(plugin->handle, name);
}

static void resolve_all(struct plugin *plugin) {
    resolve(plugin, "FLBPluginInit", &plugin->init);
    resolve(plugin, "FLBPluginInputCallback", &plugin->callback);
    resolve(plugin, "FLBPluginInputCleanupCallback", &plugin->cleanup);
    resolve(plugin, "FLBPluginExit", &plugin->exit);
    resolve(plugin, "FLBPluginUnregister", &plugin->unregister);
    if (plugin->abi->callback_ctx) {
        resolve(plugin, "FLBPluginInputCallbackCtx", &plugin->callback_ctx);
        resolve(plugin, "FLBPluginInputCleanupCallbackCtx", &plugin->cleanup_ctx);
    }
    if (plugin->abi->hooks) {
        resolve(plugin, "FLBPluginInputPreRun", &plugin->pre_run);
        resolve(plugin, "FLBPluginInputPause", &plugin->pause);
        resolve(plugin, "FLBPluginInputResume", &plugin->resume);
        resolve(plugin, "FLBPluginInputPreExit", &plugin->pre_exit);
    }
}

static void check(const struct plugin *plugin, const char *path) {
    const struct plugin_def *def = plugin->def;
    if (def->proxy != PROXY_GOLANG || def->type != PROXY_INPUT_PLUGIN || def->name == NULL)
        die(EXIT_LOAD, "[proxy] %s registered as type %d of proxy %d: not a Go input", path, def->type, def->proxy);
    if (plugin->init == NULL)
        die(EXIT_LOAD, "[go proxy]: could not load FLBPluginInit symbol");
    if (plugin->callback == NULL && plugin->callback_ctx == NULL)
        die(EXIT_LOAD, "[proxy] %s has no callback for Fluent Bit %s, which would crash at the first tick", path,
            plugin->abi->version);
}

struct plugin *plugin_load(const char *path, const struct abi *abi, bool hot_reloading) {
    struct plugin *plugin = allocate(sizeof *plugin);
    int (*pre_register)(int) = NULL;
    int (*register_plugin)(struct plugin_def *) = NULL;

    plugin->abi = abi;
    /* A name without a slash is a file of this folder here, not something to look for on the library path. */
    char *file = allocate(strlen(path) + 3);
    sprintf(file, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    plugin->handle = dlopen(file, RTLD_LAZY);
    free(file);
    if (plugin->handle == NULL)
        die(EXIT_LOAD, "[proxy] error opening plugin %s: '%s'", path, dlerror());
    plugin->api = api_create(abi);
    plugin->def = def_create(abi);

    if (abi->hooks)
        resolve(plugin, "FLBPluginPreRegister", &pre_register);
    if (pre_register != NULL && pre_register(hot_reloading) == -1)
        die(EXIT_LOAD, "[proxy] %s: FLBPluginPreRegister refused", path);
    resolve(plugin, "FLBPluginRegister", &register_plugin);
    if (register_plugin == NULL)
        die(EXIT_LOAD, "[proxy] %s does not export FLBPluginRegister", path);
    if (register_plugin(plugin->def) == -1)
        die(EXIT_LOAD, "[proxy] %s: FLBPluginRegister refused", path);
    def_check(abi, plugin->def);
    resolve_all(plugin);
    check(plugin, path);

    plugin->go = (struct go_plugin){.name = strdup(plugin->def->name), .api = plugin->api};
    return plugin;
}

void plugin_unload(struct plugin *plugin) {
    def_check(plugin->abi, plugin->def);
    if (plugin->unregister != NULL)
        plugin->unregister(plugin->def);
    free(plugin->go.name);
    free(plugin->def);
    free(plugin->api);
    dlclose(plugin->handle);
    free(plugin);
}
