/* The callbacks of the host that do nothing in C but enter Go. */
#define _GNU_SOURCE
#include "fluentbit.h"

#include "_cgo_export.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void FLBPluginUnregister(void *definition)
{
    sigset_t before;

    signals_enter(&before);
    confluenceUnregister(definition);
    signals_leave(&before);
}

EXPORTED void FLBPluginInputPause(void)
{
    sigset_t before;

    signals_enter(&before);
    confluencePause();
    signals_leave(&before);
}

EXPORTED void FLBPluginInputResume(void)
{
    sigset_t before;

    signals_enter(&before);
    confluenceResume();
    signals_leave(&before);
}

EXPORTED void FLBPluginInputPreExit(int by_hot_reload)
{
    sigset_t before;

    (void) by_hot_reload;
    signals_enter(&before);
    confluencePreExit();
    signals_leave(&before);
}

EXPORTED int FLBPluginExit(void)
{
    sigset_t before;
    int code;

    signals_enter(&before);
    code = confluenceExit();
    signals_leave(&before);
    return code;
}
