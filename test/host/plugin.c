/* Loading and registration, in the order of src/flb_plugin_proxy.c. Everything here runs on the
 * main thread. */
#include "host.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The last definition. It ends just before a page that cannot be accessed. */
static struct plugin_def *last_def;
static size_t last_def_size;

static struct plugin_def *def_create(const struct abi *abi) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0)
        die(EXIT_LOAD, "[testhost] out of memory");
    last_def_size = abi->def_size;
    return last_def = (struct plugin_def *)(pages + page - abi->def_size);
}

static void def_free(struct plugin_def *def, const struct abi *abi) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    munmap((char *)def + abi->def_size - page, 2 * page);
}

/* Plugins find this function by its name. It returns the true size of the definition, as jemalloc
 * does in the builds of Fluent Bit. */
size_t malloc_usable_size(void *block) {
    static size_t (*real)(void *);
    if (block != NULL && block == last_def)
        return last_def_size;
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "malloc_usable_size");
    return real(block);
}

/* dlsym returns an object pointer; POSIX allows this assignment through void **. */
static void resolve(struct plugin *plugin, const char *name, void *pointer) {
    *(void **)pointer = dlsym(plugin->handle, name);
}

static void resolve_all(struct plugin *plugin) {
    resolve(plugin, "FLBPluginInit", &plugin->init);
    resolve(plugin, "FLBPluginInputPreRun", &plugin->pre_run);
    resolve(plugin, "FLBPluginInputCallbackCtx", &plugin->callback);
    resolve(plugin, "FLBPluginInputCleanupCallbackCtx", &plugin->cleanup);
    resolve(plugin, "FLBPluginInputPause", &plugin->pause);
    resolve(plugin, "FLBPluginInputResume", &plugin->resume);
    resolve(plugin, "FLBPluginInputPreExit", &plugin->pre_exit);
    resolve(plugin, "FLBPluginExit", &plugin->exit);
    resolve(plugin, "FLBPluginUnregister", &plugin->unregister);
}

static void check(const struct plugin *plugin, const char *path) {
    const struct plugin_def *def = plugin->def;
    if (def->proxy != PROXY_GOLANG || def->type != PROXY_INPUT_PLUGIN || def->name == NULL)
        die(EXIT_LOAD, "[proxy] %s registered as type %d of proxy %d: not a Go input", path, def->type, def->proxy);
    if (plugin->init == NULL)
        die(EXIT_LOAD, "[go proxy]: could not load FLBPluginInit symbol");
    if (plugin->callback == NULL)
        die(EXIT_LOAD, "[proxy] %s has no callback for Fluent Bit %s, which would crash at the first tick", path,
            plugin->abi->version);
}

struct plugin *plugin_load(const char *path, const struct abi *abi, bool hot_reloading) {
    struct plugin *plugin = allocate(sizeof *plugin);
    int (*pre_register)(int) = NULL;
    int (*register_plugin)(struct plugin_def *) = NULL;

    plugin->abi = abi;
    /* A name without a slash is a file in the current folder. dlopen would search the library
     * path. */
    char *file = allocate(strlen(path) + 3);
    sprintf(file, "%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    plugin->handle = dlopen(file, RTLD_LAZY);
    free(file);
    if (plugin->handle == NULL)
        die(EXIT_LOAD, "[proxy] error opening plugin %s: '%s'", path, dlerror());
    plugin->api = api_create();
    plugin->def = def_create(abi);

    resolve(plugin, "FLBPluginPreRegister", &pre_register);
    if (pre_register != NULL && pre_register(hot_reloading) == -1)
        die(EXIT_LOAD, "[proxy] %s: FLBPluginPreRegister refused", path);
    resolve(plugin, "FLBPluginRegister", &register_plugin);
    if (register_plugin == NULL)
        die(EXIT_LOAD, "[proxy] %s does not export FLBPluginRegister", path);
    if (register_plugin(plugin->def) == -1)
        die(EXIT_LOAD, "[proxy] %s: FLBPluginRegister refused", path);
    resolve_all(plugin);
    check(plugin, path);

    plugin->go = (struct go_plugin){.name = strdup(plugin->def->name), .api = plugin->api};
    return plugin;
}

void plugin_unload(struct plugin *plugin) {
    if (plugin->unregister != NULL)
        plugin->unregister(plugin->def);
    free(plugin->go.name);
    def_free(plugin->def, plugin->abi);
    free(plugin->api);
    dlclose(plugin->handle);
    free(plugin);
}
